#!/usr/bin/env bash
# elysia 1.4.30 on Bun 1.4.5: every handler gets another object for the same connection. A Set of subscribers that is filled in
# `open` and again on a message holds the connection several times, and `delete` in `close` finds none of them.
# What a chooser should conclude: key subscribers by `ws.id`, which stays, or use `subscribe`. The Set idiom of every tutorial
# grows with each connection, sends a message once for each entry, and holds what has long left.
# Seen: {"entries":4,"ids":1,"deleted":false} for one connection with three messages. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 elysia@1.4.30 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import { Elysia } from "elysia";
const subscribers = new Set();
const ids = new Set();
const met = (ws) => { subscribers.add(ws); ids.add(ws.id); };
const app = new Elysia()
  .ws("/", {
    open: met,
    message(ws, message) { met(ws); if (message === "last") ws.close(1000); },
    close(ws) {
      ids.add(ws.id);
      console.log(JSON.stringify({ entries: subscribers.size, ids: ids.size, deleted: subscribers.delete(ws) }));
      process.exit(0);
    },
  })
  .listen({ hostname: "127.0.0.1", port: 0 });
const client = new WebSocket(`ws://127.0.0.1:${app.server.port}/`);
client.onopen = () => { for (const text of ["first", "second", "last"]) client.send(text); };
JS
bun=node_modules/.bin/bun
seen=$(timeout 20 "$bun" probe.mjs)
want='{"entries":4,"ids":1,"deleted":false}'
echo "elysia 1.4.30, Bun $("$bun" --version): $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
