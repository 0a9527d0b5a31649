"""Runs nginx, Caddy and Apache httpd with what `receive --config` prints for them, in front of a receiver that runs as
the printed unit of systemd says, and asks for pages and for everything the receiver answers.

    hosting.py BINARY FOLDER
"""

import contextlib
import html
import http.client
import http.cookies
import http.server
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

REVALIDATED = "public, max-age=0, must-revalidate"
FOR_EVER = "public, max-age=31536000, immutable"
HTML = "text/html; charset=utf-8"
TOKEN = "a token that is long enough for moderation"
# Where a client of the servers comes from. It is not the address of the servers, which alone is a trusted proxy.
CLIENT = "127.0.0.9"

REDIRECTS = """
[[redirects]]
from = "/?p=101"
to = "/about/"
[[redirects]]
from = "/*/feed/"
to = "/rss.xml"
"""

NGINX = """
daemon off;
pid {work}/nginx.pid;
error_log {work}/nginx.log;
events {{}}
http {{
  access_log off;
  include /etc/nginx/mime.types;
  client_body_temp_path {work}/tmp;
  proxy_temp_path {work}/tmp;
  fastcgi_temp_path {work}/tmp;
  uwsgi_temp_path {work}/tmp;
  scgi_temp_path {work}/tmp;
  include {conf};
}}
"""

APACHE = """
ServerRoot /usr/lib/apache2
ServerName localhost
PidFile {work}/apache.pid
ErrorLog {work}/apache.log
Mutex file:{work}
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule mime_module modules/mod_mime.so
LoadModule dir_module modules/mod_dir.so
LoadModule alias_module modules/mod_alias.so
LoadModule headers_module modules/mod_headers.so
LoadModule rewrite_module modules/mod_rewrite.so
LoadModule proxy_module modules/mod_proxy.so
LoadModule proxy_http_module modules/mod_proxy_http.so
LoadModule socache_shmcb_module modules/mod_socache_shmcb.so
LoadModule ssl_module modules/mod_ssl.so
TypesConfig /etc/mime.types
User www-data
Group www-data
Include {conf}
"""

CADDY = """
{{
  admin off
  auto_https disable_redirects
  skip_install_trust
  storage file_system {work}/caddy
}}
import {conf}
"""

faults = 0


def check(what, seen, expected):
    global faults
    if seen == expected:
        print(f"ok   hosting: {what}", flush=True)
    else:
        faults += 1
        print(f"FAIL hosting: {what}: {seen!r}, not {expected!r}", flush=True)


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextlib.contextmanager
def running(name, command, port, log, **options):
    """A program that listens on a port until the block ends."""
    with open(log, "ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, **options)
    try:
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    text = pathlib.Path(log).read_text()[-3000:]
                    sys.exit(f"FAIL hosting: {name} does not start: {text}")
                time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait()


def until_certified(port):
    """Waits until a server has its certificate: Caddy makes one after it has begun to listen."""
    end = time.monotonic() + 60
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as plain:
                ssl._create_unverified_context().wrap_socket(plain, server_hostname="localhost").close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def all(self, name):
        return self.headers.get_all(name) or []

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


def ask(origin, path, body=None, method=None, headers=None):
    """Asks a server, from an address that is no proxy."""
    split = urllib.parse.urlsplit(origin)
    address = ("127.0.0.1", split.port)
    options = {"timeout": 30, "source_address": (CLIENT, 0)}
    if split.scheme == "https":
        unverified = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("localhost", split.port, context=unverified, **options)
    else:
        connection = http.client.HTTPConnection(*address, **options)
    own = {"Host": split.netloc, **(headers or {})}
    if isinstance(body, dict):
        own["Content-Type"] = "application/x-www-form-urlencoded"
        body = urllib.parse.urlencode(body)
    connection.request(method or ("GET" if body is None else "POST"), path, body=body, headers=own)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


class Sources(http.server.BaseHTTPRequestHandler):
    """Pages that link to what their query names."""

    def do_GET(self):
        target = urllib.parse.unquote(urllib.parse.urlsplit(self.path).query)
        body = f'<title>An answer</title><article class="h-entry"><p class="e-content">I have read <a href="{target}">this</a>.</p></article>'
        body = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", HTML)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Case:
    """A site with its addresses and folders."""

    def __init__(self, name, base, receiver, scheme="http", published=False):
        self.name, self.base, self.receiver_path, self.scheme, self.published = name, base, receiver, scheme, published


CASES = [
    Case("at the top of a host", "", ""),
    Case("below a path", "/a b/blog", "/a b/blog"),
    Case("published, as releases", "", "", published=True),
    Case("with a receiver below a path", "", "/hear"),
    Case("with a receiver at a host of its own", "", None),
    Case("by TLS", "", "", scheme="https"),
]


def run(binary, *arguments, **options):
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        sys.exit(f"FAIL hosting: {arguments}: {done.stdout}{done.stderr}")
    return done.stdout


def make_site(binary, case, server, folder, ports):
    """A site with a post, an old address of it and redirects."""
    site = folder / "a site"
    run(binary, "init", str(site))
    origin = f"{case.scheme}://localhost:{ports['web']}"
    case.origin = origin
    case.quoted = urllib.parse.quote(case.base)
    case.base_url = origin + case.quoted
    case.receiver_origin = origin if case.receiver_path is not None else f"http://localhost:{ports['other']}"
    case.prefix = urllib.parse.quote(case.receiver_path or "")
    settings = site / "backmatter.toml"
    text = re.sub("^base_url = .*$", f'base_url = "{case.base_url}"', settings.read_text(), count=1, flags=re.M)
    text += REDIRECTS
    if case.published:
        text += f'\n[publish.web]\nkind = "directory"\nto = "{folder}/www"\nhost = "{server}"\n'
    text += '\n[network]\nallow = ["127.0.0.1:*", "localhost"]\n'
    keys = f"""
receiver = "{case.receiver_origin}{case.prefix}"
listen = "127.0.0.1:{ports['receiver']}"
trusted_proxies = ["127.0.0.1"]
delay = 0
host_pause = 0
"""
    text = re.sub(r"^\[linkbacks\]\n", lambda found: found[0] + keys, text, count=1, flags=re.M)
    settings.write_text(text)
    note = next(site.glob("content/*/a-note.md"))
    note.write_text(note.read_text().replace("\ndate", '\naliases = ["/old/note/"]\ndate', 1))
    run(binary, "--root", str(site), "build", "--quiet")
    if case.published:
        run(binary, "--root", str(site), "publish", "web", "--yes", "--no-send", "--quiet")
    post = next(path for path in (site / "public").rglob("index.html") if path.parent.name == "a-note").parent
    case.post = f"{case.quoted}/{post.relative_to(site / 'public')}/"
    return site


def printed(binary, site, server, folder):
    """The configuration, with what its comments ask for done, and certificates that are here."""
    text = run(binary, "--root", str(site), "receive", "--config", server)
    certificates = folder / "certificates"
    text = text.replace("/etc/letsencrypt/live/localhost", str(certificates))
    links = re.findall(r"^#   (mkdir -p (\S+).*)$", text, re.M)
    for command, served in links:
        # The folder of web sites is below the one of this check.
        command = command.replace("/srv/www", f"{folder}/srv")
        subprocess.run(["sh", "-ec", command], check=True)
    return text.replace("/srv/www", f"{folder}/srv")


def pages(what, case):
    """What a visitor gets of the pages."""
    base = case.quoted
    home = ask(case.origin, f"{base}/")
    check(f"{what}: the home page", (home.status, home.all("content-type"), home.all("cache-control")), (200, [HTML], [REVALIDATED]))
    style = re.search(r'href="([^"]*style\.css\?v=[0-9a-f]+)"', home.text)[1]
    answer = ask(case.origin, style)
    check(f"{what}: a style sheet is kept for ever", (answer.status, answer.all("cache-control")), (200, [FOR_EVER]))
    feed = ask(case.origin, f"{base}/atom.xml")
    check(f"{what}: a feed", (feed.status, feed.all("content-type")), (200, ["application/atom+xml; charset=utf-8"]))
    for path in [f"{base}/no/where/", f"{base}/metrics", f"{base}/.backmatter-output"]:
        answer = ask(case.origin, path)
        check(f"{what}: `{path}` is missing", answer.status in (403, 404), True)
    check(f"{what}: the page for that is the site's", "<nav" in ask(case.origin, f"{base}/no/where/").text, True)
    for path, to in [("/old/note/", case.post), ("/?p=101", f"{base}/about/"), ("/2016/x/feed/", f"{base}/rss.xml")]:
        answer = ask(case.origin, base + path)
        place = urllib.parse.urlsplit(answer.headers.get("location", "")).path
        check(f"{what}: `{path}` leads on", (answer.status, place), (301, to))
    answer = ask(case.origin, case.post.rstrip("/"))
    # Caddy does not encode a blank there.
    place = urllib.parse.unquote(urllib.parse.urlsplit(answer.headers.get("location", "")).path)
    check(f"{what}: a folder without its slash", (answer.status in (301, 308), place), (True, urllib.parse.unquote(case.post)))


def linkbacks(what, case, source_port, log):
    """What other sites and readers send."""
    origin, at = case.receiver_origin, case.prefix
    target = case.origin + case.post
    form = ask(origin, f"{at}/webmention", headers={"Accept": "text/html"})
    check(f"{what}: the form", (form.status, form.all("content-type"), form.all("cache-control")), (200, [HTML], ["no-store"]))
    source = f"http://127.0.0.1:{source_port}/one?{urllib.parse.quote(target)}"
    sent = ask(origin, f"{at}/webmention", {"source": source, "target": target})
    check(f"{what}: a webmention", sent.status, 201)
    place = sent.headers.get("location", "")
    check(f"{what}: its status page is at the public address", place.startswith(f"{origin}{at}/status/"), True)
    status = ask(origin, urllib.parse.urlsplit(place).path or "/")
    check(f"{what}: the status page", status.status, 200)
    foreign = ask(origin, f"{at}/webmention", {"source": source, "target": "http://example.org/"})
    check(f"{what}: a webmention for another site", foreign.status, 400)
    long = ask(origin, f"{at}/webmention", {"source": source, "target": target + "?" + "x" * 100_000})
    check(f"{what}: a form that is too long", long.status, 413)
    call = (
        "<?xml version='1.0'?><methodCall><methodName>pingback.ping</methodName><params>"
        f"<param><value><string>{source.replace('/one', '/two')}</string></value></param>"
        f"<param><value><string>{target}</string></value></param></params></methodCall>"
    )
    for path in ["/pingback", "/xmlrpc.php"]:
        answer = ask(origin, at + path, call, headers={"Content-Type": "text/xml"})
        check(f"{what}: a pingback at `{path}`", (answer.status, "methodResponse" in answer.text), (200, True))
    below = urllib.parse.unquote(case.post)[len(case.base) :]
    trackbacks = [(origin, f"{at}/trackback{below}")]
    if origin == case.origin:
        trackbacks.append((case.origin, f"{case.post}trackback/"))
    for number, (host, path) in enumerate(trackbacks):
        answer = ask(host, path, {"url": source.replace("/one", f"/tb{number}"), "title": "T"})
        check(f"{what}: a trackback at `{path}`", (answer.status, "<error>0</error>" in answer.text), (200, True))
        answer = ask(host, path)
        check(f"{what}: that address leads to the post", (answer.status, answer.headers.get("location")), (302, target))
    answer = ask(origin, f"{at}/wp-trackback.php?p=12345", {"url": source})
    check(f"{what}: a trackback for a number", (answer.status, "<error>1</error>" in answer.text), (200, True))
    health = ask(origin, f"{at}/healthz")
    check(f"{what}: the health", (health.status, health.text.strip()), (200, "ok"))
    numbers = ask(origin, f"{at}/metrics")
    check(f"{what}: the numbers are not for the web", "backmatter_" in numbers.text, False)


def moderation(what, case, binary, site, log):
    """The moderation page, through the server."""
    origin, at = case.receiver_origin, f"{case.prefix}/moderate"
    answer = ask(origin, at)
    place = urllib.parse.urljoin(f"{origin}{at}", answer.headers.get("location", ""))
    check(f"{what}: the moderation page has a slash", (answer.status, place), (303, f"{origin}{at}/"))
    own = {"Origin": origin}
    wrong = ask(origin, f"{at}/login", {"token": "another token"}, headers={**own, "X-Forwarded-For": "203.0.113.9"})
    check(f"{what}: a wrong token", wrong.status, 403)
    entered = ask(origin, f"{at}/login", {"token": TOKEN}, headers=own)
    cookie = entered.headers.get("set-cookie", "").split(";")[0]
    check(f"{what}: the token", (entered.status, bool(cookie)), (303, True))
    check(f"{what}: the cookie is for TLS", "Secure" in entered.headers.get("set-cookie", ""), case.receiver_origin.startswith("https"))
    own["Cookie"] = cookie
    end = time.monotonic() + 60
    while True:
        queue = ask(origin, f"{at}/", headers=own)
        shown = re.findall(r'name="number" value="(\d+)"', queue.text)
        if shown or time.monotonic() > end:
            break
        time.sleep(0.1)
    check(f"{what}: what waits is shown", (queue.status, bool(shown)), (200, True))
    style = ask(origin, f"{at}/style.css", headers=own)
    check(f"{what}: its style sheet", (style.status, style.headers.get("content-type")), (200, "text/css; charset=utf-8"))
    csrf = re.search(r'name="csrf" value="([^"]+)"', queue.text)[1]
    done = ask(origin, f"{at}/act", {"csrf": csrf, "act": f"approve {shown[0]}"}, headers=own)
    check(f"{what}: a decision", done.status, 303)
    built = next(path for path in (site / "public").rglob("index.html") if path.parent.name == "a-note")
    check(f"{what}: it is built into the page", "I have read" in html.unescape(built.read_text()), True)
    if not case.published:
        page = ask(case.origin, case.post)
        check(f"{what}: it is on the page", "I have read" in html.unescape(page.text), True)
    lines = log.read_text().splitlines()
    refusals = [line for line in lines if 'reason="wrong token"' in line]
    check(f"{what}: the log has the wrong token", len(refusals), 1)
    check(f"{what}: with the address of the client, not what it claims", f"peer={CLIENT} status=403" in refusals[0], True)
    decided = [line for line in lines if "decided" in line]
    check(f"{what}: the log has the decision", len(decided) == 1 and f"peer={CLIENT}" in decided[0] and 'decision="approve"' in decided[0], True)
    foreign = [line for line in lines if "refused" in line and "status=400" in line and "peer=" in line]
    check(f"{what}: the log has the refusal", bool(foreign), True)


def unit(binary, site, folder, what):
    """The printed unit: systemd has nothing against it. Returns how it starts the receiver."""
    text = run(binary, "--root", str(site), "receive", "--config", "systemd")
    file = folder / "backmatter-receive.service"
    file.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True)
    check(f"{what}: systemd takes the unit", (done.returncode, done.stdout + done.stderr), (0, ""))
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", str(file)], capture_output=True, text=True)
    exposure = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)
    check(f"{what}: the unit exposes little", bool(exposure) and float(exposure[1]) < 3, True)
    values = dict(re.findall(r"^(\w+)=(.*)$", text, re.M))
    check(f"{what}: the unit runs as the owner of the site", values["User"], "root")
    command = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(values["ExecStart"])]
    environment = dict([values["Environment"].split("=", 1)])
    return command, values["WorkingDirectory"].replace("%%", "%"), environment


def banned(log, guide):
    """The filter of the guide finds the address that has shown a wrong token."""
    if not shutil.which("fail2ban-regex"):
        sys.exit("FAIL hosting: fail2ban is missing")
    rule = re.search(r"^failregex = (.*)$", guide.read_text(), re.M)[1]
    done = subprocess.run(["fail2ban-regex", "--print-all-matched", str(log), rule], capture_output=True, text=True)
    check("fail2ban finds wrong tokens", re.search(r"Lines: .* (\d+) matched", done.stdout)[1], "1")


def main():
    binary, work = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    guide = pathlib.Path(__file__).resolve().parents[2] / "content/pages/guide/receiving.md"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    source = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sources)
    threading.Thread(target=source.serve_forever, daemon=True).start()
    for number, case in enumerate(CASES):
        for server in ["nginx", "apache", "caddy"]:
            folder = work / f"{number}-{server}"
            folder.mkdir()
            ports = dict(zip(["web", "other", "receiver"], free_ports(3)))
            site = make_site(binary, case, server, folder, ports)
            certificates = folder / "certificates"
            certificates.mkdir()
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-subj", "/CN=localhost", "-keyout", str(certificates / "privkey.pem"), "-out", str(certificates / "fullchain.pem")],
                check=True, capture_output=True,
            )
            conf, main_conf = folder / "site.conf", folder / "main.conf"
            conf.write_text(printed(binary, site, server, folder))
            template, command = {
                "nginx": (NGINX, ["nginx", "-e", f"{folder}/nginx.log", "-p", str(folder), "-c", str(main_conf)]),
                "apache": (APACHE, ["apache2", "-X", "-f", str(main_conf)]),
                "caddy": (CADDY, ["caddy", "run", "--adapter", "caddyfile", "--config", str(main_conf)]),
            }[server]
            main_conf.write_text(template.format(work=folder, conf=conf))
            what = f"{server}, {case.name}"
            start, where, environment = unit(binary, site, folder, what)
            log = folder / "receiver.log"
            environment = {**os.environ, **environment, "BACKMATTER_TOKEN": TOKEN, "PWD": where}
            home = {**os.environ, "HOME": str(folder)}
            with running("the receiver", start, ports["receiver"], log, cwd=where, env=environment), \
                 running(server, command, ports["web"], folder / "server.log", env=home):
                if case.scheme == "https":
                    until_certified(ports["web"])
                pages(what, case)
                linkbacks(what, case, source.server_address[1], log)
                moderation(what, case, binary, site, log)
            if number == 0 and server == "nginx":
                banned(log, guide)
    source.shutdown()
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
