"""Checks Backmatter's linkbacks against tools that send and receive them. Called by `peers`, with a folder to work in."""

import json
import os
import shutil
import subprocess
import sys
import threading
import xmlrpc.client
import xmlrpc.server
from pathlib import Path

from harness import PATIENCE, Harness, answers, free_port, serve, wait_for

WORK = Path(sys.argv[1])
SITE = WORK / "site"
BACKMATTER = os.environ["BACKMATTER"]
POST = "2026/11/20/stairs/"

harness = Harness("peers", WORK)
check, start = harness.check, harness.start


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, stdin=subprocess.DEVNULL, **options)


def backmatter(*arguments):
    return run([BACKMATTER, *arguments, "--root", str(SITE)])


def listed(source):
    items = json.loads(backmatter("linkbacks", "list", "--json", "--state", "held").stdout or "[]")
    return [item for item in items if item["source"] == source]


def write_post(slug, text):
    folder = SITE / "content" / "2026"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{slug}.md").write_text(f'+++\ntitle = "{slug.title()}"\ndate = 2026-11-20\naliases = ["/old/{slug}/"]\n+++\n{text}\n')


def settle(site_port, receiver_port):
    # Tools that refuse this machine are not asked to; Backmatter has to be told that it may be fetched from.
    (SITE / "backmatter.toml").write_text(
        f'title = "The Lamp"\nbase_url = "http://127.0.0.1:{site_port}"\nauthor = "Ada"\n'
        f'[linkbacks]\nreceiver = "http://127.0.0.1:{receiver_port}"\ndelay = 0\nhost_pause = 0\nburst = 1000\nhourly = 1000\n'
        '[network]\nallow = ["127.0.0.1:*", "localhost:*"]\n'
    )
    write_post("stairs", "Nine of the forty steps are loose.")
    built = backmatter("build")
    check("the blog builds", built.returncode == 0, built.stderr)
    start("receiver", [BACKMATTER, "receive", "--root", str(SITE), "--listen", f"127.0.0.1:{receiver_port}"])
    wait_for(lambda: answers(receiver_port))


def page(name, target):
    """A page that links, as a blog has it."""
    html = (
        f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>{name}</title>"
        f'<article class="h-entry"><h1 class="p-name">{name}</h1><p class="p-author h-card">Bea</p>'
        f'<div class="e-content"><p>We went down <a href="{target}">the stairs</a> with a lamp.</p></div></article></html>'
    )
    (WORK / "pages" / f"{name}.html").write_text(html)
    return name + ".html"


def pushl(source, target):
    return run([sys.executable, "-m", "pushl", "--self-pings", "--no-wayback-machine", "-vv", "-e", source])


def ronkyuu(source, target):
    program = (
        "import sys, ronkyuu\n"
        "status, endpoint = ronkyuu.discoverEndpoint(sys.argv[2], test_urls=False)[:2]\n"
        "print(status, endpoint)\n"
        "print(ronkyuu.sendWebmention(sys.argv[1], sys.argv[2], endpoint, test_urls=False).status_code)\n"
    )
    return run([sys.executable, "-c", program, source, target])


def remy(source, target):
    return run(["node", str(WORK / "node/node_modules/@remy/webmention/bin/wm.js"), source, "--send"])


def perl(source, target, receiver_port):
    program = (
        "use RPC::XML; use RPC::XML::Client;\n"
        "my $answer = RPC::XML::Client->new($ARGV[0])->send_request('pingback.ping', $ARGV[1], $ARGV[2]);\n"
        "print ref $answer ? ($answer->is_fault ? 'fault ' . $answer->code : 'answer ' . $answer->value) : $answer;\n"
    )
    return run(["perl", "-e", program, f"http://127.0.0.1:{receiver_port}/xmlrpc.php", source, target])


def python(source, target, receiver_port):
    server = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{receiver_port}/xmlrpc.php")
    try:
        return f"answer {server.pingback.ping(source, target)}"
    except xmlrpc.client.Fault as fault:
        return f"fault {fault.faultCode}"


def receives(site_port, receiver_port):
    """Tools write to the blog, at the post's address and at one it had before."""
    pages_port = serve(WORK / "pages")
    for target_name, target in [
        ("", f"http://127.0.0.1:{site_port}/{POST}"),
        (" by an old address", f"http://127.0.0.1:{site_port}/old/stairs/"),
    ]:
        suffix = "-old" if target_name else ""
        # @remy/webmention writes to no address that has the host of its page in it.
        for name, send, host in [("pushl", pushl, "127.0.0.1"), ("ronkyuu", ronkyuu, "127.0.0.1"), ("remy", remy, "localhost")]:
            source = f"http://{host}:{pages_port}/" + page(name + suffix, target)
            sent = send(source, target)
            held = wait_for(lambda: listed(source))
            check(f"a webmention of {name}{target_name} is held", held, sent.stdout + sent.stderr)
            words = held[0]["words"] if held else {}
            author = (words.get("author") or {}).get("name")
            check(f"the words of {name}{target_name} are those of its page", author == "Bea" and "with a lamp" in words.get("excerpt", ""), words)
        source = f"http://127.0.0.1:{pages_port}/" + page("perl" + suffix, target)
        sent = perl(source, target, receiver_port)
        check(f"RPC::XML's pingback{target_name} is answered", sent.stdout.startswith("answer "), sent.stdout + sent.stderr)
        check(f"RPC::XML's pingback{target_name} is held", wait_for(lambda: listed(source)), sent.stdout)
        again = perl(source, target, receiver_port).stdout
        check(f"RPC::XML is told of a second one{target_name}", again == "fault 48", again)
        source = f"http://127.0.0.1:{pages_port}/" + page("python" + suffix, target)
        sent = python(source, target, receiver_port)
        check(f"xmlrpc.client's pingback{target_name} is held", wait_for(lambda: listed(source)), sent)
        again = python(source, target, receiver_port)
        check(f"xmlrpc.client is told of a second one{target_name}", again == "fault 48", again)
    code = perl("http://127.0.0.1:1/", f"http://127.0.0.1:{site_port}/nothing/", receiver_port).stdout
    check("RPC::XML is told of an unknown target", code in ("fault 32", "fault 33"), code)


class Pings:
    """An XML-RPC server of Python's with `pingback.ping`, which answers as it is told to."""

    def __init__(self):
        self.port = free_port()
        self.answer, self.taken = "taken", []
        server = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", self.port), logRequests=False)
        server.register_function(self.ping, "pingback.ping")
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def ping(self, source, target):
        self.taken.append((source, target))
        if isinstance(self.answer, int):
            raise xmlrpc.client.Fault(self.answer, "because")
        return self.answer


PERL_SERVER = """
use RPC::XML::Server;
my $server = RPC::XML::Server->new(host => '127.0.0.1', port => $ARGV[0]) or die;
ref $server or die $server;
$server->add_method({ name => 'pingback.ping', signature => ['string string string'], code => sub {
    my ($self, $source, $target) = @_;
    open my $log, '>>', $ARGV[1]; print $log "$source $target\\n"; close $log;
    return "taken";
} });
$server->server_loop;
"""


def target_page(name, endpoint):
    (WORK / "targets" / f"{name}.html").write_text(
        f'<!DOCTYPE html><html lang=en><title>{name}</title><link rel="pingback" href="{endpoint}"><p>Steps.'
    )
    return f"{name}.html"


def sends(site_port):
    """The blog writes to tools that listen."""
    targets_port = serve(WORK / "targets")
    python_server = Pings()
    perl_port, perl_log = free_port(), WORK / "perl-pings.txt"
    perl_log.write_text("")
    start("perl", ["perl", "-e", PERL_SERVER, str(perl_port), str(perl_log)])
    wait_for(lambda: answers(perl_port))
    pages = {
        "python": target_page("python", f"http://127.0.0.1:{python_server.port}/RPC2"),
        "perl": target_page("perl", f"http://127.0.0.1:{perl_port}/RPC2"),
    }
    urls = {name: f"http://127.0.0.1:{targets_port}/{file}" for name, file in pages.items()}
    for name, url in urls.items():
        write_post(f"to-{name}", f"I read [this]({url}) on the stairs.")
    backmatter("build")
    sent = backmatter("send", "--since", "2026-11-01")
    source = f"http://127.0.0.1:{site_port}/2026/11/20/to-python/"
    check("xmlrpc.server takes a pingback", python_server.taken == [(source, urls["python"])], python_server.taken)
    taken = perl_log.read_text().split()
    check("RPC::XML::Server takes a pingback", taken == [source.replace("python", "perl"), urls["perl"]], f"{taken}\n{sent.stdout}{sent.stderr}")
    check("both are told", sent.returncode == 0 and sent.stdout.count("told") >= 2, sent.stdout + sent.stderr)


def versions():
    perl_version = run(["perl", "-MRPC::XML", "-e", "print $RPC::XML::VERSION"]).stdout
    print(f"     RPC::XML {perl_version}, Python {sys.version.split()[0]}")


def main():
    for folder in (SITE, WORK / "pages", WORK / "targets"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    (SITE / "public").mkdir()
    site_port, receiver_port = serve(SITE / "public"), free_port()
    try:
        versions()
        settle(site_port, receiver_port)
        receives(site_port, receiver_port)
        sends(site_port)
    finally:
        harness.stop_all()
    sys.exit(1 if harness.failed else 0)


main()
