"""Checks Backmatter's linkbacks and its import against WordPress, and linkbacks against Python's xmlrpc.client. Called by `wordpress`, with a folder to work in."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
import xmlrpc.client
from pathlib import Path

import wordpress_import
from harness import PATIENCE, Harness, answers, free_port, serve, wait_for

WORK = Path(sys.argv[1])
HERE = Path(__file__).resolve().parent
BACKMATTER = os.environ["BACKMATTER"]

harness = Harness("WordPress", WORK)
check, start = harness.check, harness.start


class WordPress:
    """A new WordPress of Debian's package with a database of its own."""

    def __init__(self, ports):
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.site = WORK / "site"
        # A socket's path has to be short.
        self.socket = Path(tempfile.mkdtemp(prefix="backmatter-")) / "db"
        self.start_database()
        self.unpack(ports)
        self.version = self.do("install", socket=str(self.socket))
        environment = {**os.environ, "PHP_CLI_SERVER_WORKERS": "4"}
        start("php", ["php", "-S", self.host, "-t", str(self.site), str(self.site / "router.php")], env=environment)
        wait_for(lambda: answers(self.port))

    def start_database(self):
        data = WORK / "database"
        common = ["--no-defaults", f"--datadir={data}", "--user=root"]
        install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        socket_and_pid = [f"--socket={self.socket}", f"--pid-file={self.socket}.pid", "--skip-networking"]
        start("mariadb", ["mariadbd", *common, *socket_and_pid, "--innodb-flush-log-at-trx-commit=0"])
        wait_for(self.socket.exists)

    def unpack(self, ports):
        shutil.copytree("/usr/share/wordpress", self.site, ignore=shutil.ignore_patterns("wp-config.php", ".htaccess", "readme.html"))
        (self.site / "wp-content" / "uploads").mkdir(parents=True, exist_ok=True)
        (self.site / "router.php").write_text(
            "<?php $path = __DIR__ . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);\n"
            "if (is_file($path)) { return false; }\nrequire __DIR__ . '/index.php';\n"
        )
        (self.site / "wp-config.php").write_text(
            "<?php\n"
            f"define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', ''); define('DB_HOST', 'localhost:{self.socket}');\n"
            "define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', ''); $table_prefix = 'wp_';\n"
            f"define('WP_HOME', 'http://{self.host}'); define('WP_SITEURL', 'http://{self.host}');\n"
            "define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('WP_DEFAULT_THEME', 'twentytwentythree');\n"
            "if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }\n"
            "require_once ABSPATH . 'wp-settings.php';\n"
        )
        # WordPress as it is asks no machine inside a network; here all of them are.
        plugins = self.site / "wp-content" / "mu-plugins"
        plugins.mkdir()
        allowed = json.dumps([*ports, self.port])
        (plugins / "loopback.php").write_text(
            "<?php\nadd_filter('http_request_host_is_external', '__return_true');\n"
            f"add_filter('http_allowed_safe_ports', fn() => {allowed});\n"
        )

    def do(self, act, **data):
        command = ["php", str(HERE / "wordpress.php"), str(self.site), act]
        given = json.dumps({"host": self.host, **data})
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=4 * PATIENCE)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            raise SystemExit(f"WordPress: {act}: {done.stdout}\n{done.stderr}")

    def publish(self, title, content, **more):
        address = self.do("publish", title=title, content=content, **more)
        self.do("ping")
        return address


class Blog:
    """A Backmatter blog, its static host and its receiver."""

    def __init__(self):
        self.root = WORK / "blog"
        self.public = self.root / "public"
        self.public.mkdir(parents=True)
        self.port = serve(self.public)
        self.pages = WORK / "pages"
        self.pages.mkdir()
        self.pages_port = serve(self.pages)
        self.receiver_port = free_port()
        self.receiver = f"http://127.0.0.1:{self.receiver_port}"
        self.address = f"http://127.0.0.1:{self.port}"
        self.post = f"{self.address}/2026/11/20/stairs/"

    def settle(self, wordpress):
        allowed = [f"127.0.0.1:{port}" for port in (self.port, self.pages_port, self.receiver_port, wordpress.port)]
        (self.root / "backmatter.toml").write_text(
            f'title = "The Lamp"\nbase_url = "{self.address}"\nauthor = "Ada"\n'
            f'[linkbacks]\nreceiver = "{self.receiver}"\ndelay = 0\nhost_pause = 0\n'
            f"[network]\nallow = {json.dumps(allowed)}\n"
        )
        self.write("stairs", "The stairs by the harbour", "Nine of the forty steps are loose.")
        self.build()
        command = [BACKMATTER, "receive", "--root", str(self.root), "--listen", f"127.0.0.1:{self.receiver_port}"]
        start("receiver", command)
        wait_for(lambda: answers(self.receiver_port))

    def write(self, slug, title, text):
        content = self.root / "content" / "2026"
        content.mkdir(parents=True, exist_ok=True)
        (content / f"{slug}.md").write_text(f'+++\ntitle = "{title}"\ndate = 2026-11-20\n+++\n{text}\n')

    def run(self, *arguments):
        command = [BACKMATTER, *arguments, "--root", str(self.root)]
        return subprocess.run(command, capture_output=True, text=True, timeout=4 * PATIENCE, stdin=subprocess.DEVNULL)

    def build(self):
        done = self.run("build")
        check("the blog builds", done.returncode == 0, done.stderr)

    def listed(self, state):
        done = self.run("linkbacks", "list", "--json", "--state", state)
        return json.loads(done.stdout or "[]")

    def page(self):
        """What the post's page shows of back matter."""
        html = (self.public / "2026" / "11" / "20" / "stairs" / "index.html").read_text()
        return html.partition('class="back-matter"')[2].partition("</section>")[0]

    def add_page(self, name, html):
        (self.pages / name).write_text(html)
        return f"http://127.0.0.1:{self.pages_port}/{name}"


def paragraph(link):
    before = "All week I have been thinking about steps and who counts them, and about the evenings on which nobody does, because counting is a job for people who have the time, as a friend of mine has written in"
    after = "which made me go down to our own harbour with a lamp, and I can now say that ours are forty as well, é and “quoted” & all, although nobody has asked me to count them and nobody will thank me for it."
    return f"<p>A first paragraph.</p>\n<p>{before} {link} {after}</p>\n<p>A last one.</p>"


EXCERPT = (
    "[…] does, because counting is a job for people who have the time, as a friend of mine has written in her post about stairs"
    " which made me go down to our own harbour with a lamp, and I can now say that ours are forty as […]"
)


def receives(blog, wordpress):
    """WordPress and Python write to the blog."""
    link = f'<a href="{blog.post}">her post about stairs</a>'
    pingback = wordpress.publish("Counting & “more” steps", paragraph(link))
    held = wait_for(lambda: blog.listed("held"))
    check("its pingback is held", [item["source"] for item in held] == [pingback], held)

    trackback = wordpress.publish(
        "A second post",
        f'<p>Words about <a href="{blog.post}">the stairs</a> for a trackback.</p>',
        to_ping=f"{blog.receiver}/trackback/2026/11/20/stairs/",
    )
    held = wait_for(lambda: (held := blog.listed("held")) and len(held) == 2 and held)
    item = [item for item in held or [] if item["source"] == trackback]
    check("its trackback is held", item and "trackback" in json.dumps(item), blog.run("linkbacks", "list").stdout)

    server = xmlrpc.client.ServerProxy(f"{blog.receiver}/xmlrpc.php")
    page = blog.add_page("python.html", f'<title>From Python</title><p>See <a href="{blog.post}">this</a>.')
    answer = server.pingback.ping(page, blog.post)
    check("xmlrpc.client's pingback is taken", isinstance(answer, str) and answer, answer)
    held = wait_for(lambda: (held := blog.listed("held")) and len(held) == 3 and held)
    check("xmlrpc.client's pingback is held", held, blog.run("linkbacks", "list").stdout)
    check("xmlrpc.client is told of a second one", fault(lambda: server.pingback.ping(page, blog.post)) == 48)
    unknown = f"{blog.address}/2026/11/20/nothing/"
    code = fault(lambda: server.pingback.ping(page, unknown))
    check("xmlrpc.client is told of an unknown target", code in (32, 33), code)
    code = fault(lambda: server.system.multicall([]))
    check("xmlrpc.client gets no other method", code == -32601, code)
    empty = blog.add_page("empty.html", f"<title>No link</title><p>See {blog.post}.")
    server.pingback.ping(empty, blog.post)
    refused = wait_for(lambda: blog.listed("refused"))
    check("a page without the link is refused", [item["source"] for item in refused] == [empty], refused)

    listed = server.pingback.extensions.getPingbacks(blog.post)
    check("nothing is shown before it is approved", listed == [] and "linkback-" not in blog.page(), listed)
    done = blog.run("linkbacks", "approve", "--all")
    check("all are approved on the command line", done.returncode == 0, done.stdout + done.stderr)
    html = blog.page()
    check("the pingback stands in the page", f">{EXCERPT}<" in html, html)
    check("its title stands in the page", "Counting &amp; “more” steps" in html, html)
    check("the trackback stands in the page", f'href="{trackback}"' in html and "Words about the stairs for a trackback." in html, html)
    check("the one of xmlrpc.client stands in the page", ">See this.<" in html and "From Python" in html, html)
    listed = server.pingback.extensions.getPingbacks(blog.post)
    check("getPingbacks tells what was approved", {pingback, page} <= set(listed), listed)


def sends(blog, wordpress):
    """The blog writes to WordPress."""
    target = wordpress.publish("On counting", "<p>Forty steps, counted twice.</p>")
    before = "Whoever lives by the water counts what the water leaves, and so it was no surprise to me that somebody had written"
    after = "and had taken the trouble to do it twice, on two evenings, with a lamp, é and “quotes” & all, which is once more than I would have."
    blog.write("answer", "An “answer” & more", f"A first paragraph.\n\n{before} [a post about counting]({target}) {after}\n\nA last one.")
    blog.build()
    source = f"{blog.address}/2026/11/20/answer/"
    arguments = ("send", "--post", str(blog.root / "content" / "2026" / "answer.md"))
    rehearsed = blog.run(*arguments, "--dry-run")
    check("a rehearsal finds its pingback server", f"by pingback at http://{wordpress.host}/xmlrpc.php" in rehearsed.stdout, rehearsed.stdout + rehearsed.stderr)
    sent = blog.run(*arguments)
    check("it takes our pingback", f"told    {target} by pingback" in sent.stdout and sent.returncode == 0, sent.stdout + sent.stderr)
    comments = [comment for comment in wordpress.do("comments") if comment["url"] == source]
    check("our pingback is one of its comments", len(comments) == 1 and comments[0]["type"] == "pingback" and comments[0]["post"] == target, comments)
    text = comments[0]["text"] if comments else ""
    check("it quotes the words around our link", text.startswith("[&#8230;] ") and "had written a post about counting and had taken" in text, text)
    html = urllib.request.urlopen(target, timeout=PATIENCE).read().decode()
    check("our pingback stands in its page", source in html, html[html.find("comments"):])
    again = blog.run(*arguments)
    check("a second send sends nothing", again.stdout == "nothing to send\n", again.stdout + again.stderr)
    blog.write("answer", "An “answer” & more", f"{before} [a post about counting]({target}) {after} And that is all.")
    blog.build()
    known = blog.run(*arguments)
    check("a second pingback of the changed post is known to it, which is success", "fault 48" in known.stdout and known.returncode == 0, known.stdout + known.stderr)


def fault(call):
    try:
        return call()
    except xmlrpc.client.Fault as fault:
        return fault.faultCode


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    blog = Blog()
    try:
        wordpress = WordPress([blog.port, blog.receiver_port, blog.pages_port])
        check(f"{wordpress.version} runs", answers(wordpress.port))
        blog.settle(wordpress)
        receives(blog, wordpress)
        sends(blog, wordpress)
        wordpress_import.moves(wordpress, WORK, BACKMATTER, check, serve)
    finally:
        harness.stop_all()
    return 1 if harness.failed else 0


if __name__ == "__main__":
    sys.exit(main())
