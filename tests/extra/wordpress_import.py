"""Moves a real WordPress to Backmatter, and compares both in Chromium: words, links and images of each post, and the feeds."""

import base64
import html.parser
import json
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import feedparser

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 240
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNSEEN = {"script", "style", "template", "noscript"}
BLOCKS = {"p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "figure", "figcaption", "table", "tr", "td", "th", "br", "hr", "cite", "footer"}
# What is one mark in two forms, or not seen.
FOLDED = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": ".", "×": "x", "\u00a0": " ", "\u00ad": "", "\u200b": ""})


class Content(html.parser.HTMLParser):
    """The text of a post: what is within the element of a class, without what Backmatter adds."""

    def __init__(self, css_class, address):
        super().__init__()
        self.css_class, self.address = css_class, address
        self.depth = self.unseen = 0
        # Comments have the same class, below the post.
        self.is_over = False
        self.text, self.links, self.images = [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        classes = (attributes.get("class") or "").split()
        if tag in BLOCKS:
            self.text.append(" ")
        if self.unseen or tag in UNSEEN or {"anchor", "quote-permalink"} & set(classes):
            self.unseen += tag not in VOID
            self.depth += tag not in VOID and self.depth > 0
            return
        if self.depth and tag not in VOID:
            self.depth += 1
        elif not self.depth and self.css_class in classes and not self.is_over:
            self.depth = 1
        if not self.depth:
            return
        if tag == "a" and attributes.get("href"):
            self.links.append(place(urljoin(self.address, attributes["href"])))
        if tag == "img":
            source = place(urljoin(self.address, attributes.get("src") or ""))
            self.images.append((re.sub(r"-\d+x\d+(?=\.\w+$)", "", source.partition("?")[0]), attributes.get("alt") or ""))

    def handle_endtag(self, tag):
        if tag in BLOCKS:
            self.text.append(" ")
        if tag not in VOID and self.depth:
            self.depth -= 1
            self.is_over |= self.depth == 0
        if tag not in VOID and self.unseen:
            self.unseen -= 1

    def handle_data(self, data):
        if self.depth and not self.unseen:
            self.text.append(data)

    def words(self):
        text = unicodedata.normalize("NFC", "".join(self.text)).translate(FOLDED)
        words = re.sub(r"([-.])\1+", r"\1", text).split()
        # The dash before the source of a quote is the theme's.
        return [word for word in words if word != "-"]


def place(address):
    """The address below its host, as both blogs stand on another one."""
    parts = urlsplit(address)
    # Links of quotes lead to the quoted words.
    fragment = re.sub(r"^comment-(?=\d+$)", "linkback-", parts.fragment.partition(":~:")[0])
    host = "" if parts.hostname in (None, "127.0.0.1") else parts.netloc
    return host + unquote(parts.path) + ("?" + parts.query if parts.query else "") + ("#" + fragment if fragment else "")


def page(address):
    """The page as Chromium has it."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom", address]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE).stdout


def seen(address, css_class):
    content = Content(css_class, address)
    content.feed(page(address))
    return content


def tree(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def moves(wordpress, work, program, check, serve):
    """Everything that WordPress's own functions made is exported, imported, built and compared."""
    made = wordpress.do("content", picture=PICTURE)
    export = work / "export.xml"
    wordpress.do("export", file=str(export))
    moved = work / "moved"
    shutil.rmtree(moved, ignore_errors=True)
    uploads = wordpress.site / "wp-content" / "uploads"

    def run(*arguments):
        return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)

    arguments = ["import", "wordpress", str(export), "--uploads", str(uploads), "--into", str(moved), "--json"]
    done = run(*arguments)
    if not check("its export is imported", done.returncode == 0, done.stdout + done.stderr):
        return
    account = json.loads(done.stdout)
    check("everything in the export is accounted for", account["items"] == account["accounted"] > 10, done.stdout)
    check("every text came over whole", account["imperfect"] == [] and account["proven"] > 8, account["imperfect"])
    best = max(account["hosts"], key=lambda host: host["score"])
    check("every old address is answered by a host with rules", best["lost"] == 0, json.dumps(best, indent=1))
    before = tree(moved)
    again = run(*arguments)
    check("a second import changes nothing", again.returncode == 0 and tree(moved) == before, again.stderr)
    built = run("build", "--strict", "--root", str(moved))
    check("the moved blog builds without a warning", built.returncode == 0, built.stdout + built.stderr)
    public = moved / "public"
    port = serve(public)
    compare(wordpress, made, port, public, check)
    compare_feeds(wordpress, port, check)


def compare(wordpress, made, port, public, check):
    for entry in made["public"]:
        path = urlsplit(entry["link"]).path
        old = seen(entry["link"], "entry-content")
        new = seen(f"http://127.0.0.1:{port}{path}", "e-content")
        name = entry["title"] or path
        # The addresses that WordPress has for comments lead to the same ones here.
        short = {place(link): place(to) for link, to in made["short"].items()}
        links = [short.get(link, link) for link in old.links]
        # The source of a quote stands before its words.
        check(f"the words of {name}", sorted(old.words()) == sorted(new.words()) != [], f"{old.words()}\n{new.words()}")
        check(f"the links of {name}", links == new.links, f"{links}\n{new.links}")
        check(f"the images of {name}", old.images == new.images, f"{old.images}\n{new.images}")
    html = page(f"http://127.0.0.1:{port}{urlsplit(made['discussed']).path}")
    for text in made["comments"]:
        check(f"the comment “{text}”", text in html, html)
    check("answers stand below what they answer", re.search(r"First voice.*?Second voice.*?In answer to.*?Third voice.*?In answer to", html, re.S), html)
    check("a pingback that it received stands in the page", any("An “answer” &amp; more" in text.read_text() for text in public.rglob("index.html")))
    everything = "".join(file.read_text(errors="replace") for file in public.rglob("*") if file.suffix in (".html", ".xml", ".json"))
    for word in made["secret"]:
        check(f"what was not public is not: {word}", word not in everything)


def compare_feeds(wordpress, port, check):
    old = feedparser.parse(f"http://{wordpress.host}/feed/")
    ids = {entry.id for entry in old.entries}
    for name in ("rss.xml", "atom.xml"):
        new = {entry.id for entry in feedparser.parse(f"http://127.0.0.1:{port}/{name}").entries}
        check(f"no post of {name} is new to a reader", len(new) > 3 and new <= ids, f"{sorted(new - ids)}\n{sorted(ids)}")
