#!/usr/bin/env bash
# Bun 1.4.5, ws 8.23.0, crossws 0.4.17: `close()` without arguments sends a close frame with 1000 under Bun.serve and an empty one
# under ws, which the client reads as 1005. crossws passes each runtime's own on: one program, two codes.
# What a chooser should conclude: name the code. A client that reconnects on all but 1000 stays away after Bun's and comes back
# after ws's, so that moving a server between runtimes changes how many clients return at once.
# Seen: code at the client: Bun.serve 1000, crossws on Bun 1000, ws 1005, crossws on Node 1005. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 ws@8.23.0 crossws@0.4.17 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import http from "node:http";
import { WebSocketServer, WebSocket } from "ws";
const listening = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));
const hooks = { open: (peer) => peer.close() };
const ports = {};
if (process.versions.bun) {
  const serve = (fetch, websocket) => Bun.serve({ hostname: "127.0.0.1", port: 0, fetch, websocket }).port;
  ports["Bun.serve"] = serve((request, server) => void server.upgrade(request), { open: (socket) => socket.close(), message() {} });
  const adapter = (await import("crossws/adapters/bun")).default({ hooks });
  ports["crossws on Bun"] = serve((request, server) => adapter.handleUpgrade(request, server), adapter.websocket);
} else {
  const native = http.createServer();
  new WebSocketServer({ server: native }).on("connection", (socket) => socket.close());
  ports.ws = await listening(native);
  const adapter = (await import("crossws/adapters/node")).default({ hooks });
  ports["crossws on Node"] = await listening(http.createServer().on("upgrade", adapter.handleUpgrade));
}
const codes = [];
for (const [name, port] of Object.entries(ports)) {
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  codes.push(`${name} ${await new Promise((done) => client.addEventListener("close", ({ code }) => done(code)))}`);
}
console.log(codes.join(", "));
process.exit(0);
JS
bun=node_modules/.bin/bun
seen="$(timeout 20 "$bun" probe.mjs), $(timeout 20 node probe.mjs)"
want="Bun.serve 1000, crossws on Bun 1000, ws 1005, crossws on Node 1005"
echo "Bun $("$bun" --version), Node $(node --version), ws 8.23.0, crossws 0.4.17: $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
