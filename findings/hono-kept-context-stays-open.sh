#!/usr/bin/env bash
# hono 4.13.19 on Bun 1.4.5 and, with @hono/node-ws 1.3.1, on Node: a context kept from `onOpen` has the `readyState` of that
# moment for ever on Bun, and the socket's own on Node. Its `send` after the close throws nothing on either.
# What a chooser should conclude: a broadcast that skips whoever is not open skips nobody on Bun. Ask `ws.raw.readyState`, or
# take the entry out in `onClose`.
# Seen: of a kept context after the close: Bun 1 (open), its raw 3; Node 3. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 hono@4.13.19 @hono/node-server@1.19.19 @hono/node-ws@1.3.1 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import { Hono } from "hono";
let kept;
const events = () => ({
  onOpen(_, ws) { kept = ws; ws.send("hello"); },
  onClose() { setTimeout(() => { console.log(`${kept.readyState} raw ${kept.raw.readyState}`); process.exit(0); }, 50); },
});
const app = new Hono();
if (process.versions.bun) {
  const { upgradeWebSocket, websocket } = await import("hono/bun");
  app.get("/", upgradeWebSocket(events));
  dial(Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch, websocket }).port);
} else {
  const { serve } = await import("@hono/node-server");
  const { createNodeWebSocket } = await import("@hono/node-ws");
  const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app });
  app.get("/", upgradeWebSocket(events));
  injectWebSocket(serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch }, ({ port }) => dial(port)));
}
async function dial(port) {
  const { WebSocket } = await import("ws");
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  client.addEventListener("message", () => client.close(1000));
}
JS
bun=node_modules/.bin/bun
onBun=$(timeout 20 "$bun" probe.mjs)
onNode=$(timeout 20 node probe.mjs)
echo "hono 4.13.19, a kept context after the close: Bun $("$bun" --version) $onBun, Node $(node --version) $onNode"
[ "$onBun" = "1 raw 3" ] && [ "$onNode" = "3 raw 3" ] || { echo "changed" >&2; exit 1; }
