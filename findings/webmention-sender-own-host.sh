#!/usr/bin/env bash
# Guess: a sender of webmentions leaves out links to the site of the page itself, by comparing hosts.
# Behaviour: @remy/webmention 1.5.0 leaves out every link whose address has the page's host anywhere in it as text: a copy in
# an archive, an address that names the site in its path, and a host that ends in the same letters.
# Meaning: a post that a page at `a.example` links to is not told if its address holds `a.example`, such as
# `https://b.example/on-a.example/`; a receiver that misses a webmention can only learn of the page otherwise (`linkbacks add`).
set -euo pipefail
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @remy/webmention@1.5.0
cat >serve.mjs <<'JS'
import http from "node:http";
import fs from "node:fs";
const server = http.createServer((request, response) => {
  const { port } = server.address();
  response.setHeader("content-type", "text/html; charset=utf-8");
  if (request.url === "/source/") {
    const links = ["/plain/", "/on-localhost/", "/copies/http://localhost/x/"];
    const list = links.map((link) => `<li><a href="http://127.0.0.1:${port}${link}">${link}</a>`).join("");
    response.end(`<!DOCTYPE html><html lang=en><title>S</title><ul>${list}</ul></html>`);
  } else {
    response.end('<!DOCTYPE html><html lang=en><title>T</title><link rel="webmention" href="/endpoint"></html>');
  }
});
server.listen(0, "127.0.0.1", () => fs.writeFileSync("port", String(server.address().port)));
JS
node serve.mjs &
server=$!
until [ -s port ]; do sleep 0.1; done
# The page is read at `localhost`, and leads to `127.0.0.1`: two hosts, as far as a sender knows.
node node_modules/@remy/webmention/bin/wm.js "http://localhost:$(cat port)/source/" |
  sed -n 's|^target = http://127.0.0.1:[0-9]*||p' | tee seen
echo "/plain/" | diff - seen && echo "as found"
