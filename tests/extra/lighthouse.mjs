// Lighthouse on twelve pages of a built site, as a telephone sees them: 100 for accessibility, best practices and search
// engines, and nothing that moves while a page loads. The figure for performance is printed and decides nothing: it measures
// the machine as well, which has other work to do in a test.
//
//     node lighthouse.mjs MODULES FOLDER BASE_URL
//
// Each page prints a line `ok` or `FAIL`, with what it lacks below it.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { serveFolder } from "./serve_folder.mjs";

const [modules, folder, address] = process.argv.slice(2);
const require = createRequire(`${path.resolve(modules)}/`);
const { chromium } = require("playwright-core");
const { default: lighthouse } = await import(pathToFileURL(require.resolve("lighthouse")));

const PAGES = 12;
const CATEGORIES = ["accessibility", "best-practices", "seo", "performance"];

const base = new URL(address).pathname.replace(/\/$/, "");
const server = await serveFolder(folder, { base, gzip: true, headers: { "Cache-Control": "max-age=31536000" } });
const { origin } = server;

/** A page of each kind, the largest, and then posts and pages until there are twelve. */
function chosen() {
  const pages = fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith("index.html")).map((name) => {
    const text = fs.readFileSync(path.join(folder, name), "utf8");
    const kind = /<body class="kind-([^"]+)"/.exec(text)?.[1];
    return { name: name.replace(/index\.html$/, ""), kind, size: text.length };
  }).filter(({ kind }) => kind && kind !== "not_found").sort((a, b) => b.size - a.size);
  const first = pages.filter(({ kind }, at) => pages.findIndex((page) => page.kind === kind) === at);
  const others = pages.filter((page) => !first.includes(page) && ["post", "page"].includes(page.kind));
  return [...first, ...others].slice(0, PAGES);
}

const port = 9300 + (process.pid % 500);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", `--remote-debugging-port=${port}`],
});
try {
  const pages = chosen();
  if (pages.length < PAGES) console.log(`FAIL lighthouse: ${pages.length} pages, not ${PAGES}`);
  for (const { name, kind } of pages) {
    const { lhr } = await lighthouse(`${origin}${base}/${name}`, { port, logLevel: "silent", onlyCategories: CATEGORIES });
    const scores = CATEGORIES.map((category) => Math.round((lhr.categories[category].score ?? 0) * 100));
    // The canonical address is that of the site, which is not where it is served from here.
    const seo = lhr.categories.seo.auditRefs.filter(({ id }) => id !== "canonical" && (lhr.audits[id].score ?? 1) < 1);
    const stands = (lhr.audits["cumulative-layout-shift"].numericValue ?? 1) === 0;
    const good = scores.slice(0, 2).every((score) => score === 100) && seo.length === 0 && stands;
    console.log(`${good ? "ok  " : "FAIL"} lighthouse: /${name} (${kind}): ${scores.join(", ")}`);
    if (good) continue;
    const timed = new Set(lhr.categories.performance.auditRefs.map(({ id }) => id).filter((id) => id !== "cumulative-layout-shift"));
    for (const [id, audit] of Object.entries(lhr.audits)) {
      if (audit.score !== null && audit.score < 0.9 && !timed.has(id)) console.log(`     ${audit.id}: ${audit.title} ${audit.displayValue ?? ""}`);
    }
  }
} finally {
  await browser.close();
  server.close();
}
