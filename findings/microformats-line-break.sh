#!/usr/bin/env bash
# Guess: `<br>` and a new paragraph separate words in the plain value of `e-content`, and the `html` beside it can be
# parsed back to what it was.
# Behaviour: microformats-parser 2.0.6 and microformat-node 2.0.4 glue the lines together ("onetwothree"); php-mf2 0.3.0
# keeps the line feed, but writes `<br></br>` as html, which the HTML standard parses as two line breaks.
# Meaning: an excerpt made of `value` needs the DOM of the page, not this string; verse doubles its line breaks in PHP
# software that stores `html`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends php-cli php-xml php-mbstring php-mf2=0.3.0-0.2 >apt.log 2>&1 || { cat apt.log; exit 1; }
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check mf2py==2.0.2
npm init -y >/dev/null
npm install --silent --no-audit --no-fund microformats-parser@2.0.6 microformat-node@2.0.4 parse5@7.3.0

cat >page.html <<'HTML'
<div class="h-entry"><p class="p-name">Verse</p><div class="e-content">one<br>two<p>three</p></div></div>
HTML
cat >parse.py <<'PY'
import json, mf2py
item = mf2py.parse(doc=open("page.html").read(), url="https://blog.example/p/")["items"][0]
print("mf2py 2.0.2              ", json.dumps(item["properties"]["content"][0]["value"]))
PY
cat >parse.mjs <<'JS'
import fs from "node:fs";
import { mf2 } from "microformats-parser";
import node from "microformat-node";
const html = fs.readFileSync("page.html", "utf8");
const baseUrl = "https://blog.example/p/";
const value = (item) => JSON.stringify(item.properties.content[0].value);
console.log("microformats-parser 2.0.6", value(mf2(html, { baseUrl }).items[0]));
node.get({ html, baseUrl }, (error, data) => {
  if (error) throw error;
  console.log("microformat-node 2.0.4   ", value(data.items[0]));
});
JS
cat >parse.php <<'PHP'
<?php
require '/usr/share/php/Mf2/Parser.php';
$items = Mf2\parse(file_get_contents('page.html'), 'https://blog.example/p/')['items'];
$content = $items[0]['properties']['content'][0];
echo 'php-mf2 0.3.0             ', json_encode($content['value']), "\n";
file_put_contents('back.html', $content['html']);
PHP
cat >back.mjs <<'JS'
import fs from "node:fs";
import { parseFragment, serialize } from "parse5";
console.log("its html, parsed back    ", serialize(parseFragment(fs.readFileSync("back.html", "utf8"))));
JS
{ python/bin/python parse.py; node parse.mjs; php parse.php; node back.mjs; } | tee seen
cat >expected <<'TEXT'
mf2py 2.0.2               "one\ntwo\nthree"
microformats-parser 2.0.6 "onetwothree"
microformat-node 2.0.4    "onetwothree"
php-mf2 0.3.0             "one\ntwothree"
its html, parsed back     one<br><br>two<p>three</p>
TEXT
diff expected seen && echo "as found"
