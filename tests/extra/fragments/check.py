"""Follows the links that Backmatter makes to quoted passages, in the browsers that are installed.

    check.py BACKMATTER FOLDER [EVERY]

Builds a site that quotes each passage of `passages.py`, opens each link on a page that prints the words as newspapers
do, and looks whether the browser scrolled there. With EVERY, only each so manieth passage is opened. Prints the figures for
each engine, and a line `ok` or `FAIL` for 99 % of what is typical and 92 % of what is hard.
"""

import html
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

from drivers import DRIVERS
from passages import page, passages

TYPICAL, HARD = 0.99, 0.92

# Where the window is, once it no longer moves. The passage may be in several elements.
WHERE = """
const box = document.getElementById("passage").getBoundingClientRect();
return JSON.stringify({ top: box.top, bottom: box.bottom, scrolled: scrollY, height: innerHeight });
"""


def links(backmatter, folder, cases, origin):
    """The address behind the headline of each quote."""
    site = folder / "site"
    shutil.rmtree(site, ignore_errors=True)
    (site / "content").mkdir(parents=True)
    (site / "backmatter.toml").write_text('base_url = "https://blog.example"\ntitle = "Fragments"\n')
    for number, case in enumerate(cases):
        quoted = "\n".join(f"> {line}".rstrip() for line in case.quoted)
        (site / "content" / f"{number}.md").write_text(
            f'+++\ntitle = "{number}"\ndate = 2026-01-01\nslug = "n{number}"\n+++\n'
            f"{quoted}\n>\n> — Jane Doe, [The report]({origin}/{number}), *The Paper*, 2026-01-01 (lang: {case.language})\n"
        )
    subprocess.run([backmatter, "build", "--quiet", "--root", str(site)], check=True, stdin=subprocess.DEVNULL)
    found = []
    for number in range(len(cases)):
        [made] = (site / "public").glob(f"**/n{number}/index.html")
        text = re.sub(r"<script.*?</script>", "", made.read_text(), flags=re.S)
        match = re.search(r'<a class="u-url" href="([^"]*)"', text)
        found.append(html.unescape(match.group(1)) if match else "")
    return found


class Pages(http.server.BaseHTTPRequestHandler):
    """Serves the page of a passage by its number."""

    cases = []

    def do_GET(self):
        number = self.path.strip("/")
        known = number.isdigit() and int(number) < len(self.cases)
        body = page(self.cases[int(number)], int(number)).encode() if known else b""
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def settled(driver):
    """Where the passage is when two looks agree; an engine scrolls a moment after the page is there."""
    before = None
    for _ in range(12):
        now = json.loads(driver.run(WHERE))
        if now == before and now["scrolled"] > 0:
            return now
        before = now
        time.sleep(0.05)
    return before


def is_there(where):
    # All engines put what they find, or the middle of it, into the middle of the window.
    middle = where["height"] / 2
    return where["scrolled"] > 0 and where["top"] - 40 <= middle <= where["bottom"] + 40


def follow(driver, cases, addresses):
    """The numbers of the passages that are not found."""
    missed = []
    for number, _ in cases:
        driver.open("about:blank")
        driver.open(addresses[number])
        if not is_there(settled(driver)):
            missed.append(number)
    return missed


def report(engine, cases, missed, addresses):
    for hard, wanted in ((False, TYPICAL), (True, HARD)):
        these = [number for number, case in cases if case.hard == hard]
        lost = [number for number in these if number in missed]
        share = 1 - len(lost) / len(these)
        kind = "hard" if hard else "typical"
        print(
            f"{'ok  ' if share >= wanted else 'FAIL'} {engine}: {len(these) - len(lost)} of {len(these)} {kind} passages "
            f"scrolled to ({share:.1%}; at least {wanted:.0%})", flush=True
        )
        names = dict(cases)
        for number in lost:
            print(f"     {names[number].name}: {addresses[number].partition('#')[2]}")


def main():
    backmatter, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    every = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    Pages.cases = passages()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    addresses = links(backmatter, folder, Pages.cases, f"http://127.0.0.1:{server.server_port}")
    cases = [(number, case) for number, case in enumerate(Pages.cases) if number % every == 0]
    longest = max(len(address.partition("#")[2]) for address in addresses)
    print(f"     {len(cases)} passages in {len({case.language for _, case in cases})} languages; the longest fragment has {longest} bytes")
    found = {}

    def drive(name, start):
        try:
            with start(folder / name.replace(" ", "-")) as driver:
                found[name] = (driver.version, follow(driver, cases, addresses))
        except Exception as error:  # A browser that does not start is a failed check of its own.
            found[name] = error

    threads = [threading.Thread(target=drive, args=item) for item in DRIVERS.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in DRIVERS:
        if isinstance(found[name], Exception):
            print(f"FAIL {name}: {found[name]!r}")
        else:
            version, missed = found[name]
            report(f"{name} {version}", cases, missed, addresses)


if __name__ == "__main__":
    main()
