"""What the checks of linkbacks against other programs have in common: servers that are started and stopped, and results."""

import functools
import http.server
import os
import signal
import socket
import subprocess
import threading
import time

# How long anything that was asked for may take, on a busy machine.
PATIENCE = 60


class Harness:
    """The checks of one kind of peer, with the servers that they need."""

    def __init__(self, name, work):
        self.name, self.work = name, work
        self.failed = 0
        self.processes = []

    def check(self, name, is_right, shown=""):
        """Says whether something is as it should be; if not, what is there instead."""
        print(("ok   " if is_right else "FAIL ") + f"{self.name}: {name}", flush=True)
        if not is_right:
            self.failed += 1
            for line in str(shown).splitlines()[:40]:
                print("     " + line, flush=True)
        return is_right

    def start(self, name, command, **options):
        """Starts a server, in a group of its own so that its helpers end with it."""
        log = open(self.work / f"{name}.log", "wb")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def stop_all(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(find):
    """What `find` finds, as soon as it finds something; its last answer if it never does."""
    end = time.monotonic() + PATIENCE
    while True:
        found = find()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class StaticHost(http.server.SimpleHTTPRequestHandler):
    """A static host: the one thing that Backmatter's pages need."""

    def log_message(self, *_):
        pass


def serve(folder):
    port = free_port()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(StaticHost, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return port
