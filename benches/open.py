#!/usr/bin/env python3
"""Counts how often a command asks for the stamp of a file (statx, by `strace -c`), and its processor time.

A site is opened once for all that a command does: `linkbacks add` reads, verifies, writes back matter and builds, and asks
hardly more often than a build in which nothing changed. Needs strace, and a blog by generate.py:

    python3 benches/generate.py --posts 10000 /dev/shm/blog
    python3 benches/open.py target/release/backmatter /dev/shm/blog
"""

import http.server
import json
import pathlib
import re
import resource
import subprocess
import sys
import threading

HOST = "127.0.0.1"


def run(command, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def stats(command, folder):
    traced = ["strace", "-f", "-c", "-e", "trace=statx", *command]
    told = subprocess.run(traced, cwd=folder, check=True, capture_output=True, text=True).stderr
    return int(re.search(r"(\d+)(?: +\d+)? statx", told).group(1))


def main():
    program, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    settings = folder / "backmatter.toml"
    if "[network]" not in settings.read_text():
        settings.write_text(settings.read_text() + f'\n[network]\nallow = ["{HOST}"]\n')
    listed = subprocess.run([program, "list", "--json"], cwd=folder, check=True, capture_output=True)
    post = json.loads(listed.stdout)[0]
    base = re.search(r'base_url = "([^"]*)"', settings.read_text()).group(1)
    page = f'<title>A page</title><p>It leads to <a href="{base}{post["url"]}">a post</a>.'.encode()

    class Source(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((HOST, 0), Source)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    build = [program, "build", "--quiet"]
    run(build, folder)
    add = [program, "linkbacks", "add", "--post", post["path"], "--quiet"]
    source = f"http://{HOST}:{server.server_port}"
    for name, measure in [("statx", stats), ("processor time", run)]:
        of_build = measure(build, folder)
        of_add = measure([*add, f"{source}/{name.split()[0]}"], folder)
        print(f"{name}: build {of_build:.6g}, linkbacks add {of_add:.6g}, ratio {of_add / of_build:.2f}")
    server.shutdown()


main()
