#!/usr/bin/env bash
# Bun 1.4.5: `monitorEventLoopDelay` of node:perf_hooks records how late a tick of its timer came; Node records the whole time between
# two ticks, its resolution included. An idle loop reads about 0 on Bun and about the resolution on Node.
# What a chooser should conclude: the two figures are not comparable as they stand. Take the resolution off Node's before a lag
# of one runtime is set beside the other's, or a threshold is carried over.
# Seen: p50 of an idle loop at a resolution of 100 ms: Bun 0.2 ms, Node 100.3 ms. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import { monitorEventLoopDelay } from "node:perf_hooks";
const delay = monitorEventLoopDelay({ resolution: 100 });
delay.enable();
setTimeout(() => { console.log((delay.percentile(50) / 1e6).toFixed(1)); process.exit(0); }, 3050);
JS
bun=node_modules/.bin/bun
onBun=$(timeout 20 "$bun" probe.mjs)
onNode=$(timeout 20 node probe.mjs)
echo "idle, resolution 100 ms, p50 in ms: Bun $("$bun" --version) $onBun, Node $(node --version) $onNode"
[ "${onBun%.*}" -lt 50 ] && [ "${onNode%.*}" -ge 90 ] || { echo "changed" >&2; exit 1; }
