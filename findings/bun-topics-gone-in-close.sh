#!/usr/bin/env bash
# Bun 1.4.5: when the `close` handler runs, the socket has left its topics already: `subscriptions` is empty, `isSubscribed` false and
# `subscriberCount` without it, while `pendingWebSockets` still counts the connection.
# What a chooser should conclude: keep the topics of a client beside it. Presence, billing or the end of an upstream subscription
# cannot be worked out from the socket in `close`, and the two counts of one server disagree there.
# Seen: {"subscriptions":0,"subscribed":false,"subscribers":0,"connections":1}. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
const server = Bun.serve({
  hostname: "127.0.0.1", port: 0,
  fetch: (request, bun) => void bun.upgrade(request),
  websocket: {
    open(socket) {
      socket.subscribe("EURUSD");
      if (socket.subscriptions.length !== 1 || server.subscriberCount("EURUSD") !== 1) process.exit(2);
      socket.send("subscribed");
    },
    message() {},
    close(socket) {
      console.log(JSON.stringify({
        subscriptions: socket.subscriptions.length,
        subscribed: socket.isSubscribed("EURUSD"),
        subscribers: server.subscriberCount("EURUSD"),
        connections: server.pendingWebSockets,
      }));
      process.exit(0);
    },
  },
});
const client = new WebSocket(`ws://127.0.0.1:${server.port}/`);
client.onmessage = () => client.close(1000);
JS
bun=node_modules/.bin/bun
seen=$(timeout 20 "$bun" probe.mjs)
want='{"subscriptions":0,"subscribed":false,"subscribers":0,"connections":1}'
echo "Bun $("$bun" --version): $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
