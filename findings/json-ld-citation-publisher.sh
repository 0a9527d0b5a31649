#!/usr/bin/env bash
# Guess: in JSON-LD the publisher of a cited article is the publisher of that article, and a page that names its site by
# `og:site_name` is named after that.
# Behaviour: metascraper-publisher 5.56.2 and defuddle 0.19.4 name the quoted newspaper as the site, as long as the post itself has
# no `publisher`; with one, they name the blog.
# Meaning: a BlogPosting that cites a report states its own `publisher`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund metascraper@5.58.1 metascraper-publisher@5.56.2 defuddle@0.19.4 jsdom@26.1.0
cat >name.mjs <<'JS'
import metascraper from "metascraper";
import publisher from "metascraper-publisher";
import { Defuddle } from "defuddle/node";
import { JSDOM } from "jsdom";
const url = "https://blog.example.com/stairs/";
const page = (own) => `<!doctype html><html lang="en"><head><title>Stairs</title>
<meta property="og:site_name" content="Low Stairs"><script type="application/ld+json">${JSON.stringify({
  "@context": "https://schema.org", "@type": "BlogPosting", headline: "Stairs", ...own,
  citation: [{ "@type": "NewsArticle", headline: "A letter", publisher: { "@type": "Organization", name: "The Gazette" } }],
})}</script></head><body><p>Words of the post.</p></body></html>`;
const read = metascraper([publisher()]);
for (const [name, own] of [["no publisher ", {}], ["own publisher", { publisher: { "@type": "Organization", name: "Low Stairs" } }]]) {
  const html = page(own);
  const site = (await Defuddle(new JSDOM(html, { url }).window.document, url)).site;
  console.log(`${name}: metascraper "${(await read({ html, url })).publisher}", defuddle "${site}"`);
}
JS
node name.mjs | tee seen
cat >expected <<'TEXT'
no publisher : metascraper "The Gazette", defuddle "The Gazette"
own publisher: metascraper "Low Stairs", defuddle "Low Stairs"
TEXT
diff expected seen && echo "as found"
