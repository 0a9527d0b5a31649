// Looks at a new site in Chromium in each of the built-in looks, in a language of each direction: accessibility and width, the
// switch of light and dark, and the boxes that load a page of another site in a frame.
//
//     node looks.mjs MODULES BACKMATTER FOLDER
//
// Each check prints a line `ok` or `FAIL`, with its faults below it.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { serveFolder } from "./serve_folder.mjs";

const [modules, backmatter, folder] = process.argv.slice(2);
const require = createRequire(`${path.resolve(modules)}/`);
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// What a careful host sends: scripts of the site alone, and none within a page.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; frame-src https:";

const FILM = `+++
title = "A film"
date = 2026-11-20
tags = ["film"]
+++
We saw this:

<https://www.youtube.com/watch?v=aB3-_x9Qw1E>

<https://social.example/@ada/109876543210987654>

Words with a note[^1] and a picture of code:

\`\`\`rust
fn main() {}
\`\`\`

[^1]: A note.
`;

function report(check, count, faults) {
  const unique = [...new Set(faults)];
  console.log(`${unique.length ? "FAIL" : "ok  "} looks: ${check} (${count})`);
  for (const fault of unique.slice(0, 20)) console.log(`     ${fault}`);
}

/** A new site in a look and a language, served below no path. */
async function site(look, language) {
  const root = path.join(folder, `${look}-${language}`);
  execFileSync(backmatter, ["init", "--theme", look, root]);
  const file = path.join(root, "backmatter.toml");
  const settings = fs.readFileSync(file, "utf8").replace(/^language = .*$/m, `language = "${language}"`);
  fs.writeFileSync(file, settings.replace(/^# scheme_switch = true/m, "scheme_switch = true"));
  fs.writeFileSync(path.join(root, "content/film.md"), FILM);
  execFileSync(backmatter, ["build", "--quiet", "--strict", "--root", root]);
  const output = path.join(root, "public");
  const server = await serveFolder(output, { headers: { "Content-Security-Policy": POLICY } });
  // The largest page of each kind, and the post with the boxes.
  const found = fs.readdirSync(output, { recursive: true }).filter((name) => name.endsWith("index.html")).map((name) => {
    const text = fs.readFileSync(path.join(output, name), "utf8");
    return { name: `/${name.replace(/index\.html$/, "")}`, kind: /<body class="kind-([^"]+)"/.exec(text)?.[1], size: text.length };
  }).filter(({ kind }) => kind).sort((a, b) => b.size - a.size);
  const pages = found.filter(({ name, kind }, at) => name.includes("/film/") || found.findIndex((page) => page.kind === kind) === at)
    .map(({ name }) => name);
  return { look, language, pages, server, origin: server.origin };
}

async function checkAccess(browser, { look, language, pages, origin }) {
  for (const colorScheme of ["light", "dark"]) {
    const faults = [];
    for (const width of [390, 768, 1440]) {
      // axe is put into the page by the browser, which a policy of the page does not allow by itself.
      const context = await browser.newContext({ colorScheme, bypassCSP: true, viewport: { width, height: 900 } });
      const page = await context.newPage();
      for (const name of pages) {
        await page.goto(origin + name);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (over > 0) faults.push(`${name}: ${over} px wider than ${width}`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
          resultTypes: ["violations"],
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        }));
        for (const { id, nodes } of violations) faults.push(`${name} at ${width}: ${id}: ${nodes[0].html.slice(0, 120)}`);
      }
      await context.close();
    }
    report(`axe finds nothing in ${look}, ${language}, ${colorScheme}, at three widths`, `${pages.length} pages`, faults);
  }
}

/** In the page, before anything of it: what the scheme is when the body begins, which is before the first paint. */
function watchScheme() {
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    globalThis.schemeAtFirst = document.documentElement.dataset.theme ?? "none";
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}

async function checkSwitch(browser, { look, language, origin }) {
  const faults = [];
  const expect = (what, found, wanted) => {
    if (found !== wanted) faults.push(`${what}: ${found}, not ${wanted}`);
  };
  const context = await browser.newContext({ colorScheme: "light" });
  await context.addInitScript(watchScheme);
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = () => page.evaluate(() => document.querySelector(".scheme").getAttribute("aria-pressed"));
  await page.goto(origin);
  expect("without a choice", await page.evaluate(() => globalThis.schemeAtFirst), "none");
  const light = await ground();
  await page.click(".scheme");
  expect("pressed", await dark(), "true");
  if ((await ground()) === light) faults.push("the colours are the same after the button is pressed");
  await page.goto(`${origin}/archives/`);
  expect("before the first paint of the next page", await page.evaluate(() => globalThis.schemeAtFirst), "dark");
  await page.click(".scheme");
  expect("pressed twice", await ground(), light);
  expect("a choice that is the system's", await page.evaluate(() => localStorage.length), 0);
  await page.emulateMedia({ colorScheme: "dark" });
  // The event comes with the next frame.
  await page.waitForFunction(() => document.querySelector(".scheme").getAttribute("aria-pressed") === "true")
    .catch(() => faults.push("a change of the system is not followed"));
  await context.close();
  const without = await browser.newContext({ javaScriptEnabled: false });
  const plain = await without.newPage();
  await plain.goto(origin);
  expect("without script the button is visible", await plain.isVisible(".scheme"), false);
  await without.close();
  report(`the switch works, keeps a choice and does not flash in ${look}, ${language}`, "9 steps", faults);
}

async function checkEmbeds(browser, { look, language, origin }) {
  const faults = [];
  const asked = [];
  const context = await browser.newContext();
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(origin)) return route.continue();
    asked.push(url);
    return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>A film</title>" });
  });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.goto(`${origin}/2026/11/20/film/`, { waitUntil: "networkidle" });
  if (asked.length) faults.push(`asked before a click: ${asked}`);
  const buttons = await page.$$(".embed button");
  if (buttons.length !== 2) faults.push(`${buttons.length} buttons`);
  await buttons[0]?.click();
  await page.waitForSelector("iframe");
  await page.waitForLoadState("networkidle");
  if (String(asked) !== "https://www.youtube-nocookie.com/embed/aB3-_x9Qw1E?autoplay=1") faults.push(`asked: ${asked}`);
  const frame = await page.evaluate(() => {
    const { title, src } = document.querySelector("iframe");
    const box = document.querySelector("iframe").getBoundingClientRect();
    return { title, src, ratio: box.width / box.height, focused: document.activeElement.tagName };
  });
  if (!frame.title.startsWith("YouTube: ")) faults.push(`title: ${frame.title}`);
  if (Math.abs(frame.ratio - 16 / 9) > 0.05) faults.push(`ratio: ${frame.ratio}`);
  if (frame.focused !== "IFRAME") faults.push(`focus: ${frame.focused}`);
  await context.close();
  const without = await browser.newContext({ javaScriptEnabled: false });
  const plain = await without.newPage();
  await plain.goto(`${origin}/2026/11/20/film/`);
  if (await plain.isVisible(".embed button")) faults.push("without script there is a button");
  if (!(await plain.isVisible(".embed a[href^='https://www.youtube.com/watch']"))) faults.push("without script there is no link");
  await without.close();
  report(`boxes ask nothing of other sites before a click in ${look}, ${language}`, "2 boxes", faults);
}

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
try {
  for (const look of ["news", "notebook", "plain"]) {
    for (const language of ["en", "he"]) {
      const place = await site(look, language);
      await checkAccess(browser, place);
      await checkSwitch(browser, place);
      await checkEmbeds(browser, place);
      place.server.close();
    }
  }
} finally {
  await browser.close();
}
