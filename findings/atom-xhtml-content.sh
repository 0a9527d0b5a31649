#!/usr/bin/env bash
# Guess: `content type="xhtml"`, the form that the Atom specification uses in its own example, is read by whatever reads Atom.
# Behaviour: atoma 0.0.17 gives no content at all, htmlparser2 12.0.0 and @extractus/feed-extractor 8.0.3 its text without
# mark-up or an empty text, fastfeedparser 0.6.5 and rss-parser 3.13.0 leave the wrapping elements in.
# Meaning: posts go out as `type="html"`, which all of them read.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check fastfeedparser==0.6.5 atoma==0.0.17
npm init -y >/dev/null
npm install --silent --no-audit --no-fund rss-parser@3.13.0 @extractus/feed-extractor@8.0.3 htmlparser2@12.0.0
cat >feed.xml <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>urn:x:1</id><updated>2026-11-01T00:00:00Z</updated>
<entry><title>Post</title><id>urn:x:2</id><updated>2026-11-02T00:00:00Z</updated><link rel="alternate" href="https://blog.example/p"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One <b>two</b></p></div></content></entry>
</feed>
XML
cat >read.mjs <<'JS'
import fs from "node:fs";
import Parser from "rss-parser";
import { extractFromXml } from "@extractus/feed-extractor";
import { parseFeed } from "htmlparser2";
const xml = fs.readFileSync("feed.xml", "utf8");
const show = (name, content) => console.log(name, JSON.stringify(content));
show("rss-parser    ", (await new Parser().parseString(xml)).items[0].content);
show("feed-extractor", extractFromXml(xml).entries[0].description);
show("htmlparser2   ", parseFeed(xml).items[0].description);
JS
cat >read.py <<'PY'
import atoma, fastfeedparser, json
print("fastfeedparser", json.dumps(fastfeedparser.parse(open("feed.xml").read()).entries[0]["content"][0]["value"]))
print("atoma         ", json.dumps(atoma.parse_atom_file("feed.xml").entries[0].content))
PY
{ node read.mjs; python/bin/python read.py; } | tee seen
cat >expected <<'TEXT'
rss-parser     "<div type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p>One <b>two</b></p></div></div>"
feed-extractor ""
htmlparser2    "One two"
fastfeedparser "<content xmlns=\"http://www.w3.org/2005/Atom\" type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p>One <b>two</b></p></div></content>"
atoma          null
TEXT
diff expected seen && echo "as found"
