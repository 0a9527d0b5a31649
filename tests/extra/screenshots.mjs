// Takes the screenshots of the guide: the first post of a new site in each of the built-in looks, light and dark.
//
//     node screenshots.mjs MODULES BACKMATTER FOLDER
//
// Writes `NAME.png` and `NAME-dark.png` into the folder; those of the guide are in static/looks/.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

import { serveFolder } from "./serve_folder.mjs";

const [modules, backmatter, folder] = process.argv.slice(2);
const { chromium } = createRequire(`${path.resolve(modules)}/`)("playwright-core");

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
    const server = await serveFolder(output);
    const post = fs.readdirSync(output, { recursive: true }).find((name) => name.endsWith("two-reports-caught-my-eye/index.html"));
    for (const colorScheme of ["light", "dark"]) {
      const page = await browser.newPage({ colorScheme, viewport: { width: 960, height: 720 } });
      await page.goto(`${server.origin}/${path.dirname(post)}/`);
      await page.screenshot({ path: path.join(folder, `${look}${colorScheme === "dark" ? "-dark" : ""}.png`) });
      await page.close();
    }
    server.close();
  }
} finally {
  await browser.close();
  fs.rmSync(work, { recursive: true });
}
