#!/usr/bin/env bash
# elysia 1.4.30 on Bun 1.4.5: a text message that is written like a number or a boolean reaches the handler as one, without a schema
# and without being asked for: "1.10" as 1.1, "0010" as 10, "0x10" as 16, "Infinity" as Infinity. Digits beyond 2^53 stay text.
# What a chooser should conclude: prices and identifiers sent as bare text lose their form, and an echo answers "1.1" to "1.10".
# Send them inside JSON, as quoted text there, or binary; a type that depends on the digits must be expected in the handler.
# Seen: number 1.1, number 10, number 16, number Infinity, boolean true, string 12345678901234567890. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 elysia@1.4.30 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import { Elysia } from "elysia";
const texts = ["1.10", "0010", "0x10", "Infinity", "true", "12345678901234567890"];
const seen = [];
const app = new Elysia()
  .ws("/", {
    message(_, message) {
      seen.push(`${typeof message} ${message}`);
      if (seen.length < texts.length) return;
      console.log(seen.join(", "));
      process.exit(0);
    },
  })
  .listen({ hostname: "127.0.0.1", port: 0 });
const client = new WebSocket(`ws://127.0.0.1:${app.server.port}/`);
client.onopen = () => { for (const text of texts) client.send(text); };
JS
bun=node_modules/.bin/bun
seen=$(timeout 20 "$bun" probe.mjs)
want="number 1.1, number 10, number 16, number Infinity, boolean true, string 12345678901234567890"
echo "elysia 1.4.30, Bun $("$bun" --version): $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
