#!/usr/bin/env bash
# Guess: converters of a WordPress export keep the day of a post, which stands in its address.
# Behaviour: wordpress-export-to-markdown 2.2.2 writes the day of `pubDate`, which is UTC: a post of half past midnight, March 1st, in
# Berlin becomes one of February 29th, while its address says 2020/03/01. pelican-import 4.11.0 and Nikola 8.3.3 write the local time
# without a zone, so that its moment is another one.
# Meaning: the day of an address is that of `wp:post_date`; the offset is the difference to `wp:post_date_gmt`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends pandoc >apt.log 2>&1 || { cat apt.log; exit 1; }
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pelican==4.11.0 nikola==8.3.3 beautifulsoup4==4.13.4 lxml==5.4.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wordpress-export-to-markdown@2.2.2
cat >export.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Lamp</title><link>https://lamp.example</link><description></description><language>en</language><wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://lamp.example</wp:base_site_url><wp:base_blog_url>https://lamp.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login><![CDATA[ada]]></wp:author_login><wp:author_email><![CDATA[ada@lamp.example]]></wp:author_email><wp:author_display_name><![CDATA[Ada]]></wp:author_display_name></wp:author>
<item><title><![CDATA[Past midnight]]></title><link>https://lamp.example/2020/03/01/past-midnight/</link><pubDate>Sat, 29 Feb 2020 23:30:00 +0000</pubDate><dc:creator><![CDATA[ada]]></dc:creator>
<guid isPermaLink="false">https://lamp.example/?p=5</guid><description></description><content:encoded><![CDATA[Words.]]></content:encoded><excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>5</wp:post_id>
<wp:post_date><![CDATA[2020-03-01 00:30:00]]></wp:post_date><wp:post_date_gmt><![CDATA[2020-02-29 23:30:00]]></wp:post_date_gmt><wp:comment_status><![CDATA[open]]></wp:comment_status><wp:ping_status><![CDATA[open]]></wp:ping_status>
<wp:post_name><![CDATA[past-midnight]]></wp:post_name><wp:status><![CDATA[publish]]></wp:status><wp:post_parent>0</wp:post_parent><wp:menu_order>0</wp:menu_order><wp:post_type><![CDATA[post]]></wp:post_type><wp:post_password><![CDATA[]]></wp:post_password><wp:is_sticky>0</wp:is_sticky></item>
</channel></rss>
XML
npx wordpress-export-to-markdown --wizard=false --input=export.xml --output=md --save-attached-images=false --save-scraped-images=false >/dev/null
python/bin/pelican-import --wpfile -m markdown -o pelican export.xml >/dev/null 2>&1
python/bin/nikola import_wordpress --no-downloads -o nikola export.xml >/dev/null 2>&1
{
  grep -rh '^date:' md
  grep -rh '^Date:' pelican
  grep -rh '^.. date:' nikola/posts
} | tee seen
cat >expected <<'TEXT'
date: "2020-02-29"
Date: 2020-03-01 00:30
.. date: 2020-03-01 00:30:00
TEXT
diff expected seen && echo "as found"
