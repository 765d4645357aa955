#!/usr/bin/env bash
# crossws 0.4.17 on Bun 1.4.5: `peer.websocket`, documented as the WebSocket instance, is a Proxy around Bun's ServerWebSocket
# that hands methods on unbound. Reading works (`readyState`); every native method called through it throws a TypeError, `cork`
# among them, which is the one means to join the writes of a turn. The peer's own `send` works.
# What a chooser should conclude: on Bun, coalesced writes under crossws need its internal socket (docs/candidates.md).
# Seen: {"readyState":1,"cork":"TypeError","getBufferedAmount":"TypeError","peerSend":"ok"}. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 crossws@0.4.17 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import crossws from "crossws/adapters/bun";
const tried = (act) => { try { act(); return "ok"; } catch (error) { return error.constructor.name; } };
const ws = crossws({ hooks: {
  open(peer) {
    const socket = peer.websocket;
    console.log(JSON.stringify({
      readyState: socket.readyState,
      cork: tried(() => socket.cork(() => {})),
      getBufferedAmount: tried(() => socket.getBufferedAmount()),
      peerSend: tried(() => peer.send("hello")),
    }));
    process.exit(0);
  },
} });
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request, bun) => ws.handleUpgrade(request, bun), websocket: ws.websocket });
new WebSocket(`ws://127.0.0.1:${server.port}/`);
JS
seen=$(timeout 20 node_modules/.bin/bun probe.mjs)
want='{"readyState":1,"cork":"TypeError","getBufferedAmount":"TypeError","peerSend":"ok"}'
echo "crossws 0.4.17, Bun $(node_modules/.bin/bun --version): $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
