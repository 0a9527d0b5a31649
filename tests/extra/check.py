"""Checks what a build wrote: HTML, links, feeds and sitemaps.

    check.py JAR NAME=FOLDER=BASE_URL…

Each check prints a line `ok` or `FAIL`, with its faults below it.
"""

import collections
import datetime
import email.utils
import html.parser
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as ET

import feedparser

HERE = pathlib.Path(__file__).parent
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
SHOWN = 20


def report(site, check, count, faults):
    """One check's result, in the form the counting at the end looks for."""
    faults = list(dict.fromkeys(faults))
    print(f"{'FAIL' if faults else 'ok  '} {site}: {check} ({count})", flush=True)
    for fault in faults[:SHOWN]:
        print(f"     {fault}")
    if len(faults) > SHOWN:
        print(f"     and {len(faults) - SHOWN} more")


class Page(html.parser.HTMLParser):
    """The addresses, ids and head of an HTML text."""

    SINGLE = ["href", "src", "cite", "action", "formaction", "poster", "data", "longdesc", "background"]

    def __init__(self, text):
        super().__init__()
        self.addresses, self.ids, self.links, self.metas, self.scripts = [], set(), [], {}, []
        self.kind = ""
        self._json = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        for name in ("id", "name") if tag == "a" else ("id",):
            if name in attributes:
                self.ids.add(attributes[name])
        for name in self.SINGLE:
            if name in attributes:
                self.addresses.append((f"{tag} {name}", attributes[name]))
        for candidate in attributes.get("srcset", "").split(","):
            if candidate.strip():
                self.addresses.append((f"{tag} srcset", candidate.split()[0]))
        if tag == "data" and attributes.get("class", "").startswith("u-"):
            self.addresses.append(("data value", attributes["value"]))
        if tag == "link":
            self.links.append(attributes)
        if tag == "meta":
            name, value = attributes.get("name") or attributes.get("property"), attributes.get("content", "")
            if name:
                self.metas[name] = value
                if name in ("og:url", "og:image"):
                    self.addresses.append((name, value))
            if attributes.get("http-equiv", "").lower() == "refresh" and "url=" in value:
                self.addresses.append(("refresh", value.split("url=", 1)[1]))
        if tag == "body":
            self.kind = attributes.get("class", "")
        if tag == "script":
            self._json = attributes.get("type") == "application/ld+json"
            # The one script of the theme that a page has without a choice of its author.
            is_search = "/search/search.js?" in (attributes.get("src") or "")
            if not self._json and not is_search:
                self.scripts.append("a script")
        self.scripts.extend(f"{tag} {name}" for name in attributes if name.startswith("on"))

    def handle_data(self, data):
        if self._json:
            self._json = False
            self._walk(json.loads(data))

    def _walk(self, value):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in ("url", "image", "mainEntityOfPage", "@id") and isinstance(inner, str):
                    self.addresses.append((f"JSON-LD {key}", inner))
                self._walk(inner)
        elif isinstance(value, list):
            for inner in value:
                self._walk(inner)


class Site:
    """A built site."""

    def __init__(self, name, folder, base):
        self.name, self.folder, self.base = name, pathlib.Path(folder), base
        parts = urllib.parse.urlsplit(base)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.pages = {}
        for path in sorted(self.folder.rglob("*.html")):
            self.pages[path] = Page(path.read_text())

    def short(self, path):
        return path.relative_to(self.folder).as_posix()

    def url(self, path):
        short = self.short(path)
        short = short.removesuffix("index.html") if short.split("/")[-1] == "index.html" else short
        return f"{self.base}/{urllib.parse.quote(short)}"

    def fault(self, at, address, absolute=False):
        """What is wrong with an address that stands in the document at the address `at`."""
        if absolute and not re.match(r"[a-z][a-z0-9+.-]*:", address):
            return "is not absolute"
        if re.search(r'[\s<>"{}|\\^`]', address) or (not address.isascii() and not address.startswith("#")):
            return "is not encoded"
        target = urllib.parse.urlsplit(urllib.parse.urljoin(at, address))
        if target.scheme not in ("http", "https", "mailto"):
            return f"has the scheme {target.scheme}"
        host = target.hostname or ""
        if host in ("localhost", "0.0.0.0", "::1") or host.startswith("127.") or host.endswith(".localhost"):
            return "leads to this machine"
        if target.scheme == "mailto":
            return None if re.fullmatch(r"[^@\s]+@[^@\s]+", target.path) else "is no address for letters"
        if f"{target.scheme}://{target.netloc}" != self.origin:
            return None if host else "has no host"
        base_path = urllib.parse.urlsplit(self.base).path
        if target.path != base_path and not target.path.startswith(f"{base_path}/"):
            return f"leaves {self.base}"
        inner = urllib.parse.unquote(target.path[len(base_path) :]).lstrip("/")
        file = self.folder / inner
        if inner == "" or inner.endswith("/"):
            file = file / "index.html"
        if not file.is_file():
            return "leads nowhere"
        fragment = urllib.parse.unquote(target.fragment.split(":~:")[0])
        if fragment and (file not in self.pages or fragment not in self.pages[file].ids):
            return "has no such anchor"
        return None


def check_html(site, jar):
    command = ["java", "-jar", jar, "--skip-non-html", "--format", "json", "--stdout", str(site.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    faults = []
    for message in json.loads(done.stdout)["messages"]:
        page = urllib.parse.unquote(message.get("url", "")).removeprefix(f"file:{site.folder}/")
        extract = " ".join(message.get("extract", "").split())
        faults.append(f"{page}:{message.get('lastLine', '')}: {message['message']} ({extract})")
    if done.stderr.strip():
        faults.append(done.stderr.strip())
    if not site.pages:
        faults.append("there is no page")
    report(site.name, "the Nu HTML checker has nothing to say", f"{len(site.pages)} pages", faults)


def check_links(site):
    faults, count = [], 0
    for path, page in site.pages.items():
        at, short = site.url(path), site.short(path)
        for place, address in page.addresses:
            count += 1
            # Whoever takes a page's data elsewhere has no address to complete these with.
            taken_out = place in ("data value", "refresh") or place.startswith(("og:", "JSON-LD"))
            if fault := site.fault(at, address, taken_out):
                faults.append(f"{short}: {place} `{address}` {fault}")
        for script in page.scripts:
            faults.append(f"{short}: {script}")
        for link in page.links:
            if link.get("rel") == "canonical" and "refresh" not in dict(page.addresses):
                if link["href"] != at:
                    faults.append(f"{short}: canonical is `{link['href']}`")
            if link.get("rel") == "alternate":
                root = feed_root(site, link["href"])
                expected = {"application/atom+xml": "atom", "application/rss+xml": "rss", "application/feed+json": "json"}
                if root != expected.get(link.get("type")):
                    faults.append(f"{short}: `{link['href']}` is {root}, and not {link.get('type')}")
    redirects = site.folder / "_redirects"
    if redirects.is_file():
        for line in redirects.read_text().splitlines():
            words = line.split()
            if words and not line.startswith("#"):
                count += 1
                fault = site.fault(f"{site.base}/", words[1])
                if len(words) != 3 or fault:
                    faults.append(f"_redirects: `{line}` {fault or 'is no rule'}")
    report(site.name, "every address leads somewhere", f"{count} addresses", faults)


def feed_root(site, address):
    """What the file at an address is."""
    path = urllib.parse.urlsplit(urllib.parse.urljoin(f"{site.base}/", address)).path
    base = urllib.parse.urlsplit(site.base).path
    file = site.folder / urllib.parse.unquote(path.removeprefix(base)).lstrip("/")
    if not file.is_file():
        return "nothing"
    return kind_of(file)


def kind_of(file):
    if file.suffix == ".json":
        try:
            version = json.loads(file.read_text()).get("version", "")
        except (ValueError, AttributeError):
            return "other"
        return "json" if "jsonfeed" in version else "other"
    if file.suffix != ".xml":
        return "other"
    try:
        tag = ET.parse(file).getroot().tag
    except ET.ParseError as error:
        return f"no XML: {error}"
    return {f"{ATOM}feed": "atom", "rss": "rss", f"{SITEMAP}urlset": "sitemap", f"{SITEMAP}sitemapindex": "sitemap"}.get(
        tag, "other"
    )


def schema(jar, kind, files):
    """What the RELAX NG schema of a kind says about files."""
    driver = "nu.validator.vendor.thaiopensource.relaxng.util.Driver"
    command = ["java", "-cp", jar, driver, "-c", str(HERE / "schemas" / f"{kind}.rnc"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if done.returncode and not lines:
        lines = [f"the validator ended with {done.returncode}"]
    return lines


def check_text(site, short, text, faults):
    """HTML that stands in a feed is read where no page completes its addresses."""
    page = Page(text)
    for place, address in page.addresses:
        if fault := site.fault(f"{site.base}/", address, absolute=True):
            faults.append(f"{short}: {place} `{address}` {fault}")
    faults.extend(f"{short}: {script} in the text" for script in page.scripts)


def rfc3339(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text or ""):
        raise ValueError(f"`{text}` is no RFC 3339 date")
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Entries:
    """What holds for the entries of every format: unique ids, working links, order, and one id for one address."""

    def __init__(self, site, file, faults, known):
        self.site, self.file, self.short, self.faults, self.known = site, file, site.short(file), faults, known
        self.ids, self.dates = collections.Counter(), []

    def fault(self, text):
        self.faults.append(f"{self.short}: {text}")

    def add(self, ident, url, published, content):
        self.ids[ident] += 1
        if not re.match(r"(urn|https?|tag):", ident or ""):
            self.fault(f"id `{ident}` is no absolute IRI")
        if url is not None:
            if fault := self.site.fault(f"{self.site.base}/", url, absolute=True):
                self.fault(f"`{url}` {fault}")
            if self.known.setdefault(ident, url) != url:
                self.fault(f"id `{ident}` means `{url}` here, and `{self.known[ident]}` elsewhere")
        if published is not None:
            self.dates.append(published)
        if content is None:
            self.fault(f"{url}: has no text")
        check_text(self.site, f"{self.short}: {url}", content or "", self.faults)

    def finish(self):
        for ident, count in self.ids.items():
            if count > 1:
                self.fault(f"id `{ident}` occurs {count} times")
        if self.dates != sorted(self.dates, reverse=True):
            self.fault("the newest entry is not the first")

    def read_again(self, version):
        """A second, independent reader has to find the same."""
        found = feedparser.parse(self.file.read_bytes())
        if found.bozo:
            self.fault(f"feedparser: {found.bozo_exception}")
        if found.version != version:
            self.fault(f"feedparser reads it as `{found.version}`")
        if len(found.entries) != sum(self.ids.values()):
            self.fault(f"feedparser finds {len(found.entries)} entries of {sum(self.ids.values())}")
        for entry in found.entries:
            if not entry.get("link") or not entry.get("id") or not entry.get("published_parsed", entry.get("updated_parsed")):
                self.fault(f"feedparser misses a link, an id or a date in `{entry.get('id')}`")


def check_atom(site, files, jar, known, summaries):
    faults = schema(jar, "atom", files)
    feed_ids = {}
    for file in files:
        root, short = ET.parse(file).getroot(), site.short(file)
        entries = Entries(site, file, faults, known)
        ident = root.findtext(f"{ATOM}id")
        if ident in feed_ids:
            faults.append(f"{short}: has the id of {feed_ids[ident]}")
        feed_ids[ident] = short
        check_atom_links(site, short, root, faults, own=site.url(file))
        has_author = root.find(f"{ATOM}author") is not None
        newest = None
        for entry in root.findall(f"{ATOM}entry"):
            check_atom_links(site, short, entry, faults)
            link = next((l for l in entry.findall(f"{ATOM}link") if l.get("rel", "alternate") == "alternate"), None)
            url = None if link is None else link.get("href")
            if link is None and entry.find(f"{ATOM}content") is None:
                entries.fault("an entry has neither a link nor content")
            if not has_author and entry.find(f"{ATOM}author") is None:
                entries.fault(f"{url}: has no author")
            try:
                updated = rfc3339(entry.findtext(f"{ATOM}updated"))
                published = entry.findtext(f"{ATOM}published")
                published = rfc3339(published) if published else None
                if published and published > updated:
                    entries.fault(f"{url}: updated before it was published")
                newest = max(updated, newest or updated)
            except ValueError as error:
                entries.fault(f"{url}: {error}")
                published = None
            for construct in (f"{ATOM}title", f"{ATOM}summary"):
                found = entry.find(construct)
                if found is not None and found.get("type") == "html":
                    check_text(site, f"{short}: {url}", found.text or "", faults)
            summary = entry.find(f"{ATOM}summary")
            if summary is not None and summary.get("type", "text") == "text":
                summaries[entry.findtext(f"{ATOM}id")] = summary.text or ""
            content = entry.find(f"{ATOM}content")
            if content is not None and content.get("type") == "html":
                entries.add(entry.findtext(f"{ATOM}id"), url, published, content.text or "")
            else:
                entries.fault(f"{url}: has no HTML")
        try:
            if newest and rfc3339(root.findtext(f"{ATOM}updated")) < newest:
                entries.fault("is older than its newest entry")
        except ValueError as error:
            entries.fault(str(error))
        entries.finish()
        entries.read_again("atom10")
    report(site.name, "Atom feeds are as RFC 4287 says", f"{len(files)} feeds", faults or missing(files))


def check_atom_links(site, short, element, faults, own=None):
    seen = set()
    for link in element.findall(f"{ATOM}link"):
        rel, href = link.get("rel", "alternate"), link.get("href")
        if fault := site.fault(f"{site.base}/", href, absolute=True):
            faults.append(f"{short}: {rel} `{href}` {fault}")
        if rel == "alternate":
            key = (link.get("type"), link.get("hreflang"))
            if key in seen:
                faults.append(f"{short}: two alternate links of the type {key}")
            seen.add(key)
        if rel == "self":
            seen.add("self")
            if href != own:
                faults.append(f"{short}: says that it is `{href}`")
    if own and "self" not in seen:
        faults.append(f"{short}: has no link to itself")


class Words(html.parser.HTMLParser):
    """The text of HTML, as a reader shows it."""

    def __init__(self, text):
        super().__init__()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_data(self, data):
        self.text += data


def check_rss(site, files, jar, known, summaries):
    faults = schema(jar, "rss", files)
    for file in files:
        entries = Entries(site, file, faults, known)
        channel = ET.parse(file).getroot().find("channel")
        for link in channel.findall(f"{ATOM}link"):
            if link.get("rel") == "self" and link.get("href") != site.url(file):
                entries.fault(f"says that it is `{link.get('href')}`")
        if fault := site.fault(f"{site.base}/", channel.findtext("link"), absolute=True):
            entries.fault(f"link {fault}")
        dates = [rfc822(entries, channel.findtext(name)) for name in ("pubDate", "lastBuildDate") if channel.find(name) is not None]
        newest = None
        for item in channel.findall("item"):
            if item.find("title") is None and item.find("description") is None:
                entries.fault("an item has neither a title nor a description")
            guid, url = item.find("guid"), item.findtext("link")
            if guid is None:
                entries.fault(f"{url}: has no guid")
                continue
            if guid.get("isPermaLink", "true") == "true" and not re.match("https?://", guid.text):
                entries.fault(f"{url}: its guid is no address, and says so nowhere")
            published = rfc822(entries, item.findtext("pubDate")) if item.find("pubDate") is not None else None
            if published:
                newest = max(published, newest or published)
            description = item.findtext("description") or ""
            check_text(site, f"{entries.short}: {url}", description, faults)
            # Readers take a description for HTML, and a summary of Atom without a type for plain text.
            summary = summaries.get(guid.text)
            if summary is not None and Words(description).text.split() != summary.split():
                entries.fault(f"{url}: readers see `{Words(description).text}` of `{summary}`")
            entries.add(guid.text, url, published, item.findtext(CONTENT))
        if newest and any(date and date < newest for date in dates):
            entries.fault("is older than its newest item")
        entries.finish()
        entries.read_again("rss20")
    report(site.name, "RSS feeds are as RSS 2.0 says", f"{len(files)} feeds", faults or missing(files))


def rfc822(entries, text):
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        entries.fault(f"`{text}` is no RFC 822 date")
        return None
    if "," in text and text[:3] != date.strftime("%a"):
        entries.fault(f"`{text}` was a {date:%A}")
    if date.tzinfo is None:
        entries.fault(f"`{text}` has no time zone")
        return None
    return date


FEED_KEYS = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str,
    "next_url": str, "icon": str, "favicon": str, "authors": list, "language": str, "expired": bool, "hubs": list,
    "items": list,
}  # fmt: skip
ITEM_KEYS = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str,
    "summary": str, "image": str, "banner_image": str, "date_published": str, "date_modified": str, "authors": list,
    "tags": list, "language": str, "attachments": list,
}  # fmt: skip


def check_json(site, files, known):
    faults = []
    for file in files:
        feed = json.loads(file.read_text())
        entries = Entries(site, file, faults, known)
        check_keys(entries, "the feed", feed, FEED_KEYS, ["version", "title", "items"])
        if feed.get("version") != "https://jsonfeed.org/version/1.1":
            entries.fault(f"version is `{feed.get('version')}`")
        if feed.get("feed_url") != site.url(file):
            entries.fault(f"says that it is `{feed.get('feed_url')}`")
        for key in ("home_page_url", "next_url", "icon", "favicon"):
            if key in feed and (fault := site.fault(f"{site.base}/", feed[key], absolute=True)):
                entries.fault(f"{key} `{feed[key]}` {fault}")
        for item in feed.get("items", []):
            url = item.get("url")
            check_keys(entries, url, item, ITEM_KEYS, ["id"])
            if "content_html" not in item and "content_text" not in item:
                entries.fault(f"{url}: has neither content_html nor content_text")
            for key in ("external_url", "image", "banner_image"):
                if key in item and (fault := site.fault(f"{site.base}/", item[key], absolute=True)):
                    entries.fault(f"{url}: {key} `{item[key]}` {fault}")
            if not all(isinstance(tag, str) and tag for tag in item.get("tags", [])):
                entries.fault(f"{url}: a tag is no text")
            for attachment in item.get("attachments", []):
                if not {"url", "mime_type"} <= attachment.keys():
                    entries.fault(f"{url}: an attachment needs url and mime_type")
            published = None
            try:
                published = rfc3339(item["date_published"]) if "date_published" in item else None
                modified = rfc3339(item["date_modified"]) if "date_modified" in item else None
                if published and modified and modified < published:
                    entries.fault(f"{url}: modified before it was published")
            except ValueError as error:
                entries.fault(f"{url}: {error}")
            entries.add(item.get("id", ""), url, published, item.get("content_html"))
        entries.finish()
    report(site.name, "JSON feeds are as JSON Feed 1.1 says", f"{len(files)} feeds", faults or missing(files))


def check_keys(entries, what, table, known, needed):
    for key in needed:
        if key not in table:
            entries.fault(f"{what}: has no {key}")
    for key, value in table.items():
        if key not in known and not key.startswith("_"):
            entries.fault(f"{what}: JSON Feed 1.1 has no key `{key}`")
        elif key in known and (not isinstance(value, known[key]) or (value == "" and key != "content_html")):
            entries.fault(f"{what}: `{key}` is {value!r}")
    for author in table.get("authors", []):
        if not author or not set(author) <= {"name", "url", "avatar"}:
            entries.fault(f"{what}: author {author!r}")
        for key in ("url", "avatar"):
            if key in author and (fault := entries.site.fault(f"{entries.site.base}/", author[key], absolute=True)):
                entries.fault(f"{what}: author's {key} `{author[key]}` {fault}")


def check_sitemaps(site, files, jar):
    faults, seen = schema(jar, "sitemap", files), collections.Counter()
    for file in files:
        short, root = site.short(file), ET.parse(file).getroot()
        if file.stat().st_size > 50 * 1024 * 1024 or len(root) > 50_000:
            faults.append(f"{short}: is too large")
        for element in root:
            address = element.findtext(f"{SITEMAP}loc")
            seen[address] += 1
            # A sitemap speaks for the folder it stands in.
            if not address.startswith(f"{site.base}/"):
                faults.append(f"{short}: `{address}` is not below {site.base}")
            elif fault := site.fault(f"{site.base}/", address, absolute=True):
                faults.append(f"{short}: `{address}` {fault}")
            lastmod = element.findtext(f"{SITEMAP}lastmod")
            if lastmod and lastmod[:10] > (datetime.date.today() + datetime.timedelta(days=1)).isoformat():
                faults.append(f"{short}: `{address}` was changed in the future")
    pages = {site.url(path): page for path, page in site.pages.items()}
    for address, count in seen.items():
        if count > 1:
            faults.append(f"`{address}` occurs {count} times")
        page = pages.get(address)
        if page and "noindex" in page.metas.get("robots", ""):
            faults.append(f"`{address}` is not to be indexed")
    for address, page in pages.items():
        wanted = page.kind in ("kind-post", "kind-page") and "noindex" not in page.metas.get("robots", "")
        if wanted and address not in seen:
            faults.append(f"`{address}` is missing")
    robots = site.folder / "robots.txt"
    named = re.findall(r"(?im)^sitemap:\s*(\S+)$", robots.read_text() if robots.is_file() else "")
    if not named:
        faults.append("robots.txt: names no sitemap")
    for address in named:
        if fault := site.fault(f"{site.base}/", address, absolute=True):
            faults.append(f"robots.txt: `{address}` {fault}")
    report(site.name, "sitemaps are as sitemaps.org says", f"{len(seen)} addresses", faults or missing(files))


def missing(files):
    return [] if files else ["there is none"]


def check_endpoints(site, pingback, webmention):
    """A pingback client may use the specification's own expression, and read the first 5 KB only."""
    form = re.compile(r'<link rel="pingback" href="([^"]+)" ?/?>')
    faults, count = [], 0
    for path, page in site.pages.items():
        found = form.search(path.read_bytes()[:5120].decode("utf-8", "ignore"))
        found = html.unescape(found[1]) if found else None
        second = next((link["href"] for link in page.links if link.get("rel") == "webmention"), None)
        if any(kind == "refresh" for kind, _ in page.addresses):
            # A page at an old address announces the endpoints of the post that it leads to, if that takes linkbacks.
            if (found, second) not in [(None, None), (pingback, webmention)]:
                faults.append(f"{site.short(path)}: the endpoints are `{found}` and `{second}`")
            continue
        silent = "kind-post" not in page.kind or re.search(r"/series-two/", path.as_posix())
        if "kind-page" in page.kind:
            continue
        count += 0 if silent else 1
        if found != (None if silent else pingback):
            faults.append(f"{site.short(path)}: the pingback endpoint is `{found}`")
        if second != (None if silent else webmention):
            faults.append(f"{site.short(path)}: the webmention endpoint is `{second}`")
    report(site.name, "posts name their endpoints where a pingback client looks", f"{count} posts", faults)


def check_hidden(site, shown):
    """Drafts, posts of the future and expired ones: in no file at all, or marked wherever they are."""
    faults, found = [], 0
    for path in sorted(site.folder.rglob("*")):
        if path.is_file() and (b"-7f3a" in path.read_bytes() or re.search(r"/(draft|future|expired)/", path.as_posix())):
            found += 1
            if not shown:
                faults.append(f"{site.short(path)}: shows a post that is hidden")
    if shown:
        for name in ("draft", "future", "expired"):
            pages = [page for path, page in site.pages.items() if path.parent.name == name]
            if not pages or any("noindex" not in page.metas.get("robots", "") for page in pages):
                faults.append(f"{name}: is not shown, or not kept from search engines")
    report(site.name, f"hidden posts are {'shown when asked for' if shown else 'nowhere'}", f"{found} files", faults)


def main():
    jar, *specs = sys.argv[1:]
    for spec in specs:
        name, folder, base = spec.split("=")
        site = Site(name, pathlib.Path(folder).resolve(), base)
        files = collections.defaultdict(list)
        for file in sorted([*site.folder.rglob("*.xml"), *site.folder.rglob("*.json")]):
            files[kind_of(file)].append(file)
        odd = [f"{site.short(file)} is {kind}" for kind in files if kind.startswith("no XML") for file in files[kind]]
        report(name, "all XML is well-formed", f"{sum(map(len, files.values()))} files", odd)
        known, summaries = {}, {}
        check_html(site, jar)
        check_links(site)
        check_atom(site, files["atom"], jar, known, summaries)
        check_rss(site, files["rss"], jar, known, summaries)
        check_json(site, files["json"], known)
        check_sitemaps(site, files["sitemap"], jar)
        if name == "everything":
            query = "https://hear.example/{0}?site=1&form={1}"
            check_endpoints(site, query.format("pingback", "xml"), query.format("webmention", "json"))
        if name in ("everything", "other"):
            check_hidden(site, shown=name == "other")


main()
