// Takes the screenshots of the guide: the first post of a new site in each of the built-in looks, light and dark.
//
//     node screenshots.mjs MODULES BACKMATTER FOLDER
//
// Writes `NAME.png` and `NAME-dark.png` into the folder; those of the guide are in static/looks/.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

const [modules, backmatter, folder] = process.argv.slice(2);
const { chromium } = createRequire(`${path.resolve(modules)}/`)("playwright-core");

const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml" };
const work = fs.mkdtempSync(path.join(os.tmpdir(), "looks-"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  for (const look of ["news", "notebook", "plain"]) {
    const root = path.join(work, look);
    execFileSync(backmatter, ["init", "--theme", look, root]);
    const settings = path.join(root, "backmatter.toml");
    fs.writeFileSync(settings, fs.readFileSync(settings, "utf8").replace("A new blog", "Harbour notes"));
    execFileSync(backmatter, ["build", "--quiet", "--root", root]);
    const output = path.join(root, "public");
    const server = http.createServer((request, response) => {
      let name = path.join(output, decodeURIComponent(new URL(request.url, "http://x").pathname));
      if (fs.statSync(name, { throwIfNoEntry: false })?.isDirectory()) name = path.join(name, "index.html");
      if (!fs.existsSync(name)) return response.writeHead(404).end();
      response.writeHead(200, { "Content-Type": TYPES[path.extname(name)] ?? "application/octet-stream" });
      fs.createReadStream(name).pipe(response);
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const post = fs.readdirSync(output, { recursive: true }).find((name) => name.endsWith("two-reports-caught-my-eye/index.html"));
    for (const colorScheme of ["light", "dark"]) {
      const page = await browser.newPage({ colorScheme, viewport: { width: 960, height: 720 } });
      await page.goto(`http://127.0.0.1:${server.address().port}/${path.dirname(post)}/`);
      await page.screenshot({ path: path.join(folder, `${look}${colorScheme === "dark" ? "-dark" : ""}.png`) });
      await page.close();
    }
    server.close();
    server.closeAllConnections();
  }
} finally {
  await browser.close();
  fs.rmSync(work, { recursive: true });
}
