#!/usr/bin/env bash
# Guess: a date, a time and an offset that are marked up by the value class pattern mean one moment to every parser of
# microformats2.
# Behaviour: three parsers write that moment in two spellings, and php-mf2 0.3.0 drops the offset, so that a consumer
# of its output reads another moment.
# Meaning: a page that states its dates in one `datetime` attribute is read alike by all; a receiver has to accept a
# space before the offset, and an offset without a colon.
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
<div class="h-entry"><div class="dt-published"><time class="value">2026-11-22</time>
<span class="value">10:05pm</span> <span class="value">+01:00</span></div></div>
HTML
cat >parse.py <<'PY'
import mf2py
item = mf2py.parse(doc=open("page.html").read(), url="https://blog.example/p/")["items"][0]
print("mf2py 2.0.2              ", item["properties"]["published"][0])
PY
cat >parse.mjs <<'JS'
import fs from "node:fs";
import { mf2 } from "microformats-parser";
import node from "microformat-node";
const html = fs.readFileSync("page.html", "utf8");
const baseUrl = "https://blog.example/p/";
console.log("microformats-parser 2.0.6", mf2(html, { baseUrl }).items[0].properties.published[0]);
node.get({ html, baseUrl }, (error, data) => {
  if (error) throw error;
  console.log("microformat-node 2.0.4   ", data.items[0].properties.published[0]);
});
JS
cat >parse.php <<'PHP'
<?php
require '/usr/share/php/Mf2/Parser.php';
$items = Mf2\parse(file_get_contents('page.html'), 'https://blog.example/p/')['items'];
echo 'php-mf2 0.3.0             ', $items[0]['properties']['published'][0], "\n";
PHP
{ python/bin/python parse.py; node parse.mjs; php parse.php; } | tee seen
cat >expected <<'TEXT'
mf2py 2.0.2               2026-11-22 22:05+0100
microformats-parser 2.0.6 2026-11-22 22:05 +0100
microformat-node 2.0.4    2026-11-22 22:05+0100
php-mf2 0.3.0             2026-11-22T22:05
TEXT
diff expected seen && echo "as found"
