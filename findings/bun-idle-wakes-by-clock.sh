#!/usr/bin/env bash
# Bun 1.4.5: a process that waits for one timer of six seconds is woken by its collector's clock about twice in each of them and
# collects, whether or not anything was allocated; `BUN_GC_TIMER_DISABLE=1` ends it, and Node's process sleeps through.
# What a chooser should conclude: a waiting Bun process is no quiet neighbour. One that shares a core with what is measured takes
# about a millisecond of it in each second, which the measured one shows as latency (docs/PERFORMANCE.md).
# Seen: woken 13 and 11 times in 6 s by the clock, once without it, once on Node 20. Fails when that changes. Linux.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import { readFileSync } from "node:fs";
const kept = Array.from({ length: 300_000 }, (_, i) => ({ i, text: `item ${i}` }));
const woken = () => {
  const status = readFileSync(`/proc/self/task/${process.pid}/status`, "utf8");
  return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)[1]);
};
setTimeout(() => {
  const before = woken();
  setTimeout(() => {
    console.log(woken() - before);
    process.exit(kept.length > 0 ? 0 : 1);
  }, 6000);
}, 1000);
JS
bun=node_modules/.bin/bun
clock=$(env -u BUN_GC_TIMER_DISABLE "$bun" probe.mjs)
none=$(BUN_GC_TIMER_DISABLE=1 "$bun" probe.mjs)
node=$(node probe.mjs)
echo "woken in 6 idle seconds: Bun $("$bun" --version) $clock, without the collector's clock $none, Node $(node --version) $node"
[ "$clock" -ge 6 ] && [ "$none" -le 3 ] && [ "$node" -le 3 ] || { echo "changed" >&2; exit 1; }
