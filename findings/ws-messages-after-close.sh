#!/usr/bin/env bash
# ws 8.23.0 on Node, and Bun 1.4.5: a handler that closes the connection at the first of ten messages of one segment is still
# called for the other nine by ws; Bun.serve does not call it again. The peer is told the same close frame by both.
# What a chooser should conclude: on ws, a gateway that throws a client out goes on working for it. A handler has to look at
# `readyState` first, or what was forbidden (an order, a subscription, a flood) is done after the close.
# Seen: handled of ten: ws 10, Bun.serve 1. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 ws@8.23.0 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import net from "node:net";
let handled = 0;
const ended = () => { console.log(handled); process.exit(0); };
const onMessage = (socket) => { handled += 1; if (handled === 1) socket.close(1008, "limit"); };
if (process.versions.bun) {
  dial(Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request, server) => void server.upgrade(request), websocket: { message: onMessage, close: ended } }).port);
} else {
  const { WebSocketServer } = await import("ws");
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () => dial(server.address().port));
  server.on("connection", (socket) => { socket.on("message", () => onMessage(socket)); socket.on("close", ended); });
}
function dial(port) {
  const socket = net.connect(port, "127.0.0.1", () => socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  ));
  const text = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]); // "a", masked with zeros
  socket.once("data", () => {
    socket.write(Buffer.concat(Array(10).fill(text)));
    socket.once("data", () => socket.end(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf0]))); // answers the close frame
  });
}
JS
bun=node_modules/.bin/bun
onWs=$(timeout 20 node probe.mjs)
onBun=$(timeout 20 "$bun" probe.mjs)
echo "handled of ten messages, closed at the first: ws 8.23.0 on Node $(node --version) $onWs, Bun.serve $("$bun" --version) $onBun"
[ "$onWs" = 10 ] && [ "$onBun" = 1 ] || { echo "changed" >&2; exit 1; }
