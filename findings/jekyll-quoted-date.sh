#!/usr/bin/env bash
# Guess: `date: 2015-05-05 23:30:00` and `date: "2015-05-05 23:30:00"` are the same date in the front matter of Jekyll, a time without a
# zone, which the setting `timezone` gives one.
# Behaviour: in Jekyll 4.3.1 the date without quotes is read as UTC and then moved to the zone of the site, so that in Oslo the post stands under
# 6 May, and in New York a post of two o'clock in the morning under the day before. In quotes it is a time of the zone itself. The same
# date without a time is that day in both forms.
# Meaning: two quotes change the address of a post. A tool that takes over a blog of Jekyll has to look at how a date is written, not only at
# what YAML makes of it, and one that writes the front matter again must not drop or add quotes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DEBIAN_FRONTEND=noninteractive
command -v jekyll >/dev/null || apt-get install -y -qq --no-install-recommends jekyll >apt.log 2>&1 || { cat apt.log; exit 1; }
jekyll --version
mkdir site
cd site
post() { printf -- '---\ndate: %s\n---\nx\n' "$2" >"_posts/2015-01-01-$1.md"; }
for zone in Europe/Oslo America/New_York; do
  rm -rf _posts _site && mkdir _posts
  printf 'timezone: %s\npermalink: /:year-:month-:day-:title\n' "$zone" >_config.yml
  post late '2015-05-05 23:30:00'
  post late-quoted '"2015-05-05 23:30:00"'
  post early '2015-05-05 02:00:00'
  post early-quoted "'2015-05-05 02:00:00'"
  post day '2015-05-05'
  post day-quoted '"2015-05-05"'
  jekyll build --quiet
  (cd _site && ls | sed "s|^|$zone |")
done | tee ../seen
cat >../expected <<'TEXT'
Europe/Oslo 2015-05-05-day-quoted.html
Europe/Oslo 2015-05-05-day.html
Europe/Oslo 2015-05-05-early-quoted.html
Europe/Oslo 2015-05-05-early.html
Europe/Oslo 2015-05-05-late-quoted.html
Europe/Oslo 2015-05-06-late.html
America/New_York 2015-05-04-early.html
America/New_York 2015-05-05-day-quoted.html
America/New_York 2015-05-05-day.html
America/New_York 2015-05-05-early-quoted.html
America/New_York 2015-05-05-late-quoted.html
America/New_York 2015-05-05-late.html
TEXT
diff ../expected ../seen && echo "as found"
