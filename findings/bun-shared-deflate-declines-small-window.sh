#!/usr/bin/env bash
# Bun 1.4.5: a server with `perMessageDeflate: true` (its shared compressor) declines an offer with `server_max_window_bits` and goes on
# uncompressed; with a dedicated compressor, as with ws 8.23.0, the same offer is agreed to.
# What a chooser should conclude: a client that asks for small windows to save memory gets no compression at all from Bun's shared
# compressor, and nothing fails. Look at `extensions` after opening, or offer the plain extension as the second choice.
# Seen: shared declined, then with a plain second offer agreed; dedicated agreed; ws agreed. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 ws@8.23.0 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import http from "node:http";
import { WebSocketServer } from "ws";
const agreed = (port, offer) => new Promise((done, failed) => {
  const headers = {
    Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Extensions": offer,
  };
  const request = http.request({ host: "127.0.0.1", port, headers });
  request.on("upgrade", (response, socket) => { socket.destroy(); done(response.headers["sec-websocket-extensions"] ? "agreed" : "declined"); });
  request.on("error", failed);
  request.end();
});
const small = "permessage-deflate; server_max_window_bits=9";
if (process.versions.bun) {
  const serve = (perMessageDeflate) =>
    Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request, bun) => void bun.upgrade(request), websocket: { perMessageDeflate, message() {} } }).port;
  const shared = serve(true);
  const dedicated = serve({ compress: "dedicated", decompress: "dedicated" });
  console.log([
    `shared ${await agreed(shared, small)}`,
    `shared with a plain second offer ${await agreed(shared, `${small}, permessage-deflate`)}`,
    `dedicated ${await agreed(dedicated, small)}`,
  ].join(", "));
  process.exit(0);
}
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true }, async () => {
  console.log(`ws ${await agreed(server.address().port, small)}`);
  process.exit(0);
});
JS
bun=node_modules/.bin/bun
seen="$(timeout 20 "$bun" probe.mjs), $(timeout 20 node probe.mjs)"
want="shared declined, shared with a plain second offer agreed, dedicated agreed, ws agreed"
echo "Bun $("$bun" --version), ws 8.23.0 on Node $(node --version): $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
