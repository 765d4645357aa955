#!/usr/bin/env bash
# Bun 1.4.5, ws 8.23.0, crossws 0.4.17: a server that says nothing about subprotocols agrees to the first that a client offers,
# whatever it is, under Bun.serve, ws and crossws on Bun. crossws on Node agrees to none, upon which ws ends the connection.
# What a chooser should conclude: an agreed subprotocol proves nothing about the server. Choose it in code, above all where it
# stands for a version of the feed (JSON or SBE): a client that offers "feed.v9" is told that it is spoken.
# Seen: Bun.serve feed.v9, crossws on Bun feed.v9, ws feed.v9, crossws on Node none (client: error). Fails when that changes.
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
const ports = {};
if (process.versions.bun) {
  const serve = (fetch, websocket) => Bun.serve({ hostname: "127.0.0.1", port: 0, fetch, websocket }).port;
  ports["Bun.serve"] = serve((request, server) => void server.upgrade(request), { message() {} });
  const adapter = (await import("crossws/adapters/bun")).default({ hooks: {} });
  ports["crossws on Bun"] = serve((request, server) => adapter.handleUpgrade(request, server), adapter.websocket);
} else {
  const native = http.createServer();
  new WebSocketServer({ server: native });
  ports.ws = await listening(native);
  const adapter = (await import("crossws/adapters/node")).default({ hooks: {} });
  ports["crossws on Node"] = await listening(http.createServer().on("upgrade", adapter.handleUpgrade));
}
const seen = [];
for (const [name, port] of Object.entries(ports)) {
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, ["feed.v9", "feed.v1"]);
  seen.push(`${name} ${await new Promise((done) => {
    client.addEventListener("open", () => done(client.protocol || "none"));
    client.addEventListener("error", () => done("none (client: error)"));
  })}`);
}
console.log(seen.join(", "));
process.exit(0);
JS
bun=node_modules/.bin/bun
seen="$(timeout 20 "$bun" probe.mjs), $(timeout 20 node probe.mjs)"
want="Bun.serve feed.v9, crossws on Bun feed.v9, ws feed.v9, crossws on Node none (client: error)"
echo "Bun $("$bun" --version), Node $(node --version), ws 8.23.0, crossws 0.4.17: $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
