#!/usr/bin/env bash
# Bun 1.4.5: with `perMessageDeflate: true` and a client that agreed to it, `server.publish(topic, data)` compresses unless it is
# told not to, and `socket.send(data)` does not unless it is told to. Both return the size before compression.
# What a chooser should conclude: a measurement of deflate on Bun measures nothing where `send` is called without its second
# argument, and a gateway that sends snapshots and publishes updates compresses one of the two. Give the argument in both.
# Seen: bytes on the wire of 1,600: send 1604, send(true) 32, publish 32, publish(false) 1604; returned 1600 each. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import net from "node:net";
const data = "abcdefgh".repeat(200);
const ways = [
  ["send", (socket) => socket.send(data)],
  ["send(true)", (socket) => socket.send(data, true)],
  ["publish", () => server.publish("topic", data)],
  ["publish(false)", () => server.publish("topic", data, false)],
];
const end = Buffer.from([0x89, 0x03, 0x65, 0x6e, 0x64]); // a ping "end" behind what was sent
const seen = [];
let returned;
const server = Bun.serve({
  hostname: "127.0.0.1", port: 0,
  fetch: (request, bun) => void bun.upgrade(request),
  websocket: {
    perMessageDeflate: true,
    open: (socket) => socket.subscribe("topic"),
    message: (socket, way) => setTimeout(() => { returned = ways[way][1](socket); setTimeout(() => socket.ping("end"), 20); }),
  },
});
let got = Buffer.alloc(0);
let asked = -1;
const client = net.connect(server.port, "127.0.0.1", () => client.write(
  `GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
));
client.on("data", (chunk) => {
  got = Buffer.concat([got, chunk]);
  if (asked < 0 ? !got.includes("\r\n\r\n") : !got.subarray(-5).equals(end)) return;
  if (asked >= 0) seen.push(`${ways[asked][0]} ${got.length - end.length}/${returned}`);
  got = Buffer.alloc(0);
  asked += 1;
  if (asked < ways.length) client.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x30 + asked]));
  else { console.log(seen.join(", ")); process.exit(0); }
});
JS
bun=node_modules/.bin/bun
seen=$(timeout 20 "$bun" probe.mjs)
want="send 1604/1600, send(true) 32/1600, publish 32/1600, publish(false) 1604/1600"
echo "Bun $("$bun" --version), bytes on the wire/returned: $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
