// What reader views and previews make of pages: prints JSON, an object for each page.
//
//     node readers.mjs MODULES PAGE=ADDRESS…

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...specs] = process.argv.slice(2);
const require = createRequire(`${path.resolve(modules)}/`);
const { Readability } = require("@mozilla/readability");
const { JSDOM } = require("jsdom");
const metascraper = require("metascraper")([require("metascraper-publisher")()]);
const { Defuddle } = await import(pathToFileURL(path.resolve(modules, "node_modules/defuddle/dist/node.js")));

const found = {};
for (const spec of specs) {
  const [file, url] = spec.split("=");
  const html = fs.readFileSync(file, "utf8");
  const article = new Readability(new JSDOM(html, { url }).window.document).parse();
  const preview = await metascraper({ html, url });
  const clipped = await Defuddle(new JSDOM(html, { url }).window.document, url);
  found[file] = {
    readability: article?.textContent ?? "",
    publisher: preview.publisher,
    site: clipped.site,
    defuddle: new JSDOM(clipped.content).window.document.body.textContent,
  };
}
console.log(JSON.stringify(found));
