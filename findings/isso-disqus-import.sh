#!/usr/bin/env bash
# Guess: Isso's importer of Disqus takes a thread that has an `<id>`, reads `createdAt` (`2020-01-02T10:00:00Z`) as UTC, and leaves out
# what Disqus marks as spam.
# Behaviour: isso 0.14.0 skips every thread unless `--empty-id` is given, also those with an `<id>` (an element without children is
# false in Python 3.11). It reads the time in the zone of the machine, so that in Tokyo it is nine hours off. Comments with
# `<isSpam>true</isSpam>` are stored with mode 1, accepted.
# Meaning: a database of Isso that came from Disqus may show spam, and times that depend on the server of that day; the export of
# Disqus itself is the better source.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check isso==0.14.0
cat >export.xml <<'XML'
<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<category dsq:id="1"><forum>quay</forum><title>General</title><isDefault>true</isDefault></category>
<thread dsq:id="10"><id>nets</id><forum>quay</forum><category dsq:id="1"/><link>https://quay.example/nets/</link><title>Nets</title><message/><createdAt>2020-01-02T10:00:00Z</createdAt><author><name>Ida</name><isAnonymous>false</isAnonymous><username>ida</username></author><isClosed>false</isClosed><isDeleted>false</isDeleted></thread>
<post dsq:id="20"><id/><message><![CDATA[<p>Good nets.</p>]]></message><createdAt>2020-01-02T10:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Maud</name><isAnonymous>true</isAnonymous></author><thread dsq:id="10"/></post>
<post dsq:id="21"><id/><message><![CDATA[<p>Cheap watches.</p>]]></message><createdAt>2020-01-02T11:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>true</isSpam><author><name>Seller</name><isAnonymous>true</isAnonymous></author><thread dsq:id="10"/></post>
</disqus>
XML
printf '[general]\ndbpath=%s/comments.db\nhost=http://localhost/\n' "$work" >isso.cfg
show() {
  TZ=$1 python/bin/isso -c isso.cfg import -t disqus ${2:-} export.xml >/dev/null 2>&1 || true
  echo "$1 ${2:-}"
  python3 - <<'PY'
import sqlite3
for mode, created, author in sqlite3.connect("comments.db").execute("SELECT mode, created, author FROM comments ORDER BY id"):
    print(" ", "mode", mode, "created", int(created), author)
PY
  rm -f comments.db
}
{
  show UTC
  show UTC --empty-id
  show Asia/Tokyo --empty-id
} | tee seen
cat >expected <<'TEXT'
UTC 
UTC --empty-id
  mode 1 created 1577959200 Maud
  mode 1 created 1577962800 Seller
Asia/Tokyo --empty-id
  mode 1 created 1577926800 Maud
  mode 1 created 1577930400 Seller
TEXT
diff expected seen && echo "as found"
