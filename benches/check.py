#!/usr/bin/env python3
"""A check of many links at many hosts: time, memory, and whether each host was left in peace.

    cargo build --release
    python3 benches/check.py                        # 5,000 links at 200 hosts, a second between two requests to one
    python3 benches/check.py --links 500 --hosts 50 --pause 0.2

The hosts are addresses of the loopback interface. It fails if a host was asked twice at once or without the pause, if an address
was asked twice, or if a second check asks for anything.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn

HERE = Path(__file__).resolve().parent
FILLER = "<p>" + "The ferry goes at seven, and the stairs to the quay are wet. " * 50 + "</p>"


class Hosts:
    """What was asked, by host."""

    def __init__(self):
        self.lock = threading.Lock()
        self.times = collections.defaultdict(list)
        self.paths = collections.Counter()
        self.open = collections.Counter()
        self.doubled = 0


class Handler(BaseHTTPRequestHandler):
    hosts = None

    def do_GET(self):
        host = self.server.server_address[0]
        with self.hosts.lock:
            self.hosts.open[host] += 1
            self.hosts.doubled += self.hosts.open[host] > 1
            self.hosts.times[host].append(time.monotonic())
            self.hosts.paths[host, self.path] += 1
        status = 404 if self.path == "/robots.txt" or "gone" in self.path else 200
        body = f"<!doctype html><title>Page {self.path}</title><h1>Page {self.path}</h1>{FILLER}".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        with self.hosts.lock:
            self.hosts.open[host] -= 1

    def log_message(self, *_):
        pass


class Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    arguments = parse()
    Handler.hosts = Hosts()
    addresses = [f"127.0.{number // 250}.{number % 250 + 2}" for number in range(arguments.hosts)]
    servers = [Server((addresses[0], 0), Handler)]
    port = servers[0].server_port
    servers += [Server((address, port), Handler) for address in addresses[1:]]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="backmatter-check-", dir=arguments.dir) as folder:
        make_site(Path(folder), arguments, addresses, port)
        report, took, memory = check(arguments, folder)
        states = collections.Counter(link["state"] for link in report["external"]["links"])
        print(f"{arguments.links:,} links at {arguments.hosts} hosts, {arguments.pause} s between two requests to one: {took:.1f} s, "
              f"{memory:.0f} MiB; {dict(states)}")
        faults = judge(arguments)
        before = sum(Handler.hosts.paths.values())
        again, took, _ = check(arguments, folder)
        print(f"the second check: {took:.2f} s, {again['external']['asked']} asked")
        if sum(Handler.hosts.paths.values()) != before:
            faults.append("the second check asked for pages whose answers still hold")
    for server in servers:
        server.shutdown()
    sys.exit("\n".join(faults))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--binary", type=Path, default=HERE.parent / "target/release/backmatter")
    parser.add_argument("--links", type=int, default=5000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--dir", type=Path, help="where the site is made [default: the system's temporary folder]")
    arguments = parser.parse_args()
    if not arguments.binary.is_file():
        sys.exit(f"{arguments.binary} is missing; build it with: cargo build --release")
    return arguments


def make_site(folder, arguments, addresses, port):
    (folder / "content/2026").mkdir(parents=True)
    (folder / "backmatter.toml").write_text(
        "base_url = 'https://low-stairs.example'\n[network]\nallow = ['127.0.0.0/8:*']\n"
    )
    for start in range(0, arguments.links, 50):
        links = "\n".join(
            f"- [page {number}](http://{addresses[number % len(addresses)]}:{port}/{'gone' if number % 97 == 0 else 'page'}/{number})"
            for number in range(start, min(start + 50, arguments.links))
        )
        head = f"+++\ntitle = 'Post {start}'\ndate = 2026-01-01\n+++\n"
        (folder / f"content/2026/post-{start}.md").write_text(f"{head}{links}\n")


def check(arguments, folder):
    began = time.perf_counter()
    command = [arguments.binary, "check", "--json", "--pause", str(arguments.pause), "--root", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    return json.loads(output), time.perf_counter() - began, usage.ru_maxrss / 1024


def judge(arguments):
    """What was not as polite as it has to be."""
    hosts, faults = Handler.hosts, []
    if hosts.doubled:
        faults.append(f"{hosts.doubled} requests came to a host that was answering another")
    gaps = [later - earlier for times in hosts.times.values() for earlier, later in zip(times, times[1:])]
    # The clock of the server starts when the request has come in.
    short = [gap for gap in gaps if gap < arguments.pause * 0.9 - 0.02]
    if short:
        faults.append(f"{len(short)} requests followed another within {min(short):.2f} s")
    twice = [path for path, count in hosts.paths.items() if count > 1]
    if twice:
        faults.append(f"{len(twice)} addresses were asked twice, such as {twice[0]}")
    return faults


if __name__ == "__main__":
    main()
