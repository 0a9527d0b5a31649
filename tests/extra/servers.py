"""Serves a published site by nginx, Apache httpd and Caddy with the files that `publish` writes for them, at the top of a
host and below a path, and asks for what matters: redirects, types, lifetimes, compressed siblings, missing pages.

    servers.py BINARY FOLDER
"""

import gzip
import http.client
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

REVALIDATED = "public, max-age=0, must-revalidate"
FOR_EVER = "public, max-age=31536000, immutable"
HTML = "text/html; charset=utf-8"

# Old addresses, and how a browser asks for them.
ALIASES = ["/old/note/", "/ö l.d/$1 {x} (a+b)/", "/old/page.html", "/50%25/\"q\"/"]

# Addresses that no page can have, redirects of the settings: what is asked for, and where it leads. `BASE` is the path of
# the site, `POST` the address of the post.
RULES = [
    ("/bad%e8/", 301, "POST"),
    ("/?p=7", 301, "POST"),
    ("/?p=101", 301, "BASE/about/?x=1&y=2"),
    ("/?utm=x&p=102&z", 302, "https://other.example/a%20b?c=%C3%BC"),
    ("/ö/?cat=3&x=1", 308, "BASE/about/"),
    ("/2016/12/x/feed/", 301, "BASE/rss.xml"),
    ("/x/feed", 301, "BASE/rss.xml"),
    ("/author/jo%C3%B6%20x/page/2", 307, "https://other.example/jo%C3%B6%20x/page/2"),
    ("/tag/oil/page/3/", 301, "BASE/tags/oil/"),
    ("/photo.jpg", 301, "POST"),
    ("/money/$1/&/", 301, "BASE/about/?a=$1&b"),
]
# What stays as it is: the page of a query that is not meant, a page that a pattern would hide, an address of no rule.
STAYS = [("/?p=8", 200), ("/?xp=7", 200), ("/tags/feed/", 200), ("/feeds/", 404), ("/author", 404)]
REDIRECTS = """
[[redirects]]
from = "/?p=101"
to = "/about/?x=1&y=2"
[[redirects]]
from = "/?p=102"
to = "https://other.example/a%20b?c=%C3%BC"
status = 302
[[redirects]]
from = "/ö/?cat=3"
to = "/about/"
status = 308
[[redirects]]
from = "/*/feed/"
to = "/rss.xml"
[[redirects]]
from = "/author/*"
to = "https://other.example/*"
status = 307
[[redirects]]
from = "/tag/:name/page/:number/"
to = "/tags/:name/"
[[redirects]]
from = "/photo.jpg"
to = "POST"
[[redirects]]
from = "/money/$1/&/"
to = "/about/?a=$1&b"
"""
# What is sent for files by their names, and for pages whatever their names are.
TYPES = [
    ("/b.php", HTML),
    ("/page.xml", HTML),
    ("/module.mjs", "text/javascript; charset=utf-8"),
    ("/site.webmanifest", "application/manifest+json; charset=utf-8"),
    ("/words.vtt", "text/vtt; charset=utf-8"),
    ("/days.ics", "text/calendar; charset=utf-8"),
    ("/script.ts", "text/plain; charset=utf-8"),
    ("/LICENSE", "text/plain; charset=utf-8"),
    ("/sound.opus", "audio/ogg"),
]

SETTINGS = """
[publish.{host}]
kind = "directory"
to = "{to}"
mode = "in-place"
host = "{host}"
compress = ["gz", "br"]
"""

NGINX = """
daemon off;
pid {work}/nginx.pid;
error_log {work}/nginx.log;
load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
events {{}}
http {{
  access_log off;
  include /etc/nginx/mime.types;
  client_body_temp_path {work}/tmp;
  proxy_temp_path {work}/tmp;
  fastcgi_temp_path {work}/tmp;
  uwsgi_temp_path {work}/tmp;
  scgi_temp_path {work}/tmp;
  include {site}/.backmatter-nginx-map.conf;
  server {{
    listen 127.0.0.1:{port};
    root {root};
    brotli_static on;
    include {site}/.backmatter-nginx.conf;
  }}
}}
"""

# With `mod_deflate`, which must not compress what is compressed.
APACHE = """
ServerRoot /usr/lib/apache2
ServerName localhost
Listen 127.0.0.1:{port}
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
LoadModule filter_module modules/mod_filter.so
LoadModule deflate_module modules/mod_deflate.so
LoadModule negotiation_module modules/mod_negotiation.so
TypesConfig /etc/mime.types
User www-data
Group www-data
AddOutputFilterByType DEFLATE text/html text/css application/xml application/atom+xml
DocumentRoot {root}
<Directory {root}>
  AllowOverride All
  Require all granted
</Directory>
"""

CADDY = """
{{
\tadmin off
\tauto_https off
}}
http://127.0.0.1:{port} {{
\troot * {root}
\timport {site}/.backmatter-caddy
\tfile_server
}}
"""

faults = 0


def check(what, seen, expected):
    global faults
    if seen == expected:
        print(f"ok   publish: {what}")
    else:
        faults += 1
        print(f"FAIL publish: {what}: {seen!r}, not {expected!r}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A server that runs, and what it answers."""

    def __init__(self, name, command, port):
        self.name, self.port = name, port
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        self.stop()
        sys.exit(f"FAIL publish: {name} does not start: {' '.join(command)}")

    def get(self, path, accepts="", method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, path, skip_accept_encoding=True)
        if accepts:
            connection.putheader("Accept-Encoding", accepts)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        if len(answer.headers.get_all("content-encoding") or []) > 1:
            headers["content-encoding"] = ", ".join(answer.headers.get_all("content-encoding"))
        return answer.status, headers, body

    def stop(self):
        self.process.terminate()
        self.process.wait()


def plain(headers, body):
    """A body as it was before it was compressed, and how it was."""
    coding = headers.get("content-encoding")
    if coding == "gzip":
        return gzip.decompress(body), coding
    if coding == "br":
        done = subprocess.run(["brotli", "--decompress", "--stdout"], input=body, capture_output=True, check=True)
        return done.stdout, coding
    return body, coding


def ask(server, base, site):
    name = f"{server.name} at `{base}/`"
    post = next(path for path in sorted(site.rglob("index.html")) if path.parent.name == "a-note").parent
    post_url = f"{base}/{post.relative_to(site)}/"

    def file_is(url, path, type_, lifetime):
        for accepts, coding in [("", None), ("gzip", "gzip"), ("gzip, br", "br"), ("deflate", None)]:
            status, headers, body = server.get(url, accepts)
            text, used = plain(headers, body)
            seen = (status, headers.get("content-type"), headers.get("cache-control"), used, text == path.read_bytes())
            check(f"{name}: `{url}` for `{accepts}`", seen, (200, type_, lifetime, coding, True))
            if coding:
                vary = headers.get("vary", "").lower()
                check(f"{name}: `{url}` varies", "accept-encoding" in vary, True)
        status, headers, body = server.get(url, "gzip", "HEAD")
        seen = (status, headers.get("content-encoding"), body)
        check(f"{name}: the head of `{url}`", seen, (200, "gzip", b""))

    file_is(f"{base}/", site / "index.html", HTML, REVALIDATED)
    file_is(post_url, post / "index.html", HTML, REVALIDATED)
    for feed, type_ in [("atom.xml", "atom+xml"), ("rss.xml", "rss+xml"), ("feed.json", "feed+json")]:
        file_is(f"{base}/{feed}", site / feed, f"application/{type_}; charset=utf-8", REVALIDATED)
    tag = next(iter(site.glob("tags/*/atom.xml")))
    file_is(f"{base}/{tag.relative_to(site)}", tag, "application/atom+xml; charset=utf-8", REVALIDATED)
    style = re.search(r'href="([^"]*style\.css\?v=[0-9a-f]+)"', (site / "index.html").read_text())[1]
    file_is(style, site / "style.css", "text/css; charset=utf-8", FOR_EVER)
    _, headers, _ = server.get(f"{base}/style.css")
    check(f"{name}: a style sheet without its fingerprint is asked about", headers.get("cache-control"), REVALIDATED)
    _, headers, _ = server.get(f"{base}/?v=12345678")
    check(f"{name}: a page is asked about whatever follows it", headers.get("cache-control"), REVALIDATED)

    for alias in ALIASES:
        status, headers, _ = server.get(f"{base}{urllib.parse.quote(urllib.parse.unquote(alias))}")
        leads_to = urllib.parse.urlsplit(headers.get("location", "")).path
        check(f"{name}: `{alias}` leads on", (status, leads_to), (301, post_url))
    for asked, expected, to in RULES:
        status, headers, _ = server.get(f"{base}{urllib.parse.quote(asked, safe='/?=&%$')}")
        to = to.replace("BASE", base).replace("POST", post_url)
        seen = headers.get("location", "")
        # A dollar may be percent-encoded.
        seen = seen.replace("%24", "$")
        if to.startswith("/"):
            seen = re.sub(r"^http://[^/]*", "", seen)
        check(f"{name}: `{asked}` leads on", (status, seen), (expected, to))
    for asked, expected in STAYS:
        status, _, _ = server.get(f"{base}{asked}")
        check(f"{name}: `{asked}` is no redirect", status, expected)
    for asked, expected in TYPES:
        for accepts in ["", "gzip"]:
            status, headers, _ = server.get(f"{base}{asked}", accepts)
            seen = re.sub(" *; *", "; ", headers.get("content-type", "")).lower()
            check(f"{name}: the type of `{asked}` for `{accepts}`", (status, seen), (200, expected))
    status, headers, _ = server.get(post_url.rstrip("/"))
    leads_to = urllib.parse.urlsplit(headers.get("location", "")).path
    check(f"{name}: a folder without its slash leads to it", (status in (301, 308), leads_to), (True, post_url))

    for accepts in ["", "gzip", "br"]:
        for missing in [f"{base}/no/where/", f"{base}/no-where.html"]:
            status, headers, body = server.get(missing, accepts)
            text, _ = plain(headers, body)
            seen = (status, headers.get("content-type"), text == (site / "404.html").read_bytes())
            check(f"{name}: `{missing}` for `{accepts}` is missing", seen, (404, HTML, True))
    for hidden in [".backmatter-manifest.json", ".backmatter-nginx.conf", ".backmatter-nginx-map.conf", ".backmatter-caddy"]:
        status, _, _ = server.get(f"{base}/{hidden}")
        check(f"{name}: `{hidden}` is nobody's business", status in (403, 404), True)


def main():
    binary, work = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    source = work / "source"
    subprocess.run([binary, "init", str(source)], check=True, stdout=subprocess.DEVNULL)
    note = next(source.glob("content/*/a-note.md"))
    aliases = ", ".join("'" + alias + "'" for alias in [*ALIASES, "/bad%e8/", "/?p=7"])
    note.write_text(note.read_text().replace("\ndate", f"\naliases = [{aliases}]\ndate", 1))
    words = "words " * 300
    for path, name in [("/b.php", "b"), ("/page.xml", "p")]:
        (source / f"content/pages/{name}.md").write_text(f'+++\ntitle = "{name}"\npath = "{path}"\n+++\n{words}\n')
    # A tag by the name of what a pattern is for.
    note.write_text(note.read_text().replace("\ndate", "\ntags = ['feed']\ndate", 1))
    for name in ["module.mjs", "site.webmanifest", "words.vtt", "days.ics", "script.ts", "LICENSE"]:
        (source / "static" / name).write_text(words)
    (source / "static/sound.opus").write_bytes(b"OggS\0" * 300)
    settings = source / "backmatter.toml"
    written = settings.read_text()
    for base in ["", "/blog"]:
        hosts = {host: work / f"{host}{base.replace('/', '-')}" for host in ["nginx", "apache", "caddy"]}
        text = re.sub('^base_url = .*$', f'base_url = "https://example.com{base}"', written, count=1, flags=re.M)
        post = next(iter(re.findall(r"\d{4}-\d{2}-\d{2}", note.read_text()))).replace("-", "/")
        text += REDIRECTS.replace("POST", f"/{post}/a-note/")
        text += "\n[network]\nallow = ['example.com']\n"
        text += "".join(SETTINGS.format(host=host, to=f"{root}{base}") for host, root in hosts.items())
        settings.write_text(text)
        for host, root in hosts.items():
            subprocess.run(
                [binary, "--root", str(source), "publish", host, "--yes", "--no-send", "--quiet"],
                check=True,
                stdin=subprocess.DEVNULL,
            )
            folder, port = work / f"{host}-run", free_port()
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            where = {"work": folder, "port": port, "root": root, "site": f"{root}{base}"}
            conf = folder / "conf"
            template, command = {
                "nginx": (NGINX, ["nginx", "-e", f"{folder}/nginx.log", "-p", str(folder), "-c", str(conf)]),
                "apache": (APACHE, ["apache2", "-X", "-f", str(conf)]),
                "caddy": (CADDY, ["caddy", "run", "--adapter", "caddyfile", "--config", str(conf)]),
            }[host]
            conf.write_text(template.format(**where))
            server = Server(host, command, port)
            try:
                ask(server, base, pathlib.Path(f"{root}{base}"))
            finally:
                server.stop()
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
