// Writes a blog while Chromium looks at its preview: the open page changes where it is, and says when something is wrong.
//
//     node preview.mjs MODULES BACKMATTER FOLDER
//
// FOLDER is made and removed. Each check prints a line `ok` or `FAIL`.

import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";
import { violationsIn } from "./axe.mjs";

const [modules, backmatter, folder] = process.argv.slice(2);
const require = createRequire(`${path.resolve(modules)}/`);
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

let failed = false;
function report(what, right) {
  failed ||= !right;
  console.log(`${right ? "ok  " : "FAIL"} preview: ${what}`);
}

/** What axe and a ruler find in a page. */
async function look(page, faults) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`${wide} px too wide`);
  for (const { id, help, nodes } of await violationsIn(page, axe)) faults.push(`${id}: ${help}: ${nodes[0].html.slice(0, 160)}`);
}

fs.rmSync(folder, { recursive: true, force: true });
execFileSync(backmatter, ["init", folder, "--quiet"]);
const post = path.join(folder, "content/long.md");
const write = (file, text) => fs.writeFileSync(path.join(folder, file), text);
const text = (word) =>
  `+++\ntitle = "Long"\ndate = 2026-01-02\npath = "/long/"\n+++\n\n` +
  Array.from({ length: 120 }, (_, at) => `Paragraph ${at} says ${at === 100 ? word : "something"}.\n`).join("\n");
fs.writeFileSync(post, text("before"));

const server = spawn(backmatter, ["--root", folder, "--json", "serve", "--port", "0", "--editor", "vscode://file{file}:{line}"]);
const lines = readline.createInterface({ input: server.stdout });
const address = await new Promise((found) => lines.once("line", (line) => found(JSON.parse(line).url)));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

try {
  const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
  let loads = 0;
  page.on("load", () => loads++);
  await page.goto(`${address}long/`);
  const listening = page.waitForResponse((answer) => answer.url().includes("/.backmatter/events"));
  await page.reload();
  await listening;
  loads = 0;
  const until = (look, value) => page.waitForFunction(look, value, { timeout: 15000 }).then(() => true, () => false);
  const says = (word) => until((word) => document.querySelector("main")?.textContent.includes(word), word);

  await page.evaluate(() => scrollTo(0, document.body.scrollHeight * 0.6));
  const scrolled = await page.evaluate(() => scrollY);
  fs.writeFileSync(post, text("after"));
  report("an edited post changes the open page", await says("says after"));
  report("which stays where it was scrolled to", scrolled > 500 && (await page.evaluate(() => scrollY)) === scrolled);
  report("and is not loaded again", loads === 0);

  const colour = () => page.evaluate(() => getComputedStyle(document.querySelector("main p")).color);
  const before = await colour();
  const sheet = fs.readFileSync(path.join(import.meta.dirname, "../../themes/default/static/style.css"), "utf8");
  fs.mkdirSync(path.join(folder, "static"), { recursive: true });
  write("static/style.css", `${sheet}\nmain p { color: rgb(1, 2, 3) !important }\n`);
  const coloured = await until(() => getComputedStyle(document.querySelector("main p")).color === "rgb(1, 2, 3)");
  report("a style sheet takes the place of the old one", before !== "rgb(1, 2, 3)" && coloured);
  report("there is one of it", (await page.evaluate(() => document.querySelectorAll('link[rel="stylesheet"]').length)) === 1);
  report("the page stays where it was", (await page.evaluate(() => scrollY)) === scrolled && loads === 0);

  fs.writeFileSync(post, text("never").replace("2026-01-02", "soon"));
  const overlay = () => document.querySelector("backmatter-faults")?.shadowRoot?.textContent ?? "";
  report("a fault is shown over the page", await until(() => document.querySelector("backmatter-faults")?.shadowRoot));
  const told = await page.evaluate(overlay);
  report("with its file, line, mark and hint", told.includes("content/long.md:3:8") && told.includes("date = soon") && /help|write/.test(told));
  report("over the last good words", await says("says after"));
  fs.writeFileSync(post, text("mended"));
  report("it goes when it is mended", await until(() => !document.querySelector("backmatter-faults")));
  report("and the new words are there", await says("says mended"));
  report("all without loading the page again", loads === 0 && (await page.evaluate(() => scrollY)) === scrolled);

  fs.writeFileSync(post, text("mended").replace("2026-01-02", "2026-11-31"));
  report("another fault is shown", await until(() => document.querySelector("backmatter-faults")?.shadowRoot));
  fs.writeFileSync(post, text("mended").replace("+++\n", "+++\ndraft = true\n"));
  report("it goes when it is mended by what changes the bar", await until(() => !document.querySelector("backmatter-faults")));
  const bar = () => document.querySelector("backmatter-bar")?.shadowRoot?.textContent.includes("not live because it is a draft");
  report("the bar says that it is a draft", await until(bar));
  const link = await page.evaluate(() => document.querySelector("backmatter-bar").shadowRoot.querySelector("a.open").href);
  report("and leads to the editor", link === `vscode://file${path.resolve(post)}:1`);

  fs.rmSync(post);
  report("a page that is gone says so", await until(() => document.body.className.includes("not_found") || !document.body.textContent.includes("says mended")));
  await page.goto(address);
  fs.writeFileSync(post, text("again"));
  report("a new post appears in the list", await until(() => document.body.textContent.includes("Long")));

  // The form for quotations: as a bookmarklet opens it, and with what it made. The address is closed to programs.
  const query = new URLSearchParams({ u: "http://127.0.0.1:9/letter", t: "It was a good question" });
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 1280]) {
      // The policy of the page keeps scripts out, also that of axe.
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      const form = await context.newPage();
      const faults = [];
      await form.goto(`${address}_quote?${query}`);
      await look(form, faults);
      await form.locator("form button").click();
      await form.locator("#markdown").waitFor();
      if (!(await form.locator("#markdown").inputValue()).startsWith("> It was a good question")) faults.push("the words are missing");
      if ((await form.locator(".reasons li").count()) === 0) faults.push("the remarks are missing");
      await look(form, faults);
      report(`axe finds nothing in the form for quotations, and nothing is too wide, ${colorScheme}, ${width} px ${faults}`, faults.length === 0);
      await context.close();
    }
  }
} finally {
  await browser.close();
  server.kill("SIGINT");
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
