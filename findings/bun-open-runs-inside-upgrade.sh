#!/usr/bin/env bash
# Bun 1.4.5: `server.upgrade()` calls the `open` handler before it returns, also where it is called after an `await`.
# What a chooser should conclude: what `open` needs goes into `upgrade(request, { data })`. State that the lines after `upgrade` set up
# (a registry, a timer, a counter) is not there yet when the first snapshot is sent.
# Seen: before, open, after. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
const order = [];
const server = Bun.serve({
  hostname: "127.0.0.1", port: 0,
  async fetch(request, bun) {
    await new Promise((done) => setTimeout(done, 5));
    order.push("before");
    bun.upgrade(request);
    order.push("after");
  },
  websocket: {
    open(socket) { order.push("open"); socket.send("snapshot"); },
    message() { console.log(order.join(", ")); process.exit(0); },
  },
});
const client = new WebSocket(`ws://127.0.0.1:${server.port}/`);
client.onmessage = () => client.send("thanks");
JS
bun=node_modules/.bin/bun
seen=$(timeout 20 "$bun" probe.mjs)
echo "Bun $("$bun" --version): $seen"
[ "$seen" = "before, open, after" ] || { echo "changed" >&2; exit 1; }
