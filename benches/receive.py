#!/usr/bin/env python3
"""Load test of the receiver: how many submissions it acknowledges, how fast, in how much memory, and what is left
of them when it is killed.

    cargo build --release
    python3 benches/receive.py                      # 100,000 submissions into an empty queue, then three kills
    python3 benches/receive.py --queue 20000 --connections 16

Everything stays on the loopback interface, and in a folder that is removed.
"""

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

HERE = Path(__file__).resolve().parent
BASE = "https://example.com"
POSTS = 100
HOSTS = [f"127.0.0.{number}" for number in range(2, 18)]


def main():
    arguments = parse()
    folder = Path(tempfile.mkdtemp(prefix="backmatter-receive-", dir=arguments.dir))
    try:
        if arguments.queue:
            asyncio.run(fill_the_queue(arguments, folder / "queue"))
        if arguments.comments:
            asyncio.run(write_comments(arguments, folder / "comments"))
        if arguments.kills:
            asyncio.run(kill_under_load(arguments, folder / "kills"))
    finally:
        shutil.rmtree(folder)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--binary", type=Path, default=HERE.parent / "target/release/backmatter")
    parser.add_argument("--queue", type=int, default=100_000, help="submissions for the first part; 0 leaves it out")
    parser.add_argument("--connections", type=int, default=64, help="senders at once")
    parser.add_argument("--comments", type=int, default=5000, help="comments by the form; 0 leaves them out")
    parser.add_argument("--kills", type=int, default=3, help="kills for the second part; 0 leaves it out")
    parser.add_argument("--each", type=int, default=1000, help="submissions before each kill, about")
    parser.add_argument("--dir", type=Path, help="where the site is made [default: the system's temporary folder]")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not arguments.binary.is_file():
        sys.exit(f"{arguments.binary} is missing; build it with: cargo build --release")
    return arguments


# --- A site and a receiver.


def make_site(folder, port, delay, more=""):
    posts = folder / "content/2026"
    posts.mkdir(parents=True)
    for number in range(POSTS):
        (posts / f"post-{number}.md").write_text(f'+++\ntitle = "Post {number}"\ndate = 2026-01-01\n+++\nWords.\n')
    allow = json.dumps([f"{host}:{port}" for host in HOSTS])
    (folder / "backmatter.toml").write_text(
        f'base_url = "{BASE}"\n[network]\nallow = {allow}\n[linkbacks]\nqueue = 1000000\nhourly = 100000\n'
        f"burst = 10000\ndelay = {delay}\nhost_pause = 0\n{more}"
    )


def target(number):
    return f"{BASE}/2026/01/01/post-{number % POSTS}/"


class Receiver:
    """The program, listening on a port that the system chose."""

    def __init__(self, binary, folder):
        command = [binary, "receive", "--listen", "127.0.0.1:0", "--json", "--root", folder]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        first = json.loads(self.process.stdout.readline())
        host, port = first["listening"].removeprefix("http://").rsplit(":", 1)
        self.address = (host, int(port))
        # What it prints later is not read; it must not wait for us.
        os.set_blocking(self.process.stdout.fileno(), False)
        self.drain()

    def drain(self):
        try:
            while os.read(self.process.stdout.fileno(), 1 << 20):
                pass
        except BlockingIOError:
            pass

    def memory(self, field):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(field))
        return int(line.split()[1]) / 1024

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        while self.process.poll() is None:
            self.drain()
            time.sleep(0.05)
        self.process.stdout.close()


class Senders:
    """Connections that submit one after the other. Each sender has an address of its own, said by a proxy's header, so
    that the limit of one address is not what is measured."""

    def __init__(self, receiver, connections):
        self.receiver = receiver
        self.connections = connections
        self.latencies = []
        self.acknowledged = set()
        self.answers = {}

    async def send(self, sources):
        waiting = iter(sources)
        began = time.perf_counter()
        await asyncio.gather(*(self.one(number, waiting) for number in range(self.connections)))
        return time.perf_counter() - began

    async def one(self, number, waiting):
        try:
            reader, writer = await asyncio.open_connection(*self.receiver.address)
            for index, (source, goal) in enumerate(waiting):
                sender = f"10.{number}.{index >> 8 & 255}.{index & 255}"
                await self.submit(reader, writer, source, goal, sender)
            writer.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            # It was killed; what it did not acknowledge is nobody's.
            return

    async def submit(self, reader, writer, source, goal, sender):
        body = urllib.parse.urlencode({"source": source, "target": goal}).encode()
        head = (
            f"POST /webmention HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {sender}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        self.latencies.append(time.perf_counter() - began)
        status = answer.split(b" ", 2)[1].decode()
        self.answers[status] = self.answers.get(status, 0) + 1
        if status == "201":
            self.acknowledged.add(source)


# --- The first part: how many, how fast, how large.


async def fill_the_queue(arguments, folder):
    # Nothing is due before an hour has gone by: what is measured is taking in.
    make_site(folder, 80, delay=3600)
    receiver = Receiver(arguments.binary, folder)
    at_rest = receiver.memory("VmRSS")
    senders = Senders(receiver, arguments.connections)
    sources = ((f"https://blog-{number % 5000}.example/{number}", target(number)) for number in range(arguments.queue))
    took = await senders.send(sources)
    count = len(senders.acknowledged)
    print(f"{count:,} of {arguments.queue:,} acknowledged, each on the disk first; answers: {senders.answers}")
    print(f"  {count / took:,.0f} a second over {arguments.connections} connections")
    latencies = sorted(senders.latencies)
    print(f"  latency: median {1000 * statistics.median(latencies):.1f} ms, "
          f"99th percentile {1000 * latencies[len(latencies) * 99 // 100]:.1f} ms, longest {1000 * latencies[-1]:.1f} ms")
    alone = Senders(receiver, 1)
    took = await alone.send([(f"https://alone.example/{number}", target(number)) for number in range(500)])
    print(f"  one after the other: median {1000 * statistics.median(alone.latencies):.1f} ms, {500 / took:,.0f} a second")
    print(f"  memory: {at_rest:.1f} MiB at rest, {receiver.memory('VmRSS'):.1f} MiB with {count + 500:,} queued, "
          f"{receiver.memory('VmHWM'):.1f} MiB at most")
    database = (folder / "linkbacks.db").stat().st_size / 2**20
    receiver.stop()
    print(f"  database: {database:.1f} MiB")


# --- The form for comments: opened, previewed, sent.


async def write_comments(arguments, folder):
    make_site(folder, 80, delay=0, more='comments = "form"\n')
    receiver = Receiver(arguments.binary, folder)
    count, connections = arguments.comments, arguments.connections
    goal = target(0)
    page = urllib.parse.urlencode({"target": goal})
    status, form = await ask(receiver, f"GET /comment?{page} HTTP/1.1\r\nHost: x\r\n\r\n")
    hidden = dict(re.findall(r'name="(target|parent|opened|mark)" value="([^"]*)"', form))
    opened = time.monotonic()
    await many(receiver, connections, "opened", [f"GET /comment?{page} HTTP/1.1\r\nHost: x\r\n"] * count, "200")
    # A form that is sent at once is taken for a program's.
    await asyncio.sleep(max(0, 3.5 - (time.monotonic() - opened)))
    for act, expected in [("preview", "200"), ("send", "201")]:
        fields = [{**hidden, "name": f"Reader {number}", "text": f"I *counted* {number} steps.\n\n- one\n- two", "act": act} for number in range(count)]
        bodies = [urllib.parse.urlencode(field) for field in fields]
        await many(receiver, connections, "previewed" if act == "preview" else "sent", [
            f"POST /comment HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}" for body in bodies
        ], expected)
    print(f"  memory: {receiver.memory('VmRSS'):.1f} MiB, {receiver.memory('VmHWM'):.1f} MiB at most")
    receiver.stop()
    database = sqlite3.connect(folder / "linkbacks.db")
    stored = database.execute("SELECT count(*) FROM linkbacks").fetchone()[0]
    database.close()
    if stored != count:
        sys.exit(f"{stored} of {count} comments are in the database")


async def ask(receiver, request):
    reader, writer = await asyncio.open_connection(*receiver.address)
    writer.write(request.encode())
    answer = await read_answer(reader)
    writer.close()
    return answer


async def read_answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(int(length.split(b":")[1]))
    return head.split(b" ", 2)[1].decode(), body.decode()


async def many(receiver, connections, what, requests, expected):
    """Sends requests over some connections at once, each sender behind a proxy with an address of its own."""
    waiting, latencies, answers = iter(enumerate(requests)), [], {}

    async def one():
        reader, writer = await asyncio.open_connection(*receiver.address)
        for number, request in waiting:
            began = time.perf_counter()
            sender = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            head, _, body = request.partition("\r\n\r\n")
            writer.write(f"{head.rstrip()}\r\nX-Forwarded-For: {sender}\r\n\r\n{body}".encode())
            status, _ = await read_answer(reader)
            latencies.append(time.perf_counter() - began)
            answers[status] = answers.get(status, 0) + 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    took = time.perf_counter() - began
    latencies.sort()
    print(f"{len(requests):,} forms {what} over {connections} connections: {len(requests) / took:,.0f} a second, median "
          f"{1000 * statistics.median(latencies):.1f} ms, 99th percentile {1000 * latencies[len(latencies) * 99 // 100]:.1f} ms")
    if answers != {expected: len(requests)}:
        sys.exit(f"not all were answered with {expected}: {answers}")


# --- The second part: killed under load.


async def kill_under_load(arguments, folder):
    chance = random.Random(arguments.seed)
    fetched = []

    async def answer(reader, writer):
        try:
            line = await reader.readline()
            while (await reader.readline()).strip():
                pass
            path = line.split(b" ")[1].decode()
            fetched.append(path)
            goal = target(int(path.rsplit("/", 1)[1]))
            page = f'<title>T</title><article><p>I read <a href="{goal}">this</a> today.</p></article>'.encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + page)
            await writer.drain()
        except (ConnectionError, IndexError):
            pass
        finally:
            writer.close()

    first = await asyncio.start_server(answer, HOSTS[0], 0)
    port = first.sockets[0].getsockname()[1]
    webs = [first] + [await asyncio.start_server(answer, host, port) for host in HOSTS[1:]]
    make_site(folder, port, delay=0)
    acknowledged, number = set(), 0
    for _ in range(arguments.kills):
        receiver = Receiver(arguments.binary, folder)
        senders = Senders(receiver, arguments.connections)
        pages = range(number, number + 50 * arguments.each)
        sources = ((f"http://{HOSTS[page % len(HOSTS)]}:{port}/{page}", target(page)) for page in pages)
        sending = asyncio.create_task(senders.send(sources))
        goal = arguments.each + chance.randrange(arguments.each)
        while len(senders.acknowledged) < goal and not sending.done():
            await asyncio.sleep(0.002)
            receiver.drain()
        receiver.kill()
        await sending
        acknowledged |= senders.acknowledged
        number = pages.stop
    at_kill = len(fetched)
    receiver = Receiver(arguments.binary, folder)
    rows = {}
    began = time.perf_counter()
    while time.perf_counter() - began < 600:
        await asyncio.sleep(0.2)
        receiver.drain()
        database = sqlite3.connect(f"file:{folder}/linkbacks.db?mode=ro", uri=True)
        rows = dict(database.execute("SELECT state, count(*) FROM linkbacks GROUP BY state"))
        database.close()
        if not rows.get("queued"):
            break
    took = time.perf_counter() - began
    receiver.stop()
    for web in webs:
        web.close()
    database = sqlite3.connect(folder / "linkbacks.db")
    held = [source for (source,) in database.execute("SELECT source FROM linkbacks WHERE state = 'held'")]
    whole = database.execute("PRAGMA integrity_check").fetchone()[0]
    database.close()
    lost, doubled = acknowledged - set(held), len(held) - len(set(held))
    unanswered = len(set(held) - acknowledged)
    again = len(fetched) - len(set(fetched))
    print(f"{len(acknowledged):,} acknowledged before {arguments.kills} kills (SIGKILL, under load)")
    print(f"  processed exactly once: {len(acknowledged) - len(lost):,}; lost: {len(lost)}; doubled: {doubled}; database: {whole}")
    print(f"  on the disk when their sender had no answer yet: {unanswered}; pages fetched again after a kill: {again}")
    print(f"  the rest was looked at in {took:.1f} s, {(len(fetched) - at_kill) / took:,.0f} pages a second with two workers")
    if lost or doubled or whole != "ok" or rows.get("queued"):
        sys.exit(f"not as it should be: {rows}, lost {sorted(lost)[:5]}")


if __name__ == "__main__":
    main()
