// Moderates a new site in Chromium, as its author would: logs in, approves, looks at the page of the post, takes it back.
//
//     node moderate.mjs MODULES BACKMATTER FOLDER [SHOTS]
//
// The linkbacks come from an imaginary service on loopback. Each check prints a line `ok` or `FAIL`, with its faults below
// it. With a folder SHOTS, pictures of the pages are left there.

import { execFile, spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { violationsIn } from "./axe.mjs";

const [modules, program, folder, shots] = process.argv.slice(2);
const backmatter = path.resolve(program);
const require = createRequire(`${path.resolve(modules)}/`);
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TOKEN = "0123456789abcdef0123456789abcdef";

let failed = 0;
function report(check, faults) {
  failed += faults.length ? 1 : 0;
  console.log(`${faults.length ? "FAIL" : "ok  "} moderate: ${check}`);
  for (const fault of faults.slice(0, 20)) console.log(`     ${fault}`);
}
const expect = (check, found, wanted) =>
  report(check, JSON.stringify(found) === JSON.stringify(wanted) ? [] : [`${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`]);

const environment = { ...process.env, BACKMATTER_TOKEN: TOKEN };
const run = (...args) => promisify(execFile)(backmatter, args, { cwd: folder, env: environment });

// The site, and what others wrote about one of its posts.

await run("init", ".");
fs.appendFileSync(path.join(folder, "backmatter.toml"), '\n[network]\nallow = ["127.0.0.1:*"]\n');
await run("build");
const posts = JSON.parse((await run("list", "--json")).stdout);
const post = posts.find(({ path: file }) => file.endsWith("two-reports-caught-my-eye.md"));
const base = /^base_url = "(.*)"/m.exec(fs.readFileSync(path.join(folder, "backmatter.toml"), "utf8"))[1];
const built = path.join(folder, "public", post.url, "index.html");
const HOSTILE = `"><script>document.title="hacked"</script><img src=x onerror="document.title='hacked'">`;
const linkbacks = [
  ["https://low-stairs.example/2026/11/on-being-answered/", "On being answered", "Mirren", "[…] I had not thought of the night buses before, and now I hear them all the way down the hill. This post sets the two reports side by side […]", "mention-of"],
  ["https://medium.com/@tove/counting-the-harbour-1f0a", "Counting the harbour", "Tove", "[…] somebody else has been counting as well, and got a different sum […]", "in-reply-to"],
  ["https://cheap-casino-links.example/best-slots", "Best slots of the year: 500 free spins, no deposit casino jackpot", "admin", "[…] two reports caught my eye […] casino jackpot […]", "mention-of"],
  ["https://social.example/@ann/11223344", "", "Ann", "I like how this one never says what it thinks until the last line.", "in-reply-to"],
  [`https://${"a-very-long-name".repeat(3)}.example/${"no-break-".repeat(20)}`, "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung", "Jürgen", "[…] ein Wort, das länger ist als der Bildschirm […]", "mention-of"],
  [`https://evil.example/?x=${HOSTILE.replaceAll(" ", "/")}`, HOSTILE, HOSTILE, HOSTILE, "mention-of"],
  ["https://rtl.example/1", "مرحبا بالعالم", "ليلى", "قرأت هذا المقال عن الحافلات الليلية وأعجبني كثيرا", "mention-of"],
].map(([source, name, author, text, property], at) => ({
  type: "entry", "wm-id": at + 1, "wm-source": source, "wm-target": `${base}${post.url}`, "wm-property": property, "wm-private": false,
  name, content: { text }, author: { type: "card", name: author, url: new URL(source).origin, photo: "" },
}));
const service = http.createServer((request, response) => {
  const children = request.url.includes("page=0") ? linkbacks : [];
  response.end(JSON.stringify({ type: "feed", name: "Webmentions", children }));
});
await new Promise((done) => service.listen(0, "127.0.0.1", done));
await run("linkbacks", "pull", "--from", `http://127.0.0.1:${service.address().port}/api/mentions.jf2`);
service.close();

const receiver = spawn(backmatter, ["receive", "--listen", "127.0.0.1:0"], { cwd: folder, env: environment });
const origin = await new Promise((done, fail) => {
  let said = "";
  receiver.stdout.on("data", (data) => {
    said += data;
    const found = /Moderate at (http:\/\/[^/]+)\//.exec(said);
    if (found) done(found[1]);
  });
  receiver.on("exit", () => fail(new Error(`the receiver ended: ${said}`)));
});

// A report on another site.
let asked = 0;
const reports = http.createServer((request, response) => {
  asked += 1;
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end("<!doctype html><html lang=en><title>A letter</title><h1>A letter</h1><p>It was a good question and it had a date on it.</p></html>");
});
await new Promise((done) => reports.listen(0, "127.0.0.1", done));
const letter = `http://127.0.0.1:${reports.address().port}/letter`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A browser of its own, logged in by the form; `faults` hears of whatever a page asks for that is not ours. */
async function person(options, faults) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(30_000);
  context.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/moderate`)) faults.push(`asks for ${request.url()}`);
  });
  const page = await context.newPage();
  // A refused login is an answer with status 403, and said to be a failure.
  page.on("console", (message) => {
    if (!message.text().includes("status of 403")) faults.push(`console: ${message.text()}`);
  });
  page.on("dialog", (dialog) => { faults.push("a dialog opens"); dialog.dismiss(); });
  await page.goto(`${origin}/moderate/`);
  return { context, page };
}
async function logIn(page) {
  await page.getByLabel("Token").fill(TOKEN);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${origin}/moderate/`);
}
const notice = (page) => page.locator(".notices p").allTextContents();
const shown = () => fs.readFileSync(built, "utf8");

async function look(page, name, faults) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`${name}: ${wide} px too wide`);
  for (const { id, help, nodes } of await violationsIn(page, axe)) {
    faults.push(`${name}: ${id}: ${help}: ${nodes[0].html.slice(0, 160)} and ${nodes.length - 1} more`);
  }
  if (shots) await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
}

try {
  // By hand, with scripts switched off: what the page is made for.
  const strangers = [];
  const { context, page } = await person({ javaScriptEnabled: false }, strangers);
  expect("whoever is not logged in is asked for the token", page.url(), `${origin}/moderate/login`);
  await page.getByLabel("Token").fill("not the token at all");
  await page.getByRole("button", { name: "Log in" }).click();
  expect("another token is refused", await page.locator("#fault").textContent(), "This is not the token.");
  await logIn(page);
  expect("all that wait are shown", await page.locator(".item").count(), linkbacks.length);
  const titles = await page.locator(".item h2").allTextContents();
  expect("spam comes last", titles.at(-1).includes("casino"), true);

  const item = page.locator(".item", { hasText: "Mirren" });
  await item.getByRole("button", { name: "Approve", exact: true }).click();
  expect("an approval is said", await notice(page), ["Approved: 1 linkback."]);
  expect("the page of the post has the words", shown().includes("now I hear them all the way down the hill"), true);
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  expect("the undoing is said", await notice(page), ["Taken back: approve of 1 linkback."]);
  expect("the page of the post has them no more", shown().includes("now I hear them all the way down the hill"), false);

  await page.locator(".item", { hasText: "Tove" }).getByRole("button", { name: "Approve and trust" }).click();
  expect("trust is by author where many share a host", await notice(page), ["Approved: 1 linkback. From now on medium.com/@tove is trusted."]);
  await page.locator(".item", { hasText: "admin" }).locator("[name=number]").check();
  await page.locator(".item", { hasText: "Jürgen" }).locator("[name=number]").check();
  await page.locator(".bulk").getByRole("button", { name: "Spam" }).click();
  expect("two that are ticked are marked at once", await notice(page), ["Marked as spam: 2 linkbacks."]);
  await page.locator(".item", { hasText: "evil.example" }).getByRole("button", { name: "Approve", exact: true }).click();
  expect("hostile words are let in as words", (await notice(page))[0], "Approved: 1 linkback.");
  report("without scripts nothing else is asked for", strangers);
  await context.close();

  // By keyboard alone.
  const { context: keys, page: typed } = await person({}, []);
  await logIn(typed);
  const storageState = await keys.storageState();
  const before = await typed.locator(".item").count();
  await typed.keyboard.press("Tab");
  await typed.keyboard.press("Enter");
  for (let at = 0; at < 40; at += 1) {
    await typed.keyboard.press("Tab");
    const name = await typed.evaluate(() => document.activeElement.textContent.trim());
    if (name === "Reject") break;
  }
  await Promise.all([typed.waitForEvent("load"), typed.keyboard.press("Enter")]);
  expect("the keyboard is enough", await typed.locator(".item").count(), before - 1);
  await typed.getByRole("button", { name: "Undo", exact: true }).click();
  await typed.locator(".notices").waitFor();
  await keys.close();

  // A report that a phone shares, with scripts switched off.
  const shared = new URLSearchParams({ title: "A letter", text: `“It was a good question” ${letter}`, url: "" });
  const sharing = [];
  const { context: phone, page: sharer } = await person({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } }, sharing);
  await sharer.goto(`${origin}/moderate/quote?${shared}`);
  await sharer.getByLabel("Token").fill(TOKEN);
  await sharer.keyboard.press("Enter");
  await sharer.waitForURL(`${origin}/moderate/quote?${shared}`);
  expect("a login leads back to what was shared", await sharer.getByLabel("Quoted words").inputValue(), "It was a good question");
  expect("opening the form asks for no page", asked, 0);
  await sharer.getByLabel("Put it into").selectOption("new");
  await sharer.getByRole("button", { name: "Make the quotation" }).click();
  const put = await sharer.getByRole("status").textContent();
  const draft = /content\/\d+\/a-letter\.md/.exec(put)?.[0] ?? "nowhere";
  expect("the quotation is in a draft", fs.readFileSync(path.join(folder, draft), "utf8").includes(`> It was a good question\n>\n> — [A letter](${letter})`), true);
  report("the form for quotations asks for nothing else", sharing);
  await phone.close();

  // What it looks like.
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 1280]) {
      const faults = [];
      // The policy of the page keeps scripts out, also that of axe.
      const options = { colorScheme, viewport: { width, height: 900 }, bypassCSP: true };
      const stranger = await person(options, faults);
      await look(stranger.page, `login-${colorScheme}-${width}`, faults);
      await stranger.context.close();
      const { context, page } = await person({ ...options, storageState }, faults);
      await look(page, `queue-${colorScheme}-${width}`, faults);
      for (const state of ["approved", "spam", "gone"]) {
        await page.goto(`${origin}/moderate/?state=${state}`);
        await look(page, `${state}-${colorScheme}-${width}`, faults);
      }
      await page.goto(`${origin}/moderate/quote?${shared}`);
      await look(page, `quote-${colorScheme}-${width}`, faults);
      await page.getByRole("button", { name: "Make the quotation" }).click();
      await page.locator("#markdown").waitFor();
      await look(page, `quoted-${colorScheme}-${width}`, faults);
      if ((await page.title()).includes("hacked")) faults.push("a stranger's script ran");
      report(`axe finds nothing and nothing is too wide, ${colorScheme}, ${width} px`, faults);
      await context.close();
    }
  }

  // The page of the post, with the hostile words in it.
  const { page: reader } = await (async () => {
    const context = await browser.newContext();
    return { page: await context.newPage() };
  })();
  await reader.goto(`file://${built}`);
  expect("nothing of theirs runs on the page of the post", [await reader.title(), await reader.locator("script:not([type])").count()].map(String).map((text) => text.includes("hacked")), [false, false]);
} catch (error) {
  report("goes to its end", [error.message.split("\n")[0]]);
} finally {
  await browser.close();
  reports.close();
  receiver.removeAllListeners("exit");
  receiver.kill("SIGINT");
}
process.exitCode = failed ? 1 : 0;
