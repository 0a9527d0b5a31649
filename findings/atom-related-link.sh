#!/usr/bin/env bash
# Guess: the address of an Atom entry is that of its alternate link, which is also the one without `rel` (RFC 4287,
# 4.2.7.2), wherever it stands among the links.
# Behaviour: @extractus/feed-extractor 8.0.3 and htmlparser2 12.0.0 take the first link, whatever its relation; rss-parser
# 3.13.0 and fastfeedparser 0.6.5 do so where the alternate link has no `rel`.
# Meaning: an entry that names the report it comments on sends readers to the report instead of the post, unless the
# alternate link stands first and says `rel="alternate"`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check fastfeedparser==0.6.5 feedparser==6.0.12
npm init -y >/dev/null
npm install --silent --no-audit --no-fund rss-parser@3.13.0 @extractus/feed-extractor@8.0.3 htmlparser2@12.0.0
cat >feed.xml <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>urn:x:1</id><updated>2026-11-01T00:00:00Z</updated>
<entry><title>first</title><id>urn:x:2</id><updated>2026-11-02T00:00:00Z</updated>
<link rel="related" href="https://news.example/report"/><link href="https://blog.example/bare"/></entry>
<entry><title>second</title><id>urn:x:3</id><updated>2026-11-02T00:00:00Z</updated>
<link rel="related" href="https://news.example/report"/><link rel="alternate" href="https://blog.example/named"/></entry>
</feed>
XML
cat >read.mjs <<'JS'
import fs from "node:fs";
import Parser from "rss-parser";
import { extractFromXml } from "@extractus/feed-extractor";
import { parseFeed } from "htmlparser2";
const xml = fs.readFileSync("feed.xml", "utf8");
const show = (name, entries) => console.log(name, ...entries.map((entry) => entry.link));
show("rss-parser    ", (await new Parser().parseString(xml)).items);
show("feed-extractor", extractFromXml(xml).entries);
show("htmlparser2   ", parseFeed(xml).items);
JS
cat >read.py <<'PY'
import fastfeedparser, feedparser
text = open("feed.xml").read()
print("fastfeedparser", *[entry["link"] for entry in fastfeedparser.parse(text).entries])
print("feedparser    ", *[entry.link for entry in feedparser.parse(text).entries])
PY
{ node read.mjs; python/bin/python read.py; } | tee seen
cat >expected <<'TEXT'
rss-parser     https://news.example/report https://blog.example/named
feed-extractor https://news.example/report https://news.example/report
htmlparser2    https://news.example/report https://news.example/report
fastfeedparser https://news.example/report https://blog.example/named
feedparser     https://blog.example/bare https://blog.example/named
TEXT
diff expected seen && echo "as found"
