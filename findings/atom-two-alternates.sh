#!/usr/bin/env bash
# Guess: of two alternate links of one Atom entry (RFC 4287, 4.1.2, allows them where type or hreflang differ), readers
# take the first, or the one in the language of the feed.
# Behaviour: feedparser 6.0.12 (PyPI) and feedparser 2.6.0 (npm) take the last one, so the post opens as its
# translation; rss-parser 3.13.0, @rowanmanning/feed-parser 2.1.5 and fastfeedparser 0.6.5 take the first. None of them looks at hreflang.
# Meaning: translations are announced in the page, not in the feed; an entry has one alternate link.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check fastfeedparser==0.6.5 feedparser==6.0.12
npm init -y >/dev/null
npm install --silent --no-audit --no-fund rss-parser@3.13.0 @rowanmanning/feed-parser@2.1.5 feedparser@2.6.0
cat >feed.xml <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<feed xml:lang="en" xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>urn:x:1</id><updated>2026-11-01T00:00:00Z</updated>
<entry><title>Post</title><id>urn:x:2</id><updated>2026-11-02T00:00:00Z</updated>
<link rel="alternate" hreflang="en" href="https://blog.example/en"/><link rel="alternate" hreflang="de" href="https://blog.example/de"/></entry>
</feed>
XML
cat >read.mjs <<'JS'
import fs from "node:fs";
import Parser from "rss-parser";
import { parseFeed } from "@rowanmanning/feed-parser";
import FeedParser from "feedparser";
const xml = fs.readFileSync("feed.xml", "utf8");
console.log("rss-parser        ", (await new Parser().parseString(xml)).items[0].link);
console.log("feed-parser       ", parseFeed(xml).items[0].url);
const reader = new FeedParser({});
reader.on("readable", () => {
  for (let item; (item = reader.read()); ) console.log("feedparser (npm)  ", item.link);
});
reader.end(xml);
JS
cat >read.py <<'PY'
import fastfeedparser, feedparser
text = open("feed.xml").read()
print("fastfeedparser    ", fastfeedparser.parse(text).entries[0]["link"])
print("feedparser (PyPI) ", feedparser.parse(text).entries[0].link)
PY
{ node read.mjs; python/bin/python read.py; } | tee seen
cat >expected <<'TEXT'
rss-parser         https://blog.example/en
feed-parser        https://blog.example/en
feedparser (npm)   https://blog.example/de
fastfeedparser     https://blog.example/en
feedparser (PyPI)  https://blog.example/de
TEXT
diff expected seen && echo "as found"
