#!/usr/bin/env bash
# Guess: a response that is marked up as `u-comment h-cite` and has no `u-url` has its text, or nothing, as its `value`.
# Behaviour: mf2py 2.0.2 and microformats-parser 2.0.6 give an address that does not occur on the page: the text
# resolved against the page's address, or the avatar's address with the text behind it.
# Meaning: a consumer that takes `value` of a nested item for a link follows an address that is not in the page; a page that
# prints responses gives each a `u-url`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends php-cli php-xml php-mbstring php-mf2=0.3.0-0.2 >apt.log 2>&1 || { cat apt.log; exit 1; }
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check mf2py==2.0.2
npm init -y >/dev/null
npm install --silent --no-audit --no-fund microformats-parser@2.0.6 microformat-node@2.0.4

cat >page.html <<'HTML'
<div class="h-entry"><p class="p-name">Post</p><ul><li class="u-comment h-cite"><img class="u-photo"
src="/tam.jpg" alt=""><a class="p-author h-card" href="https://tam.example/">Tam</a> <p class="p-content">Words.</p></li></ul></div>
HTML
cat >parse.py <<'PY'
import mf2py
item = mf2py.parse(doc=open("page.html").read(), url="https://blog.example/p/")["items"][0]
print("mf2py 2.0.2              ", item["properties"]["comment"][0]["value"])
PY
cat >parse.mjs <<'JS'
import fs from "node:fs";
import { mf2 } from "microformats-parser";
import node from "microformat-node";
const html = fs.readFileSync("page.html", "utf8");
const baseUrl = "https://blog.example/p/";
console.log("microformats-parser 2.0.6", mf2(html, { baseUrl }).items[0].properties.comment[0].value);
node.get({ html, baseUrl }, (error, data) => {
  if (error) throw error;
  console.log("microformat-node 2.0.4   ", data.items[0].properties.comment[0].value);
});
JS
cat >parse.php <<'PHP'
<?php
require '/usr/share/php/Mf2/Parser.php';
$items = Mf2\parse(file_get_contents('page.html'), 'https://blog.example/p/')['items'];
echo 'php-mf2 0.3.0             ', $items[0]['properties']['comment'][0]['value'], "\n";
PHP
{ python/bin/python parse.py; node parse.mjs; php parse.php; } | tee seen
cat >expected <<'TEXT'
mf2py 2.0.2               https://blog.example/p/TamWords.
microformats-parser 2.0.6 https://blog.example/tam.jpg Tam Words.
microformat-node 2.0.4    Tam Words.
php-mf2 0.3.0             Tam Words.
TEXT
diff expected seen && echo "as found"
