#!/usr/bin/env bash
# Guess: a title without `type` is plain text (RFC 4287, 3.1.1.1): once the XML is decoded, its characters are its words.
# Behaviour: feedparser 2.6.0 (npm) takes what looks like a tag out of it; @rowanmanning/feed-parser 2.1.5 and
# @extractus/feed-extractor 8.0.3 decode references a second time. rss-parser 3.13.0 shows it as it is.
# Meaning: a title about mark-up cannot be written so that all readers show it; `type="text"` is right, and what breaks is theirs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund rss-parser@3.13.0 @rowanmanning/feed-parser@2.1.5 feedparser@2.6.0 @extractus/feed-extractor@8.0.3
cat >feed.xml <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>urn:x:1</id><updated>2026-11-01T00:00:00Z</updated>
<entry><title>When to write &lt;br&gt; and &amp;amp;</title><id>urn:x:2</id><updated>2026-11-02T00:00:00Z</updated>
<link rel="alternate" href="https://blog.example/p"/></entry>
</feed>
XML
cat >read.mjs <<'JS'
import fs from "node:fs";
import Parser from "rss-parser";
import { parseFeed } from "@rowanmanning/feed-parser";
import { extractFromXml } from "@extractus/feed-extractor";
import FeedParser from "feedparser";
const xml = fs.readFileSync("feed.xml", "utf8");
const show = (name, title) => console.log(name, JSON.stringify(title));
show("rss-parser      ", (await new Parser().parseString(xml)).items[0].title);
show("feed-parser     ", parseFeed(xml).items[0].title);
show("feed-extractor  ", extractFromXml(xml).entries[0].title);
const reader = new FeedParser({});
reader.on("readable", () => {
  for (let item; (item = reader.read()); ) show("feedparser (npm)", item.title);
});
reader.end(xml);
JS
node read.mjs | tee seen
cat >expected <<'TEXT'
rss-parser       "When to write <br> and &amp;"
feed-parser      "When to write <br> and &"
feed-extractor   "When to write <br> and &"
feedparser (npm) "When to write  and &amp;"
TEXT
diff expected seen && echo "as found"
