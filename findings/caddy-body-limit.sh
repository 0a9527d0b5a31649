#!/usr/bin/env bash
# Guess: `request_body max_size` of Caddy answers a body that is too long with 413, whatever handles the request.
# Behaviour: before `reverse_proxy`, Caddy 2.6.2 answers 413 only if the body comes in chunks. If its length is declared, as forms and
# scripts send it, the request to the program behind breaks off, and the client gets 502, as if that program were down.
# Meaning: a limit that senders have to understand is set in the program behind Caddy; monitoring must not take such a 502 for an outage.
set -euo pipefail
work=$(mktemp -d)
children=()
finish() {
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
cd "$work"
apt-get download -qq caddy=2.6.2-5 >apt.log 2>&1 || { cat apt.log; exit 1; }
dpkg -x caddy_*.deb caddy
read -r port behind < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for one in sockets: one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in sockets])')
cat >behind.py <<PYTHON
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", $behind), Handler).serve_forever()
PYTHON
python3 behind.py & children+=($!)
cat >Caddyfile <<CADDY
{
  admin off
  auto_https off
}
http://127.0.0.1:$port {
  request_body {
    max_size 1KB
  }
  reverse_proxy 127.0.0.1:$behind
}
CADDY
HOME=$work caddy/usr/bin/caddy run --adapter caddyfile --config Caddyfile 2>caddy.log & children+=($!)
python3 - "$port" "$behind" <<'PYTHON'
import socket, sys, time
for port in sys.argv[1:]:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", int(port)), 1).close()
            break
        except OSError:
            if time.monotonic() > end: sys.exit("nothing listens on " + port)
            time.sleep(0.05)
PYTHON
caddy/usr/bin/caddy version
try() { echo "$1: $(curl --silent --output /dev/null --write-out '%{http_code}' "${@:2}" "http://127.0.0.1:$port/")"; }
head -c 500 /dev/zero >short
head -c 5000 /dev/zero >long
{
  try "500 bytes" --data-binary @short
  try "5000 bytes" --data-binary @long
  try "5000 bytes, chunked" --data-binary @long --header 'Transfer-Encoding: chunked'
} | tee seen
cat >expected <<'TEXT'
500 bytes: 200
5000 bytes: 502
5000 bytes, chunked: 413
TEXT
diff expected seen && echo "as found"
