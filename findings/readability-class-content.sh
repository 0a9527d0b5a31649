#!/usr/bin/env bash
# Guess: a reader view shows an article with the quotations in it, whatever Microformats class the blockquote has.
# Behaviour: Readability 0.6.0 (Firefox's reader view) adds points to an element whose class has the word "content". With
# `p-content` on a blockquote of 120 words it shows the quotation alone, without the author's 40 words and without a blockquote
# around it; without the class, or with the class on the paragraphs of the quotation, it shows all.
# Meaning: `p-content` of a quotation stands on its paragraphs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @mozilla/readability@0.6.0 jsdom@26.1.0
cat >view.cjs <<'JS'
const { Readability } = require("@mozilla/readability");
const { JSDOM } = require("jsdom");
const words = (name, count) => Array.from({ length: count }, (_, at) => `${name}${at}${at % 12 ? "" : ","}`).join(" ");
const page = (quotation, paragraph) => `<!doctype html><html lang="en"><head><title>Stairs</title></head><body><main><article>
<h1>Stairs</h1><div class="entry"><p>${words("own", 40)}.</p><figure><figcaption>Samuel Ekwall</figcaption>
<blockquote${quotation}><p${paragraph}>${words("quoted", 60)}.</p><p${paragraph}>${words("cited", 60)}.</p></blockquote></figure>
</div></article></main></body></html>`;
const content = ' class="p-content"';
for (const [name, quotation, paragraph] of [["no class     ", "", ""], ["on blockquote", content, ""], ["on paragraphs", "", content]]) {
  const article = new Readability(new JSDOM(page(quotation, paragraph)).window.document).parse();
  const shown = (word) => (article.textContent.includes(word) ? "shown" : "lost");
  console.log(`${name}: own words ${shown("own39")}, quoted words ${shown("quoted59")}, caption ${shown("Ekwall")}`);
}
JS
node view.cjs | tee seen
cat >expected <<'TEXT'
no class     : own words shown, quoted words shown, caption shown
on blockquote: own words lost, quoted words shown, caption lost
on paragraphs: own words shown, quoted words shown, caption shown
TEXT
diff expected seen && echo "as found"
