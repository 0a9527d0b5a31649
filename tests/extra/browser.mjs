// Looks at built sites in Chromium: accessibility, width, requests and colours.
//
//     node browser.mjs MODULES NAME=FOLDER=BASE_URL…
//
// Each check prints a line `ok` or `FAIL`, with its faults below it.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { serveFolder } from "./serve_folder.mjs";
import { violationsIn } from "./axe.mjs";

const [modules, ...specs] = process.argv.slice(2);
const require = createRequire(`${path.resolve(modules)}/`);
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const SHOWN = 20;

function report(site, check, count, faults) {
  const unique = [...new Set(faults)];
  console.log(`${unique.length ? "FAIL" : "ok  "} ${site}: ${check} (${count})`);
  for (const fault of unique.slice(0, SHOWN)) console.log(`     ${fault}`);
  if (unique.length > SHOWN) console.log(`     and ${unique.length - SHOWN} more`);
}

/** All pages of a folder: address, kind and size; redirects have no kind. */
function pagesOf(folder) {
  return fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".html"))
    .sort()
    .map((name) => {
      const text = fs.readFileSync(path.join(folder, name), "utf8");
      const kind = /<body class="kind-([^"]+)"/.exec(text)?.[1] ?? "redirect";
      return { name: name.replace(/(^|\/)index\.html$/, "$1"), kind, size: text.length };
    });
}

/** What is looked at closely: of each kind the largest page, the smallest and one between, and whatever is written by hand. */
function samples(pages) {
  const chosen = new Set(pages.filter(({ name, kind }) => ["post", "page"].includes(kind) && !/\/number-\d+\//.test(name)));
  for (const kind of new Set(pages.map((page) => page.kind))) {
    if (kind === "redirect") continue;
    const same = pages.filter((page) => page.kind === kind).sort((a, b) => a.size - b.size);
    for (const at of [0, same.length >> 1, same.length - 1]) chosen.add(same[at]);
  }
  return [...chosen];
}

async function context(browser, options, { origin, base, folder, address }, faults) {
  const made = await browser.newContext(options);
  made.setDefaultTimeout(60_000);
  await made.route("**/*", (route) => {
    const request = route.request();
    // An address with scheme and host may be the site's own as well.
    const absolute = request.url().startsWith(`${address}/`);
    const own = absolute || request.url().startsWith(`${origin}${base}/`);
    const isSearch = request.resourceType() === "script" && /\/search\/search\.js\?/.test(request.url());
    if (!own || !isSearch && !["document", "stylesheet", "image", "other"].includes(request.resourceType())) {
      const page = request.frame()?.url().replace(`${origin}${base}/`, "");
      faults.push(`/${page}: requests ${request.resourceType()} ${request.url().replace(origin, "")}`);
      return route.abort();
    }
    if (!absolute) return route.continue();
    const file = path.join(folder, decodeURIComponent(request.url().slice(address.length).split(/[?#]/)[0]));
    return fs.existsSync(file) ? route.fulfill({ path: file }) : route.fulfill({ status: 404 });
  });
  made.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.url().replace(origin, "")}: ${response.status()}`);
  });
  return made;
}

/** In the page: what is wider than the window, if anything is. */
function tooWide() {
  const root = document.documentElement;
  const window_ = root.clientWidth;
  if (root.scrollWidth <= window_) return null;
  const scrolls = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== "visible") return true;
    }
    return false;
  };
  const wide = [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && (box.right > window_ + 0.5 || box.left < -0.5) && !scrolls(element);
  });
  const names = wide.slice(-3).map((element) => {
    const name = element.tagName.toLowerCase() + (element.className ? `.${element.className}` : "");
    return `${name} (${Math.round(element.getBoundingClientRect().right)} px)`;
  });
  return `${root.scrollWidth} px wide in ${window_}: ${names.join(", ")}`;
}

async function checkWidth(browser, place, pages) {
  const { site, origin, base } = place;
  const [faults, requests] = [[], []];
  const made = await context(browser, { viewport: { width: 320, height: 640 } }, place, requests);
  const page = await made.newPage();
  const shown = pages.filter(({ kind }) => kind !== "redirect");
  for (const { name } of shown) {
    await page.goto(`${origin}${base}/${name}`);
    // Pictures that wait until they are scrolled to are asked for as well.
    await page.evaluate(() => Promise.all([...document.images].map((image) => {
      image.loading = "eager";
      return image.decode().catch(() => {});
    })));
    const fault = await page.evaluate(tooWide);
    if (fault) faults.push(`/${name}: ${fault}`);
  }
  await made.close();
  report(site, "no page is wider than 320 px", `${shown.length} pages`, faults);
  report(site, "pages request nothing but their own files, no font and no script", `${shown.length} pages`, requests);
}

async function checkAccess(browser, place, pages) {
  const { site, origin, base } = place;
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1280]) {
      const faults = [];
      const made = await context(browser, { colorScheme, viewport: { width, height: 900 } }, place, []);
      const page = await made.newPage();
      for (const { name } of pages) {
        await page.goto(`${origin}${base}/${name}`);
        const wide = await page.evaluate(tooWide);
        if (wide) faults.push(`/${name}: ${wide}`);
        // What is folded away is looked at as well.
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        for (const { id, help, nodes } of await violationsIn(page, axe)) {
          const [node] = nodes;
          const why = (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? "";
          faults.push(`/${name}: ${id}: ${help}: ${node.html.slice(0, 160)} (${why}) and ${nodes.length - 1} more`);
        }
      }
      await made.close();
      report(site, `axe finds nothing, ${colorScheme}, ${width} px`, `${pages.length} pages`, faults);
    }
  }
}

/** In the page: the contrast of each kind of text in code, and of the accent in every hue. */
function contrasts() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) =>
    rgb(colour).slice(0, 3).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgb(colour)[3] === 255) return colour;
    }
    return "white";
  };
  const faults = [];
  let count = 0;
  const check = (what, element, pseudo) => {
    count += 1;
    const found = ratio(getComputedStyle(element, pseudo).color, ground(element));
    if (found < 4.5) faults.push(`${what}: ${found.toFixed(2)}:1`);
  };

  const letters = new Set();
  for (const rule of [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])) {
    if (!rule.selectorText?.startsWith(".")) continue;
    for (const [, letter] of rule.selectorText.matchAll(/(?<![^\s,])\.([a-z])(?![\w-])/g)) letters.add(letter);
  }
  const used = new Set([...document.querySelectorAll("pre span")].flatMap((span) => [...span.classList]));
  for (const letter of used) if (letter !== "ln" && !letters.has(letter)) faults.push(`class ${letter} has no colour`);
  for (const letter of letters) if (!used.has(letter)) faults.push(`class ${letter} occurs in no sample`);

  const code = document.querySelector("figure.code pre code") ?? document.querySelector("pre code");
  const line = document.createElement("mark");
  line.className = "line";
  code.append(line);
  check("code", code);
  check("code, highlighted", line);
  if (ground(line) === ground(code)) faults.push("a highlighted line looks like the others");
  for (const letter of letters) {
    for (const [where, parent] of [["", code], [", highlighted", line]]) {
      const span = document.createElement("span");
      span.className = letter;
      span.textContent = "x";
      parent.append(span);
      check(`class ${letter}${where}`, span);
    }
  }
  for (const number of document.querySelectorAll(".ln")) check("number of a line", number, "::before");
  for (const name of document.querySelectorAll(".code figcaption")) check("name of a file", name);

  const probe = document.createElement("p");
  document.querySelector("main").append(probe);
  probe.style.color = "var(--accent)";
  for (let hue = 0; hue < 360; hue += 1) {
    document.documentElement.style.setProperty("--hue", hue);
    for (const paper of ["--paper", "--panel", "--lit"]) {
      probe.style.backgroundColor = `var(${paper})`;
      check(`accent ${hue} on ${paper}`, probe);
    }
  }
  return { count, faults };
}

async function checkColours(browser, { site, origin, base }, name) {
  for (const colorScheme of ["light", "dark"]) {
    const made = await browser.newContext({ colorScheme });
    const page = await made.newPage();
    await page.goto(`${origin}${base}/${name}`);
    const { count, faults } = await page.evaluate(contrasts);
    await made.close();
    report(site, `colours of code and of every accent have a contrast of 4.5, ${colorScheme}`, `${count} pairs`, faults);
  }
}

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
try {
  for (const spec of specs) {
    const [site, folder, address] = spec.split("=");
    const base = new URL(address).pathname.replace(/\/$/, "");
    const server = await serveFolder(folder, { base });
    const { origin } = server;
    const pages = pagesOf(folder);
    const place = { site, folder, address, origin, base };
    await checkWidth(browser, place, pages);
    await checkAccess(browser, place, samples(pages));
    const code = pages.find(({ name }) => name.endsWith("/code/"));
    if (site === "everything") await checkColours(browser, place, code.name);
    server.close();
  }
} finally {
  await browser.close();
}
