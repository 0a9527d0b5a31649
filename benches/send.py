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
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
import generate  # noqa: E402
from measure import row, run  # noqa: E402

NOW = "2026-11-25T12:00:00Z"
WIDTH = 36


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


def serve(site, host):
    web = http.server.ThreadingHTTPServer((host, 0), functools.partial(Web, site))
    threading.Thread(target=web.serve_forever, daemon=True).start()
    return web, f"http://{host}:{web.server_address[1]}"


def measure(options, site, linked):
    def times(*arguments, expected=0, before=lambda: None):
        samples = []
        for _ in range(options.runs):
            before()
            samples.append(run(options.program, site, *arguments, "--now", NOW, expected=expected))
        return samples

    ledger = site / "linkbacks.sent.toml"
    forget = functools.partial(ledger.unlink, missing_ok=True)
    print("| What                                 |      best |    median |       CPU |     memory |")
    print("| :----------------------------------- | --------: | --------: | --------: | ---------: |")
    said = [row("build, nothing changed", WIDTH, times("build"))]
    said.append(row("first send of an old blog: refused", WIDTH, times("send", expected=1)))
    said.append(row("its rehearsal: every link listed", WIDTH, times("send", "--dry-run")))
    said.append(row("--mark-all-sent", WIDTH, times("send", "--mark-all-sent", before=forget)))
    said.append(row("send, nothing to do", WIDTH, times("send")))
    post = site / "content" / "new.md"
    post.write_text(f'+++\ntitle = "New"\ndate = 2026-11-25\n+++\nI read [it]({linked}/page).\n')
    run(options.program, site, "build", "--now", NOW)
    said.append(row("one new post, --dry-run", WIDTH, times("send", "--dry-run")))
    before = ledger.read_text()
    said.append(row("one new post, told", WIDTH, times("send", before=lambda: ledger.write_text(before))))
    said.append(row("send, nothing to do after that", WIDTH, times("send")))
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
        first = run(options.program, site, "build", "--now", NOW)
        print(f"{options.posts} posts, built in {first[0]:.1f} s\n")
        measure(options, site, linked)
    finally:
        blog.shutdown()
        other.shutdown()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
