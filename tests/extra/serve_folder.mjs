// The files of a built site on loopback, for a browser that looks at them.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import zlib from "node:zlib";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
  ".webp": "image/webp", ".jpg": "image/jpeg", ".png": "image/png", ".json": "application/json", ".xml": "application/xml", ".txt": "text/plain",
};

/**
 * Serves a folder below the path `base` until `close` is called; `wait` says after how many milliseconds a file is sent,
 * and `gzip` whether it is compressed.
 */
export async function serveFolder(folder, { base = "", headers = {}, wait = () => 0, gzip = false } = {}) {
  const server = http.createServer((request, response) => {
    const address = decodeURIComponent(new URL(request.url, "http://x").pathname);
    let file = address.startsWith(`${base}/`) ? path.join(folder, address.slice(base.length)) : "";
    if (file && fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) file = path.join(file, "index.html");
    if (!file || !fs.existsSync(file)) return response.writeHead(404).end();
    const type = TYPES[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, ...(gzip ? { "Content-Encoding": "gzip" } : {}), ...headers });
    const send = () => {
      if (gzip) response.end(zlib.gzipSync(fs.readFileSync(file)));
      else fs.createReadStream(file).pipe(response);
    };
    setTimeout(send, wait(file));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
