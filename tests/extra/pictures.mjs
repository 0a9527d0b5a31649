// Looks at pictures in Chromium: nothing moves while they load, each screen takes the size that fits it, and each picture
// stands as upright as its file does, for all orientations that Exif knows.
//
//     node pictures.mjs MODULES BACKMATTER FOLDER
//
// FOLDER is made and removed. The photographs are made by Chromium itself. Each check prints a line `ok` or `FAIL`.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { serveFolder } from "./serve_folder.mjs";

const [modules, backmatter, folder] = process.argv.slice(2);
const { chromium } = createRequire(`${path.resolve(modules)}/`)("playwright-core");
const PICTURES = 30;

let failed = false;
function report(what, faults) {
  failed ||= faults.length > 0;
  console.log(`${faults.length ? "FAIL" : "ok  "} pictures: ${what}`);
  for (const fault of faults.slice(0, 20)) console.log(`     ${fault}`);
}

/** A picture of noise and of four coloured quarters, as a canvas encodes it. */
async function photograph(page, width, height, type, seed) {
  const bytes = await page.evaluate(async ([width, height, type, seed]) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(width, height);
    const colors = [[220, 30, 30], [30, 200, 30], [30, 30, 220], [240, 240, 240]];
    let state = seed + 1;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const color = colors[(x >= width / 2 ? 1 : 0) + (y >= height / 2 ? 2 : 0)];
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        pixels.data.set([...color.map((part) => part + ((state >>> 24) % 20) - 10), 255], (y * width + x) * 4);
      }
    context.putImageData(pixels, 0, 0);
    const blob = await canvas.convertToBlob({ type, quality: 0.92 });
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, [width, height, type, seed]);
  return Buffer.from(bytes);
}

/** Exif with an orientation and nothing else. */
function exif(orientation) {
  return Buffer.from([77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
}

function crc(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const out = Buffer.alloc(4);
  out.writeUInt32BE(~crc >>> 0);
  return out;
}

function uint32(number, order) {
  const out = Buffer.alloc(4);
  order === "little" ? out.writeUInt32LE(number) : out.writeUInt32BE(number);
  return out;
}

/** A file with an orientation, by its format. */
function oriented(bytes, type, orientation) {
  const block = exif(orientation);
  if (type === "image/jpeg") {
    const data = Buffer.concat([Buffer.from("Exif\0\0"), block]);
    const length = Buffer.from([(data.length + 2) >> 8, (data.length + 2) & 255]);
    return Buffer.concat([bytes.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, data, bytes.subarray(2)]);
  }
  if (type === "image/png") {
    const chunk = Buffer.concat([Buffer.from("eXIf"), block]);
    return Buffer.concat([bytes.subarray(0, 33), uint32(block.length), chunk, crc(chunk), bytes.subarray(33)]);
  }
  // The simple form of WebP becomes the extended one, with the flag for Exif.
  const [width, height] = [900, 600];
  const sides = Buffer.from([(width - 1) & 255, (width - 1) >> 8, 0, (height - 1) & 255, (height - 1) >> 8, 0]);
  const chunks = bytes.subarray(12, 16).toString() === "VP8X" ? bytes.subarray(30) : bytes.subarray(12);
  const head = Buffer.concat([Buffer.from("VP8X"), uint32(10, "little"), Buffer.from([8, 0, 0, 0]), sides]);
  const body = Buffer.concat([Buffer.from("WEBP"), head, chunks, Buffer.from("EXIF"), uint32(block.length, "little"), block]);
  return Buffer.concat([Buffer.from("RIFF"), uint32(body.length, "little"), body]);
}

/** Four coloured quarters, 96 by 64, as AVIF, whose box `irot` turns them by quarters of a circle (ISO/IEC 23008-12, 6.5.10). */
function turnedAvif(quarters) {
  const bytes = Buffer.from(
    "AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAAOBtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABBAABAAAAAAAAAEgAAAAjaWlu" +
      "ZgAAAAAAAQAAABVpbmZlAgAAAAABAABhdjAxAAAAAA5waXRtAAAAAAABAAAAYGlwcnAAAABBaXBjbwAAAAxhdjFDgQAMAAAAABRpc3BlAAAAAAAAAGAAAABAAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90" +
      "AQAAABdpcG1hAAAAAAAAAAEAAQSBAgOEAAAAUG1kYXQSAAoJGBlv/tkBDQaEMjkUo8PDEMAANAAAEM/MRMkY2AHHrXeC1X6RQIGS4GQ+5HvzaHMkH+4ArwJhrtnSsTLQZLXnCBSpHDw=",
    "base64",
  );
  bytes[bytes.indexOf("irot") + 4] = quarters;
  return bytes;
}

fs.rmSync(folder, { recursive: true, force: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const blank = await (await browser.newContext()).newPage();
const write = (name, bytes) => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), bytes);
};
write("backmatter.toml", 'title = "Pictures"\nbase_url = "http://127.0.0.1"\nid = "pictures"\n');
let long = '+++\ntitle = "Long"\ndate = 2026-01-02\npath = "/long/"\n+++\n\n';
for (let at = 0; at < PICTURES; at++) {
  const [width, height] = at % 3 ? [1900, 1200] : [1300, 1700];
  if (at < 3) write(`static/${at}.jpg`, await photograph(blank, width, height, "image/jpeg", at));
  long += `Paragraph ${at}.\n\n![Picture ${at}](/${at % 3}.jpg)\n\n`;
}
write("content/long.md", long);
const types = { jpg: "image/jpeg", png: "image/png", webp: "image/webp" };
const originals = {};
let turned = '+++\ntitle = "Turned"\ndate = 2026-01-03\npath = "/turned/"\n+++\n\n';
for (const [ending, type] of Object.entries(types)) {
  const upright = await photograph(blank, 900, 600, type, 7);
  for (let orientation = 1; orientation <= 8; orientation++) {
    const name = `${orientation}-${ending}.${ending}`;
    originals[name] = `data:${type};base64,${oriented(upright, type, orientation).toString("base64")}`;
    write(`static/${name}`, oriented(upright, type, orientation));
    turned += `![${name}](/${name})\n\n`;
  }
}
for (let quarters = 0; quarters < 4; quarters++) {
  const name = `${quarters}.avif`;
  originals[name] = `data:image/avif;base64,${turnedAvif(quarters).toString("base64")}`;
  write(`static/${name}`, turnedAvif(quarters));
  turned += `![${name}](/${name})\n\n`;
}
write("content/turned.md", turned);
write("content/zoomed.md", '+++\ntitle = "Zoomed"\ndate = 2026-01-04\npath = "/zoomed/"\n+++\n\n![A picture](/1.jpg)\n');
const build = () => execFileSync(backmatter, ["--root", folder, "--quiet", "build"], { stdio: "inherit" });
build();

// A picture arrives later than the text around it.
const wait = (file) => (/\.(webp|jpg|png)$/.test(file) ? 60 : 0);
const server = await serveFolder(path.join(folder, "public"), { wait });
const address = server.origin;

/** Opens a page on a screen, scrolls to its end, and waits for its pictures. */
async function look(where, width, scale) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, deviceScaleFactor: scale });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shifts += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(`${address}${where}`);
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    for (let at = 0; at < document.body.scrollHeight; at += 300) {
      scrollTo(0, at);
      await frame();
    }
    // A picture that is not shown yet is not loaded, and never would be.
    const images = [...document.querySelectorAll("main img")].filter((image) => image.checkVisibility());
    await Promise.all(images.map((image) => image.complete || new Promise((done) => (image.onload = image.onerror = done))));
    await frame();
  });
  return page;
}

try {
  for (const width of [390, 1440]) {
    const page = await look("/long/", width, 1);
    const { shifts, count } = await page.evaluate(() => ({ shifts: window.shifts, count: document.querySelectorAll("main img").length }));
    const faults = count === PICTURES && shifts === 0 ? [] : [`${count} pictures, layout shift ${shifts}`];
    report(`nothing moves while ${PICTURES} pictures load at ${width} pixels`, faults);
    for (const scale of [1, 2, 3]) {
      const page = await look("/long/", width, scale);
      const seen = await page.evaluate(() =>
        [...document.querySelectorAll("main img")].map((image) => ({
          shown: image.getBoundingClientRect().width,
          chosen: Number(/-(\d+)\.webp$/.exec(image.currentSrc)?.[1]),
          widths: [...image.parentElement.querySelector("source").srcset.matchAll(/ (\d+)w/g)].map((width) => Number(width[1])),
        })),
      );
      const faults = seen.flatMap(({ shown, chosen, widths }) => {
        // What is in the memory of the browser already and larger will do.
        const needed = widths.find((width) => width >= shown * scale - 1) ?? widths.at(-1);
        return chosen >= needed && (chosen === needed || scale === 1 || widths.includes(chosen)) ? [] : [`${shown} px at ${scale}: ${chosen} of ${widths}, not ${needed}`];
      });
      const exact = seen.filter(({ shown, chosen, widths }) => chosen === (widths.find((width) => width >= shown * scale - 1) ?? widths.at(-1)));
      report(`at ${width} pixels and ${scale} dots each the size that fits is taken (${exact.length} of ${seen.length} exactly)`, faults);
      await page.context().close();
    }
    await page.context().close();
  }

  const page = await look("/turned/", 900, 1);
  const faults = await page.evaluate(async (originals) => {
    /** Width, height and the colours in the middle of the quarters, as they are shown. */
    const signature = (image) => {
      const [width, height] = [image.naturalWidth, image.naturalHeight];
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0, width, height);
      const at = (x, y) => [...context.getImageData(width * x, height * y, 1, 1).data].slice(0, 3).map((part) => (part > 128 ? 1 : 0)).join("");
      return `${width > height ? "wide" : "high"} ${[at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)].join(" ")}`;
    };
    const faults = [];
    for (const image of document.querySelectorAll("main img")) {
      const original = new Image();
      original.src = originals[image.alt];
      await original.decode();
      const given = Number(image.getAttribute("width")) > Number(image.getAttribute("height")) ? "wide" : "high";
      const [wanted, found] = [signature(original), signature(image)];
      const isMadeSmaller = !image.alt.endsWith(".avif");
      if (isMadeSmaller !== image.currentSrc.includes("/i/")) faults.push(`${image.alt} is shown as it is`);
      if (wanted !== found || !wanted.startsWith(given)) faults.push(`${image.alt}: ${found} (${given}) instead of ${wanted}`);
    }
    if (document.querySelectorAll("main img").length !== Object.keys(originals).length) faults.push("pictures are missing");
    return faults;
  }, originals);
  report(`${Object.keys(originals).length} pictures are as upright as their files in JPEG, PNG, WebP and AVIF`, faults);
  await page.context().close();

  // Above the page, without a script.
  write("themes/default/theme.toml", 'image_zoom = "popover"\n');
  build();
  const above = await look("/zoomed/", 900, 1);
  const button = above.locator("button.zoom").first();
  const largest = above.locator(".zoomed img").first();
  const before = [await largest.isVisible(), await largest.evaluate((image) => image.naturalWidth)];
  await button.press("Enter");
  await largest.evaluate((image) => image.decode());
  const opened = [await largest.isVisible(), await largest.evaluate((image) => image.naturalWidth)];
  const box = await largest.boundingBox();
  await largest.click();
  const closed = await largest.isVisible();
  const seen = JSON.stringify([before, opened, closed]);
  const wrong = seen === "[[false,0],[true,1600],false]" && box.width <= 900 && box.height <= 800 ? [] : [`${seen}, ${JSON.stringify(box)}`];
  report("the largest size opens above the page by a key, is loaded then, and closes by a click", wrong);
} finally {
  await browser.close();
  server.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
