// Writes a comment in Chromium, as a reader without a site would: opens the form from a post, is shown the comment, sends it, takes
// it back; first without scripts. The form is looked at on a phone and on a desk, by day and by night.
//
//     node comment.mjs MODULES BACKMATTER FOLDER [SHOTS]
//
// Each check prints a line `ok` or `FAIL`, with its faults below it. With a folder SHOTS, pictures of the pages are left there.

import { execFile, spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { violationsIn } from "./axe.mjs";

const [modules, program, folder, shots] = process.argv.slice(2);
const backmatter = path.resolve(program);
const require = createRequire(`${path.resolve(modules)}/`);
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TOKEN = "0123456789abcdef0123456789abcdef";
const PATIENCE = 60_000;

let failed = 0;
function report(check, faults) {
  failed += faults.length ? 1 : 0;
  console.log(`${faults.length ? "FAIL" : "ok  "} comment: ${check}`);
  for (const fault of faults.slice(0, 20)) console.log(`     ${fault}`);
}
const expect = (check, found, wanted) =>
  report(check, JSON.stringify(found) === JSON.stringify(wanted) ? [] : [`${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`]);

const environment = { ...process.env, BACKMATTER_TOKEN: TOKEN };
const run = (...args) => promisify(execFile)(backmatter, args, { cwd: folder, env: environment });

const port = await new Promise((done) => {
  const probe = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});
const origin = `http://127.0.0.1:${port}`;

// A site in German with a blue accent.

fs.mkdirSync(path.join(folder, "content", "2026"), { recursive: true });
fs.writeFileSync(path.join(folder, "backmatter.toml"), `title = "Die Lampe"
base_url = "https://lampe.example"
language = "de"
[theme_options]
accent = 250
[linkbacks]
receiver = "${origin}"
comments = "form"
delay = 0
host_pause = 0
burst = 1000
hourly = 1000
`);
fs.writeFileSync(path.join(folder, "content", "2026", "treppe.md"), `+++
title = "Die Treppe"
date = 2026-11-20
+++
Neun Stufen sind lose.
`);
fs.writeFileSync(path.join(folder, "content", "2026", "treppe.backmatter.toml"), `[[linkback]]
kind = "comment"
id = "201"
author = "Ida"
content = "Es sind *zehn*."
received = 2026-11-21
`);
await run("build");
const built = path.join(folder, "public", "2026", "11", "20", "treppe", "index.html");

const receiver = spawn(backmatter, ["receive", "--listen", `127.0.0.1:${port}`], { cwd: folder, env: environment, stdio: ["ignore", "pipe", "inherit"] });
await new Promise((done, fail) => {
  receiver.stdout.once("data", done);
  receiver.on("exit", () => fail(new Error("the receiver ended")));
});

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A reader on the page of the post; `faults` hears of whatever a page asks for that is not of the site. */
async function reader(options, faults) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  context.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("file:")) faults.push(`asks for ${request.url()}`);
  });
  const page = await context.newPage();
  page.on("console", (message) => { if (!/status of 40[04]|ERR_FILE_NOT_FOUND/.test(message.text())) faults.push(`console: ${message.text()}`); });
  await page.goto(`file://${built}`);
  return { context, page };
}

async function look(page, name, faults) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`${name}: ${wide} px too wide`);
  for (const { id, help, nodes } of await violationsIn(page, axe)) {
    faults.push(`${name}: ${id}: ${help}: ${nodes[0].html.slice(0, 160)} and ${nodes.length - 1} more`);
  }
  if (shots) await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
}

const TEXT = "Ich habe *elf* gezählt.\n\n<b>Wirklich</b>, siehe [hier](https://ida.example/).";
async function fill(page) {
  await page.locator("[name=name]").fill("Jürgen");
  await page.locator("[name=url]").fill("https://juergen.example/");
  await page.locator("[name=text]").fill(TEXT);
}
/** Presses the first button. */
async function press(page) {
  await Promise.all([page.waitForEvent("load"), page.locator("form button.first").click()]);
}
/** A form that is sent within three seconds is taken for a program's. */
const waitForForm = (page) => page.waitForTimeout(4000);

try {
  const faults = [];
  const { context, page } = await reader({ javaScriptEnabled: false }, faults);
  await page.locator(".respond a", { hasText: "Kommentar" }).first().click();
  expect("the form is in the language of the site", await page.locator("html").getAttribute("lang"), "de");
  expect("the form names the post", await page.locator("main").getByRole("link", { name: "Die Treppe" }).count(), 1);
  const clip = await page.locator("[name=website]").evaluate((field) => getComputedStyle(field.parentElement).clipPath);
  expect("the field for programs is not shown", clip, "inset(50%)");
  await fill(page);
  await waitForForm(page);
  await press(page);
  expect("the comment is shown before it is sent", (await page.locator(".preview p").allTextContents()).slice(1), ["Ich habe elf gezählt.", "<b>Wirklich</b>, siehe hier."]);
  expect("what was written is still there", await page.locator("[name=text]").inputValue(), TEXT);
  await press(page);
  const status = page.url().includes("/comment") ? await page.locator("main a[href*='/status/']").getAttribute("href") : page.url();
  expect("whoever wrote it is given its status page", status.startsWith(`${origin}/status/`), true);
  const listed = async (state) => {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const items = JSON.parse((await run("linkbacks", "list", "--json", "--state", state)).stdout || "[]");
      if (items.length || Date.now() > end) return items;
    }
  };
  const [held] = await listed("held");
  expect("it waits", held?.words.author.name, "Jürgen");
  await run("linkbacks", "approve", String(held?.number ?? held?.id));
  expect("the page of the post has it", fs.readFileSync(built, "utf8").includes("<em>elf</em>"), true);
  await page.goto(status);
  await page.locator("form button").click();
  expect("taking it back is said", await page.locator("main").textContent().then((text) => text.length > 10), true);
  await listed("gone");
  await run("linkbacks", "list");
  report("without scripts nothing else is asked for, and there are no cookies", [...faults, ...(await context.cookies()).map(({ name }) => `cookie ${name}`)]);
  await context.close();

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [390, 1280]) {
      const faults = [];
      // The policy of the page keeps scripts out, also that of axe.
      const { context, page } = await reader({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true }, faults);
      await page.locator("article a[href*='parent=']").first().click().catch(() => faults.push("no comment can be answered"));
      expect(`a comment can be answered, ${colorScheme}, ${width} px`, await page.locator("[name=parent]").inputValue(), "201");
      const accent = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--hue").trim());
      if (accent !== "250") faults.push(`the accent is ${accent}`);
      await look(page, `comment-${colorScheme}-${width}`, faults);
      await fill(page);
      await Promise.all([page.waitForEvent("load"), page.locator("form button.first").click()]);
      await look(page, `comment-early-${colorScheme}-${width}`, faults);
      await waitForForm(page);
      await press(page);
      await look(page, `comment-preview-${colorScheme}-${width}`, faults);
      await page.goto(status);
      await look(page, `status-${colorScheme}-${width}`, faults);
      await page.goto(`${origin}/webmention?target=https://lampe.example/2026/11/20/treppe/`);
      await look(page, `response-${colorScheme}-${width}`, faults);
      report(`axe finds nothing and nothing is too wide, ${colorScheme}, ${width} px`, faults);
      await context.close();
    }
  }
} catch (error) {
  report("goes to its end", [error.message.split("\n")[0]]);
} finally {
  await browser.close();
  receiver.removeAllListeners("exit");
  receiver.kill("SIGINT");
}
process.exitCode = failed ? 1 : 0;
