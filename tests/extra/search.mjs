// Searches a site in Chromium as readers do: with keys, with a screen reader's tree, and under a strict policy for content.
//
//     node search.mjs MODULES BACKMATTER FOLDER
//
// Each check prints a line `ok` or `FAIL`, with its faults below it. The script cuts words as src/search/examples.tsv says.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { serveFolder } from "./serve_folder.mjs";

const [modules, backmatter, folder] = process.argv.slice(2);
const require = createRequire(`${path.resolve(modules)}/`);
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const here = path.dirname(new URL(import.meta.url).pathname);

const put = (name, text) => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), text);
};
const post = (name, day, title, text, front = "") =>
  put(`content/${name}.md`, `+++\ntitle = "${title}"\ndate = ${day}\n${front}\n+++\n\n${text}\n`);

const settings = (more = "") =>
  put("backmatter.toml", `title = "Quay"\nbase_url = "https://quay.example/blog"\n[search]\nenabled = true\n${more}`);

function write() {
  settings();
  post("ferries", "2024-02-03", "Of ferries", "The night ferries leave at eleven, and nobody counts who is on board. A pass is not stamped.", 'tags = ["Night buses"]');
  post("report", "2025-03-04", "A letter", "My own words about it.\n\n> Night buses run on because somebody counted them.\n>\n> — Ines Halloran, [A count](https://gazette.example/a), *The Ferry Gazette*, 1 March 2025");
  post("cafe", "2026-03-04", "Das Café", "Müller öffnet sein Café am Kai, obwohl das Dach undicht ist.", 'lang = "de"');
  post("library", "2026-03-05", "図書館", "東京都の図書館は月曜日に閉まる。京都ではない。", 'lang = "ja"');
  for (let at = 0; at < 12; at++) post(`harbour-${at}`, `2026-04-${10 + at}`, `Harbour ${at}`, `The harbour master wrote entry ${at}. The sea is deep.`);
}

let failures = 0;
async function check(name, act) {
  const faults = [];
  const is = (what, wanted, why = "") => {
    if (JSON.stringify(what) !== JSON.stringify(wanted)) faults.push(`${why} ${JSON.stringify(what)}, not ${JSON.stringify(wanted)}`);
  };
  await act(is).catch((error) => faults.push(String(error).split("\n")[0]));
  console.log(`${faults.length ? "FAIL" : "ok  "} search: ${name}`);
  for (const fault of faults) console.log(`     ${fault.trim()}`);
  failures += faults.length;
}

write();
execFileSync(backmatter, ["build", "--quiet", "--root", folder], { stdio: "inherit" });
// As a host with a strict policy does.
const server = await serveFolder(path.join(folder, "public"), {
  base: "/blog",
  headers: {
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'",
  },
});
const origin = `${server.origin}/blog`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });

/** A page with the search, what it requested, and what was wrong with it. */
async function open(query = "", options = {}) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })).newPage();
  const [requests, faults] = [[], []];
  page.on("request", (request) => requests.push(request.url().replace(origin, "")));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  await page.goto(`${origin}/search/${query}`);
  await page.waitForLoadState("networkidle");
  return { page, requests, faults };
}

const titlesOf = (page) => page.$$eval(".results a", (links) => links.map((link) => link.textContent));

/** What is found. */
async function find(page, typed) {
  await page.fill("input[type=search]", "");
  await page.waitForFunction(() => !document.querySelector(".results li"));
  await page.evaluate(() => (document.querySelector("[role=status]").textContent = ""));
  await page.fill("input[type=search]", typed);
  await page.waitForFunction(() => document.querySelector("[role=status]").textContent.trim());
  return titlesOf(page);
}

try {
  await check("words are cut as the examples say", async (is) => {
    const module = {};
    new Function("module", fs.readFileSync(path.join(folder, "public/search/search.js"), "utf8"))(module);
    const examples = fs.readFileSync(path.join(here, "../../src/search/examples.tsv"), "utf8").split("\n").slice(0, -1);
    for (const line of examples) {
      const [language, text, wanted] = line.split("\t");
      is(module.exports.cut(text, language).filter(Boolean).map(({ forms }) => forms.join("|")).join(" "), wanted, text);
    }
    is(examples.length >= 300, true);
  });

  await check("nothing is loaded before the first letter", async (is) => {
    const { page, requests, faults } = await open();
    await page.focus("input[type=search]");
    is(requests.filter((url) => /\.(bin|json)/.test(url)), []);
    await page.keyboard.type("ferries");
    await page.waitForSelector(".results li");
    is(requests.filter((url) => /\.(bin|json)/.test(url)).length > 0, true);
    is(faults, []);
  });

  await check("what readers type finds what they mean", async (is) => {
    const { page, faults } = await open();
    for (const [typed, wanted] of [
      ["ferries", ["Of ferries", "A letter"]], ["FERRIES", ["Of ferries", "A letter"]], ["ferri", ["Of ferries", "A letter"]], ["stampde", ["Of ferries"]],
      ["\"night buses run\"", ["A letter"]], ["\"buses night\"", []], ["from:gazette", ["A letter"]], ["is:quote", ["A letter"]],
      ["from:\"the ferry gazette\" counted", ["A letter"]], ["tag:\"night buses\"", ["Of ferries"]], ["year:2025", ["A letter"]],
      ["halloran", ["A letter"]], ["cafe", ["Das Café"]], ["muller", ["Das Café"]], ["mueller", ["Das Café"]], ["Müller", ["Das Café"]],
      ["図書館", ["図書館"]], ["館", ["図書館"]], ["月曜日", ["図書館"]], ["京都", ["図書館"]], ["都図書", ["図書館"]], ["xyzzyx", []],
      ["don’t “", []], ["<>&", []], ["year:1999 ferries", []],
    ]) {
      is(await find(page, typed), wanted, typed);
    }
    is(faults, []);
  });

  await check("more results come when they are asked for", async (is) => {
    const { page } = await open("?q=harbour+master");
    await page.waitForSelector(".results li");
    is((await titlesOf(page)).length, 5);
    await page.click("text=More results");
    await page.waitForFunction(() => document.querySelectorAll(".results li").length === 12);
    is(await page.evaluate(() => document.activeElement.textContent), (await titlesOf(page))[5]);
    is(await page.isVisible("text=More results"), false);
    is(await page.textContent("[role=status]"), "Results: 12");
  });

  await check("an excerpt shows the words, marked", async (is) => {
    const { page, faults } = await open("?q=counted");
    await page.waitForSelector(".results mark");
    is((await page.$$eval(".results p mark", (marks) => marks.map((mark) => mark.textContent))).includes("counted"), true);
    is((await page.textContent(".results p")).includes("somebody counted them"), true);
    is(faults, []);
  });

  await check("the address holds what was typed", async (is) => {
    const { page } = await open();
    await page.fill("input[type=search]", "night ferries");
    await page.waitForURL(/\?q=night\+ferries$/);
    await page.reload();
    await page.waitForSelector(".results li");
    is(await page.inputValue("input[type=search]"), "night ferries");
  });

  await check("keys choose a result", async (is) => {
    const { page } = await open("?q=harbour");
    await page.waitForSelector(".results li");
    const input = page.locator("input[type=search]");
    await input.focus();
    is(await input.getAttribute("role"), "combobox");
    is(await input.getAttribute("aria-expanded"), "true");
    const active = async () => {
      const id = await input.getAttribute("aria-activedescendant");
      return id && page.textContent(`#${id}[role=option][aria-selected=true]`);
    };
    is(await active(), null);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    is(await active(), (await titlesOf(page))[1]);
    is(await page.textContent(".results li.active a"), (await titlesOf(page))[1]);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    is(await active(), null);
    await page.keyboard.press("ArrowUp");
    is(await active(), (await titlesOf(page))[4]);
    await page.keyboard.press("Escape");
    is(await active(), null);
    is(await input.inputValue(), "harbour");
    await page.keyboard.press("ArrowDown");
    const [title] = await titlesOf(page);
    await page.keyboard.press("Enter");
    await page.waitForSelector("h1.p-name");
    is(await page.textContent("h1.p-name"), title);
  });

  await check("screen readers get a combobox, a list of links and a count", async (is) => {
    const { page } = await open("?q=harbour", { colorScheme: "dark" });
    await page.waitForSelector(".results mark");
    is(await page.getByRole("combobox", { name: "Search this site" }).count(), 1);
    is(await page.getByRole("listbox").getByRole("option").count(), 5);
    is(await page.getByRole("list").getByRole("link", { name: "Harbour" }).count(), 5);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      // As the tools of a browser, not as a script of the page.
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Runtime.evaluate", { expression: axe });
      const { result } = await devtools.send("Runtime.evaluate", {
        expression: "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))",
        awaitPromise: true, returnByValue: true,
      });
      is(result.value, [], colorScheme);
    }
  });

  await check("every look fits a phone and a desk", async (is) => {
    for (const look of ["news", "notebook", "plain"]) {
      settings(`[theme_options]\nlook = "${look}"\n`);
      execFileSync(backmatter, ["build", "--quiet", "--root", folder]);
      for (const width of [320, 390, 1280]) {
        for (const colorScheme of ["light", "dark"]) {
          const { page } = await open("?q=night+buses", { viewport: { width, height: 800 }, colorScheme });
          await page.waitForSelector(".results mark");
          is(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), true, `${look} ${width}`);
          if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${look}-${width}-${colorScheme}.png` });
          await page.context().close();
        }
      }
    }
  });

  await check("without JavaScript the form leads to the archives or to a search engine", async (is) => {
    const { page } = await open("", { javaScriptEnabled: false });
    is(await page.isVisible("text=Without JavaScript"), true);
    await page.fill("input[type=search]", "ferries");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/blog\/archives\/\?q=ferries$/);
    is(await page.locator("h1").textContent(), "Archives");
    settings('fallback = "https://find.example/?words={query}&site={host}"\n');
    execFileSync(backmatter, ["build", "--quiet", "--root", folder]);
    const form = fs.readFileSync(path.join(folder, "public/search/index.html"), "utf8");
    is(/action="https:\/\/find\.example\/"/.test(form) && /name="site" value="quay\.example"/.test(form), true);
  });
} finally {
  await browser.close();
  server.close();
}
process.exitCode = failures ? 1 : 0;
