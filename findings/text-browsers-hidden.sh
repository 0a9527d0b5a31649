#!/usr/bin/env bash
# Guess: what HTML itself hides (`hidden`, `<template>`) is hidden in text browsers, and `<ol reversed>` counts down in them.
# Behaviour: lynx 2.9.0, w3m 0.5.3 and elinks 0.13.2 print the text of both and the field of a form in a hidden paragraph, and
# count upwards: 2, 3.
# Meaning: a field of a form that people must leave empty needs a label that says so, and words that nobody should read must
# not be in the page at all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME="$work"
apt-get install -y -qq --no-install-recommends lynx=2.9.0dev.12-1 w3m=0.5.3+git20230121-2 elinks=0.13.2-1+b4 >apt.log 2>&1 || { cat apt.log; exit 1; }
cat >page.html <<'HTML'
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Form</title>
<p hidden>Attribute.</p>
<template><p>Template.</p></template>
<ol reversed start="2"><li>two</li><li>one</li></ol>
<form action="/" method="post"><p hidden><label>Leave empty: <input name="trap"></label></p></form>
</html>
HTML
tidy() { sed -E 's/\xc2\xa0/ /g; s/[[:space:]]+/ /g; s/^ +//; s/ +$//; /^$/d'; }
{
  echo "lynx:"; lynx -dump -nolist page.html | tidy
  echo "w3m:"; w3m -dump page.html | tidy
  echo "elinks:"; elinks -no-home -dump page.html | tidy
} | tee seen
cat >expected <<'TEXT'
lynx:
Attribute.
Template.
2. two
3. one
Leave empty: ____________________
w3m:
Attribute.
Template.
2. two
3. one
Leave empty: [ ]
elinks:
Attribute.
Template.
2. two
3. one
Leave empty: [1]_____________________
References
Visible links
TEXT
diff expected seen && echo "as found"
