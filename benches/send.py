#!/usr/bin/env python3
"""Measures what `backmatter send` costs when nobody, or hardly anybody, is to be told: a blog of many posts.

    cargo build --release
    python3 benches/send.py --posts 10000

The posts are those of `generate.py`, with about three links each. Each run is a whole process. One post is told of in
the end: its blog and the page that it links to are served by this script, over the loopback interface.
"""

import argparse
import functools
import http.server
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
import generate  # noqa: E402

NOW = "2026-11-25T12:00:00Z"


class Web(http.server.BaseHTTPRequestHandler):
    """The blog, and beside it a page that takes webmentions."""

    def __init__(self, site, *arguments):
        self.site = site
        super().__init__(*arguments)

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        page = self.site / "public" / self.path.strip("/") / "index.html"
        if page.is_file():
            self.answer(200, page.read_bytes())
        else:
            self.answer(200, b"<title>t</title><link rel=webmention href=/webmention>")

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(202)

    def log_message(self, *_):
        pass


def run(program, site, *arguments, expected=0):
    """Wall time in seconds, CPU time, the peak resident set in MiB, and what was said."""
    before = time.perf_counter()
    process = subprocess.Popen(
        [program, "--root", site, *arguments, "--now", NOW],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - before
    if os.waitstatus_to_exitcode(status) != expected:
        sys.exit(f"backmatter {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}: {said}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said.strip().splitlines()


def row(name, samples):
    best = min(sample[0] for sample in samples)
    wall = statistics.median(sample[0] for sample in samples)
    cpu = statistics.median(sample[1] for sample in samples)
    memory = max(sample[2] for sample in samples)
    print(f"| {name:36} | {best:7.2f} s | {wall:7.2f} s | {cpu:7.2f} s | {memory:6.0f} MiB |", flush=True)
    return samples[-1][3][-1]


def serve(site, host):
    web = http.server.ThreadingHTTPServer((host, 0), functools.partial(Web, site))
    threading.Thread(target=web.serve_forever, daemon=True).start()
    return web, f"http://{host}:{web.server_address[1]}"


def measure(options, site, linked):
    def times(*arguments, expected=0, before=lambda: None):
        samples = []
        for _ in range(options.runs):
            before()
            samples.append(run(options.program, site, *arguments, expected=expected))
        return samples

    ledger = site / "linkbacks.sent.toml"
    forget = functools.partial(ledger.unlink, missing_ok=True)
    print("| What                                 |      best |    median |       CPU |     memory |")
    print("| :----------------------------------- | --------: | --------: | --------: | ---------: |")
    said = [row("build, nothing changed", times("build"))]
    said.append(row("first send of an old blog: refused", times("send", expected=1)))
    said.append(row("its rehearsal: every link listed", times("send", "--dry-run")))
    said.append(row("--mark-all-sent", times("send", "--mark-all-sent", before=forget)))
    said.append(row("send, nothing to do", times("send")))
    post = site / "content" / "new.md"
    post.write_text(f'+++\ntitle = "New"\ndate = 2026-11-25\n+++\nI read [it]({linked}/page).\n')
    run(options.program, site, "build")
    said.append(row("one new post, --dry-run", times("send", "--dry-run")))
    before = ledger.read_text()
    said.append(row("one new post, told", times("send", before=lambda: ledger.write_text(before))))
    said.append(row("send, nothing to do after that", times("send")))
    print()
    print("\n".join(said))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=10000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--program", default=pathlib.Path(__file__).resolve().parents[1] / "target/release/backmatter")
    options = parser.parse_args()
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="backmatter-send-", dir=place))
    site = folder / "site"
    # The page that is linked is another site's.
    (blog, base), (other, linked) = serve(site, "127.0.0.1"), serve(site, "127.0.0.2")
    try:
        generate.generate(site, options.posts)
        settings = site / "backmatter.toml"
        text = settings.read_text()
        settings.write_text(text.replace('base_url = "https://example.com"', f'base_url = "{base}"')
                            + '\n[network]\nallow = ["127.0.0.0/8:*"]\n')
        first = run(options.program, site, "build")
        print(f"{options.posts} posts, built in {first[0]:.1f} s\n")
        measure(options, site, linked)
    finally:
        blog.shutdown()
        other.shutdown()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
