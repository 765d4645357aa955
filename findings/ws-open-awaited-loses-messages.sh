#!/usr/bin/env bash
# ws 8.23.0 on Node: a client that awaits "open" and then sets its message handler misses whatever came in the same segment as
# the server's 101, such as a snapshot that is sent in the open handler. Bun 1.4.5's client hands over all of it.
# What a chooser should conclude: set the handlers before the first `await`. A recovery or load client ported from Bun to ws
# otherwise loses the start of the feed now and then, and the gap looks like the server's.
# Seen: of five messages, ws 0, Bun's WebSocket 5. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 ws@8.23.0 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import { createHash } from "node:crypto";
import net from "node:net";
const Client = process.versions.bun ? WebSocket : (await import("ws")).default;
const text = (word) => Buffer.concat([Buffer.from([0x81, word.length]), Buffer.from(word)]);
const server = net.createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (request) => {
    const key = /sec-websocket-key: (\S+)/i.exec(request)[1];
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), ...["1", "2", "3", "4", "5"].map(text)]));
    setTimeout(() => socket.write(text("end")), 500);
  });
});
server.listen(0, "127.0.0.1", async () => {
  const client = new Client(`ws://127.0.0.1:${server.address().port}/`);
  await new Promise((opened) => client.addEventListener("open", opened, { once: true }));
  let seen = 0;
  client.addEventListener("message", ({ data }) => {
    if (String(data) !== "end") seen += 1;
    else { console.log(seen); process.exit(0); }
  });
});
JS
bun=node_modules/.bin/bun
onWs=$(timeout 20 node probe.mjs)
onBun=$(timeout 20 "$bun" probe.mjs)
echo "seen of five messages after awaiting open: ws 8.23.0 on Node $(node --version) $onWs, WebSocket of Bun $("$bun" --version) $onBun"
[ "$onWs" = 0 ] && [ "$onBun" = 5 ] || { echo "changed" >&2; exit 1; }
