"""Browsers without a window of their own, by the WebDriver protocol; Firefox by Marionette, which needs no other program."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

WEBKIT = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def until(ready, what):
    for _ in range(300):
        try:
            return ready()
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(what)


class Program:
    """A child process that ends with this object."""

    def __init__(self, command, **options):
        self.child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)

    def end(self):
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class WebDriver:
    """A session of the W3C WebDriver protocol."""

    def __init__(self, programs, port, capabilities):
        self.programs = programs
        self.base = f"http://127.0.0.1:{port}"
        until(lambda: self.call("GET", "/status"), "the driver")
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.session = f"/session/{answer['sessionId']}"
        self.version = answer["capabilities"].get("browserVersion", "")
        self.call("POST", f"{self.session}/window/rect", {"width": 1280, "height": 800})

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.base + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()[:500]) from error

    def open(self, url):
        self.call("POST", f"{self.session}/url", {"url": url})

    def run(self, script):
        return self.call("POST", f"{self.session}/execute/sync", {"script": script, "args": []})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", self.session)
        except (OSError, RuntimeError):
            pass
        for program in reversed(self.programs):
            program.end()


class Marionette:
    """Firefox's own protocol: messages of JSON behind their length."""

    def __init__(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        port = free_port()
        (folder / "user.js").write_text(
            f'user_pref("marionette.port", {port});\nuser_pref("app.update.auto", false);\n'
            'user_pref("datareporting.policy.dataSubmissionEnabled", false);\n'
            'user_pref("browser.shell.checkDefaultBrowser", false);\n'
        )
        self.program = Program(
            ["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", str(folder)],
            env={**os.environ, "HOME": str(folder), "MOZ_HEADLESS_WIDTH": "1280", "MOZ_HEADLESS_HEIGHT": "800"},
        )
        self.socket = until(lambda: socket.create_connection(("127.0.0.1", port), 60), "Firefox")
        self.rest = b""
        self.number = 0
        self.receive()
        answer = self.call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"pageLoadStrategy": "normal"}}})
        self.version = answer["capabilities"]["browserVersion"]

    def receive(self):
        while b":" not in self.rest:
            self.rest += self.socket.recv(65536)
        length, _, self.rest = self.rest.partition(b":")
        while len(self.rest) < int(length):
            self.rest += self.socket.recv(65536)
        message, self.rest = self.rest[: int(length)], self.rest[int(length) :]
        return json.loads(message)

    def call(self, name, arguments):
        self.number += 1
        message = json.dumps([0, self.number, name, arguments]).encode()
        self.socket.sendall(str(len(message)).encode() + b":" + message)
        _, _, error, result = self.receive()
        if error:
            raise RuntimeError(error.get("message"))
        return result

    def open(self, url):
        self.call("WebDriver:Navigate", {"url": url})

    def run(self, script):
        return self.call("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.program.end()


def chromium(folder):
    port = free_port()
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder}"]
    return WebDriver(
        [Program(["chromedriver", f"--port={port}"])], port,
        {"browserName": "chrome", "goog:chromeOptions": {"args": arguments, "binary": "/usr/bin/chromium"}},
    )


def webkit(folder):
    folder.mkdir(parents=True, exist_ok=True)
    port, display = free_port(), f":{90 + os.getpid() % 900}"
    screen = Program(["Xvfb", display, "-screen", "0", "1400x1000x24", "-nolisten", "tcp"])
    until(lambda: os.stat(f"/tmp/.X11-unix/X{display[1:]}"), "Xvfb")
    driver = Program(
        ["WebKitWebDriver", f"--port={port}"],
        env={
            **os.environ, "DISPLAY": display, "HOME": str(folder), "LIBGL_ALWAYS_SOFTWARE": "1",
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1", "NO_AT_BRIDGE": "1",
        },
    )
    return WebDriver(
        [screen, driver], port,
        {"browserName": "MiniBrowser", "webkitgtk:browserOptions": {"binary": WEBKIT, "args": ["--automation"]}},
    )


DRIVERS = {"Chromium": chromium, "Firefox": Marionette}
if os.path.exists(WEBKIT) and shutil.which("WebKitWebDriver") and shutil.which("Xvfb"):
    DRIVERS["WebKitGTK"] = webkit
