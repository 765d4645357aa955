#!/usr/bin/env bash
# Node and Bun 1.4.5: a histogram of `createHistogram({ highest })` takes values above `highest` without a word and leaves them out:
# of `count`, `max` and every percentile. `exceeds` alone counts them.
# What a chooser should conclude: a latency histogram with a bound looks best when the server is worst. Print `exceeds` beside the
# percentiles, or leave the bound at its default.
# Seen: 90 values of 5 and 10 of 5,000 with highest 1,000: count 90, exceeds 10, p99 5, max 5. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import { createHistogram } from "node:perf_hooks";
const histogram = createHistogram({ lowest: 1, highest: 1000, figures: 3 });
for (let i = 0; i < 90; i += 1) histogram.record(5);
for (let i = 0; i < 10; i += 1) histogram.record(5000);
const { count, exceeds, max } = histogram;
console.log(`count ${count}, exceeds ${exceeds}, p99 ${histogram.percentile(99)}, max ${max}`);
JS
bun=node_modules/.bin/bun
want="count 90, exceeds 10, p99 5, max 5"
onBun=$(timeout 20 "$bun" probe.mjs)
onNode=$(timeout 20 node probe.mjs)
echo "Node $(node --version): $onNode; Bun $("$bun" --version): $onBun"
[ "$onNode" = "$want" ] && [ "$onBun" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
