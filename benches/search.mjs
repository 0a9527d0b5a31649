// Asks the search of a site in Chromium, ours or Pagefind's, and prints JSON: what each query loads, how long the results take
// after the last file, and what is found.
//
//     node search.mjs MODULES ours|pagefind FOLDER < questions.json

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import zlib from "node:zlib";
import { createRequire } from "node:module";

const [modules, engine, folder] = process.argv.slice(2);
const { chromium } = createRequire(`${path.resolve(modules)}/`)("playwright-core");
const questions = JSON.parse(fs.readFileSync(0, "utf8"));
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml" };

// A host of static files as most are: text is compressed, other files are not and can be had in parts.
const server = http.createServer((request, response) => {
  let file = path.join(folder, decodeURIComponent(new URL(request.url, "http://x").pathname));
  if (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) file = path.join(file, "index.html");
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  const bytes = fs.readFileSync(file);
  const type = TYPES[path.extname(file)];
  const headers = { "Content-Type": type ?? "application/octet-stream", "Cache-Control": "no-store" };
  const part = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (part && !type) {
    const [from, to] = [Number(part[1]), Math.min(Number(part[2]), bytes.length - 1)];
    response.writeHead(206, { ...headers, "Content-Range": `bytes ${from}-${to}/${bytes.length}` });
    return response.end(bytes.subarray(from, to + 1));
  }
  if (type) return response.writeHead(200, { ...headers, "Content-Encoding": "gzip" }).end(zlib.gzipSync(bytes));
  response.writeHead(200, headers).end(bytes);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

async function fresh(isCounted) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  // Of all bytes those of the script and the index, which are loaded before results are shown; the others are excerpts.
  const counts = { bytes: 0, index: 0, requests: 0 };
  if (isCounted) {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Network.enable");
    const addresses = new Map();
    devtools.on("Network.requestWillBeSent", ({ requestId, request }) => addresses.set(requestId, request.url));
    devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      // The page itself and its style are there without a search; the script is not.
      const address = addresses.get(requestId) ?? "";
      if (/\.(css|svg)(\?|$)/.test(address) || address === `${origin}/search/` || address === `${origin}/`) return;
      if (process.env.VERBOSE) console.error(encodedDataLength, address.slice(origin.length));
      counts.bytes += encodedDataLength;
      if (address.startsWith(`${origin}/search/`)) counts.index += encodedDataLength;
      counts.requests += 1;
    });
  }
  return { page, counts };
}

const rest = (page) => page.waitForLoadState("networkidle");

async function askOurs(page, typed) {
  await page.fill("input[type=search]", "");
  await page.waitForFunction(() => !document.querySelector(".results li"));
  await page.evaluate(() => (document.querySelector("[role=status]").textContent = ""));
  await page.fill("input[type=search]", typed);
  await page.waitForFunction(() => document.querySelector(".results li") || document.querySelector("[role=status]").textContent.trim(), null, { polling: 20 }).catch(() => {});
  const more = page.locator("[data-search-more]");
  if (await more.isVisible()) {
    await more.click();
    await page.waitForFunction(() => document.querySelectorAll(".results li").length > 5, null, { polling: 20, timeout: 5000 }).catch(() => {});
  }
  return page.$$eval(".results a", (links) => links.slice(0, 10).map((link) => new URL(link.href).pathname));
}

// What is loaded for one query, as a reader types it, letter after letter, and how long the results take behind the last shard.
async function firstOurs(typed) {
  const { page, counts } = await fresh(true);
  await page.goto(`${origin}/search/`);
  await rest(page);
  const before = { ...counts };
  await page.evaluate(() => {
    new MutationObserver(() => (window.shownAt ??= performance.now())).observe(document.querySelector(".results"), { childList: true });
  });
  await page.locator("input[type=search]").pressSequentially(typed, { delay: 60 });
  await page.waitForSelector(".results li");
  const wait = await page.evaluate(() => {
    const files = performance.getEntriesByType("resource").filter(({ name }) => /\/search\/.*\.(bin|json)/.test(name));
    const last = Math.max(...files.filter(({ responseEnd }) => responseEnd <= window.shownAt).map(({ responseEnd }) => responseEnd));
    return window.shownAt - last;
  });
  await page.waitForTimeout(400);
  await rest(page);
  await page.context().close();
  return { typed, script: before.bytes, results: counts.index, all: counts.bytes, requests: counts.requests, wait };
}

async function loadPagefind(page) {
  await page.goto(`${origin}/404.html`);
  await rest(page);
  await page.evaluate(async () => {
    window.pagefind = await import("/pagefind/pagefind.js");
  });
}

const askPagefind = (page, typed, count) =>
  page.evaluate(
    async ([typed, count]) => {
      const { results } = await window.pagefind.search(typed);
      const data = await Promise.all(results.slice(0, count).map((result) => result.data()));
      return data.map(({ url }) => url);
    },
    [typed, count],
  );

async function firstPagefind(typed) {
  const { page, counts } = await fresh(true);
  await loadPagefind(page);
  await askPagefind(page, typed, 5);
  await rest(page);
  await page.context().close();
  return { typed, all: counts.bytes, requests: counts.requests };
}

const report = { first: [], found: [] };
for (const typed of questions.first) report.first.push(await (engine === "ours" ? firstOurs : firstPagefind)(typed));
let asking, pageOf;
for (const { typed, language } of questions.ask) {
  // The page is in the language of the reader, as each site's is.
  if (asking !== language) {
    ({ page: pageOf } = await fresh(false));
    if (engine === "ours") {
      await pageOf.goto(`${origin}/search/`);
      await pageOf.evaluate((tag) => (document.documentElement.lang = tag), language);
    } else {
      await pageOf.goto(`${origin}/404.html`);
      await pageOf.evaluate((tag) => (document.documentElement.lang = tag), language);
      await pageOf.evaluate(async () => {
        window.pagefind = await import("/pagefind/pagefind.js");
      });
    }
    asking = language;
  }
  report.found.push(await (engine === "ours" ? askOurs(pageOf, typed) : askPagefind(pageOf, typed, 10)));
}
console.log(JSON.stringify(report));
await browser.close();
server.close();
