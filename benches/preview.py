#!/usr/bin/env python3
"""Measures how long it takes from the end of a save to the new bytes over HTTP, beside `hugo server`.

    cargo build --release
    python3 benches/preview.py --posts 100 10000 50000 --hugo PROGRAM

Each engine serves the same posts. A change is written, and the page it belongs to is asked for again and again over one
connection until it shows it. What a browser adds to that is the same for both.
"""

import argparse
import http.client
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import build  # noqa: E402

CHANGES = ["body", "title", "tags", "template", "style"]
LONGEST = 60


class Served:
    """An engine that serves its copy of the site."""

    def __init__(self, maker, site, posts):
        self.maker, self.site, self.posts = maker, site, posts
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = open(site.parent / f"{maker.engine}-{posts}-{maker.broken_links}.log", "wb")
        began = time.perf_counter()
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.connection = None
        while self.connection is None:
            if self.process.poll() is not None or time.perf_counter() - began > 600:
                raise build.Failure(f"{maker.name} does not serve {posts} posts; see {self.log.name}")
            try:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port)
                assert "</html>" in self.get("/")
            except (OSError, AssertionError, http.client.HTTPException):
                self.connection = None
                time.sleep(0.002)
        self.start = time.perf_counter() - began

    def command(self):
        if self.maker.engine == "backmatter":
            return [self.maker.program, "--root", self.site, "serve", "--port", str(self.port)]
        return [self.maker.program, "server", "--source", self.site, "--port", str(self.port),
                "--baseURL", f"http://127.0.0.1:{self.port}/", "--disableFastRender=false", "--renderToMemory"]

    def get(self, path):
        self.connection.request("GET", path)
        return self.connection.getresponse().read().decode("utf-8", "replace")

    def memory(self):
        """Resident now, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        began = time.perf_counter()
        self.process.send_signal(2)
        self.process.wait()
        self.log.close()
        return time.perf_counter() - began


class Edits:
    """The changes, each with a word that was never there before."""

    def __init__(self, maker, site, facts):
        self.engine, self.site = maker.engine, site
        self.post = site / facts["path"]
        self.address = facts["address"]
        self.text = self.post.read_text(encoding="utf-8")
        here = pathlib.Path(__file__).resolve().parent.parent
        templates = {"backmatter": ("templates/post.html", here / "themes/default/templates/post.html"),
                     "hugo": ("layouts/page.html", site / "layouts/page.html")}
        self.template, source = site / templates[self.engine][0], templates[self.engine][1]
        self.template_text = source.read_text(encoding="utf-8")
        self.style = site / "static/style.css"
        # What is changed is there before, as it is with somebody who works on it.
        self.template.parent.mkdir(parents=True, exist_ok=True)
        self.template.write_text(self.template_text, encoding="utf-8")
        self.style.parent.mkdir(parents=True, exist_ok=True)
        self.style.write_text("body { margin: 0 }", encoding="utf-8")

    def write(self, change, word):
        """Returns the address that has to show the word."""
        if change == "style":
            self.style.write_text(f"/* {word} */", encoding="utf-8")
            return "/style.css"
        if change == "template":
            text = re.sub(r"(\{%-? block main -?%\}|\{\{-? define \"main\" -?\}\})", rf"\1{word}", self.template_text)
            self.template.write_text(text, encoding="utf-8")
            return self.address
        text = {
            "body": f"{self.text}\n{word}\n",
            "title": re.sub(r'^title = ".*"$', f'title = "{word}"', self.text, count=1, flags=re.M),
            "tags": re.sub(r"^tags = \[", f'tags = ["{word}", ', self.text, count=1, flags=re.M),
        }[change]
        self.post.write_text(text, encoding="utf-8")
        return self.address


def times(served, edits, change, runs):
    """Milliseconds from the end of the write to the new bytes."""
    samples = []
    for run in range(runs):
        word = f"word{change}{run}x{time.time_ns()}"
        address = edits.write(change, word)
        began = time.perf_counter()
        while word not in served.get(address):
            if time.perf_counter() - began > LONGEST:
                return None
        samples.append((time.perf_counter() - began) * 1000)
        time.sleep(0.2)
    return sorted(samples)


def measured(maker, posts, options, work):
    """The rows of one engine at one size."""
    site = build.Site(maker, work / f"site-{maker.engine}-{posts}-{maker.broken_links}", posts, True)
    edits = Edits(maker, site.folder, site.facts["old"])
    starts = []
    if maker.engine == "backmatter":
        without = Served(maker, site.folder, posts)
        starts.append(("start without a ledger", without.start))
        without.stop()
        subprocess.run([maker.program, "--root", site.folder, "build", "-q"], check=True)
    served = Served(maker, site.folder, posts)
    starts.append(("start" if maker.engine == "hugo" else "start with a ledger", served.start))
    for what, seconds in starts:
        yield [f"{posts:,}", what, maker.name, f"{seconds * 1000:.0f} ms", ""]
    time.sleep(1)
    for change in CHANGES:
        samples = times(served, edits, change, options.runs)
        if samples is None:
            yield [f"{posts:,}", change, maker.name, f"over {LONGEST} s", ""]
            continue
        late = samples[min(len(samples) - 1, int(len(samples) * 0.95))]
        yield [f"{posts:,}", change, maker.name, f"{statistics.median(samples):.1f} ms", f"{late:.1f} ms"]
    yield [f"{posts:,}", "memory", maker.name, f"{served.memory():.0f} MiB", ""]
    yield [f"{posts:,}", "stop", maker.name, f"{served.stop() * 1000:.0f} ms", ""]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--posts", type=int, nargs="+", default=[100, 10000])
    options.add_argument("--runs", type=int, default=20, help="saves of each kind")
    options.add_argument("--backmatter", default=str(build.HERE.parent / "target/release/backmatter"))
    options.add_argument("--broken-links", type=int, nargs="+", default=[0],
                         help="serve sites with so many links that lead nowhere, one of them in the post that is saved")
    options.add_argument("--hugo", default="none", help="the program, or `none`")
    options.add_argument("--hugo-limit", type=int, default=10000, help="the largest site that Hugo is asked to serve")
    options.add_argument("--dir", type=pathlib.Path, default=None)
    options = options.parse_args()
    makers = [build.Backmatter(options.backmatter, count) for count in options.broken_links]
    if options.hugo != "none":
        makers.append(build.Hugo(options.hugo))
    parent = options.dir or next(path for path in (pathlib.Path("/dev/shm"), pathlib.Path(tempfile.gettempdir())) if path.is_dir())
    work = pathlib.Path(tempfile.mkdtemp(prefix="backmatter-preview-", dir=parent))
    try:
        print("| Posts | What | Engine | Median | 95th percentile |\n| ---: | :--- | :--- | ---: | ---: |")
        for posts in options.posts:
            for maker in makers:
                if maker.engine == "hugo" and posts > options.hugo_limit:
                    continue
                for row in measured(maker, posts, options, work):
                    print(f"| {' | '.join(row)} |", flush=True)
    except build.Failure as failure:
        sys.exit(str(failure))
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
