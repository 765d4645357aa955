#!/usr/bin/env bash
# Bun 1.4.5: `performance.eventLoopUtilization()` exists and answers {"idle":0,"active":0,"utilization":0}, whatever the loop does.
# Node tells a loop that is busy throughout. Nothing is thrown.
# What a chooser should conclude: a saturation alarm or an autoscaler ported from Node never fires on Bun. Use CPU time of the process.
# Seen: after 300 ms of work: Bun 0 ms active, Node about 300. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import { performance } from "node:perf_hooks";
setTimeout(() => {
  const before = performance.eventLoopUtilization();
  const began = performance.now();
  while (performance.now() - began < 300);
  setTimeout(() => { console.log(Math.round(performance.eventLoopUtilization(before).active)); process.exit(0); }, 10);
}, 20);
JS
bun=node_modules/.bin/bun
onBun=$(timeout 20 "$bun" probe.mjs)
onNode=$(timeout 20 node probe.mjs)
echo "ms active after 300 ms of work: Bun $("$bun" --version) $onBun, Node $(node --version) $onNode"
[ "$onBun" = 0 ] && [ "$onNode" -ge 250 ] || { echo "changed" >&2; exit 1; }
