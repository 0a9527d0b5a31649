#!/usr/bin/env bash
# Guess: a text fragment finds a word whatever space stands beside it: browsers match U+00A0 and U+202F for a space.
# Behaviour: Chromium 156 and Firefox 153 find "choix" in guillemets with no-break spaces (U+00A0), and do not find it with
# narrow ones (U+202F), which are what French newspapers print. U+202F has the Word_Break property ExtendNumLet, so there is no
# edge of a word between it and a letter (UAX 29, rule WB13a), and a term has to begin and end at one.
# Meaning: who makes fragments leaves the words beside French marks out of the ends of a term.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends chromium=156.0.8078.108-1~deb12u1 chromium-driver=156.0.8078.108-1~deb12u1 \
  firefox-esr=153.8.0esr-1~deb12u1 python3 >/dev/null 2>&1
cat >browsers.py <<'PYTHON'
import http.server, json, os, socket, subprocess, threading, time, urllib.parse, urllib.request

PAGES = {"no-break": "\u00a0", "narrow": "\u202f"}

class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        space = PAGES.get(self.path.strip("/"), " ")
        filler = "<p style='height:3000px'>Autre texte.</p>"
        body = f"<!doctype html><meta charset=utf-8>{filler}<p>Nous n’avions pas le «{space}choix{space}», dit-elle.</p>{filler}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

def port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]

def until(ready):
    for _ in range(300):
        try:
            return ready()
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the browser does not start")

class Chromium:
    def __init__(self):
        number = port()
        self.child = subprocess.Popen(["chromedriver", f"--port={number}"], stdout=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{number}"
        until(lambda: urllib.request.urlopen(f"{self.base}/status"))
        options = {"args": ["--headless=new", "--no-sandbox", f"--user-data-dir={os.getcwd()}/chromium"], "binary": "/usr/bin/chromium"}
        self.base += f"/session/{self.call('/session', capabilities={'alwaysMatch': {'goog:chromeOptions': options}})['sessionId']}"
    def call(self, path, **body):
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request))["value"]
    def open(self, url):
        self.call("/url", url=url)
    def run(self, script):
        return self.call("/execute/sync", script=script, args=[])
    def end(self):
        urllib.request.urlopen(urllib.request.Request(self.base, method="DELETE"))
        self.child.terminate()

class Firefox:
    def __init__(self):
        number, folder = port(), f"{os.getcwd()}/firefox"
        os.mkdir(folder)
        with open(f"{folder}/user.js", "w") as preferences:
            preferences.write(f'user_pref("marionette.port", {number});\n')
        self.child = subprocess.Popen(
            ["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": folder},
        )
        self.file = until(lambda: socket.create_connection(("127.0.0.1", number))).makefile("rwb")
        self.receive()
        self.call("WebDriver:NewSession")
    def receive(self):
        length = b""
        while (byte := self.file.read(1)) != b":":
            length += byte
        return json.loads(self.file.read(int(length)))
    def call(self, name, **arguments):
        message = json.dumps([0, 1, name, arguments]).encode()
        self.file.write(str(len(message)).encode() + b":" + message)
        self.file.flush()
        _, _, error, result = self.receive()
        if error:
            raise SystemExit(error)
        return result
    def open(self, url):
        self.call("WebDriver:Navigate", url=url)
    def run(self, script):
        return self.call("WebDriver:ExecuteScript", script=script, args=[])["value"]
    def end(self):
        self.child.terminate()
        self.child.wait()

def scrolls(browser, url):
    browser.open("about:blank")
    browser.open(url)
    for _ in range(20):
        if browser.run("return scrollY") > 0:
            return "found"
        time.sleep(0.1)
    return "not found"

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
threading.Thread(target=server.serve_forever, daemon=True).start()
for browser in (Chromium(), Firefox()):
    for name in PAGES:
        seen = scrolls(browser, f"http://127.0.0.1:{server.server_port}/{name}#:~:text=choix")
        print(f"{type(browser).__name__}, {name} spaces: {seen}", flush=True)
    browser.end()
PYTHON
chromium --version --no-sandbox 2>/dev/null
firefox-esr --version
python3 browsers.py | tee seen
cat >expected <<'TEXT'
Chromium, no-break spaces: found
Chromium, narrow spaces: not found
Firefox, no-break spaces: found
Firefox, narrow spaces: not found
TEXT
diff expected seen && echo "as found"
