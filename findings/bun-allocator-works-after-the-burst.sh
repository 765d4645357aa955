#!/usr/bin/env bash
# Bun 1.4.5 on Linux: a thread of its allocator (mi-scavenger) gives memory back long after a burst of buffers is over. It works for tens of
# milliseconds within the next 1.5 s, much of it half a second and later after the last buffer, while the program itself is idle. On
# Node all threads but the main one do next to nothing in that time.
# What a chooser should conclude: a Bun server that is pinned to one core, or limited to one CPU, shares it with that thread in turns of
# milliseconds just when the market is quiet again. Give it a second core, and do not measure it right behind a flood.
# Seen: Bun's other threads 83 and 134 ms in 1.5 s (medians of five), Node's 0. Fails when Bun's are below 8 ms or Node's above.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bun@1.4.5 >/dev/null
node node_modules/bun/install.js >/dev/null 2>&1 || true
cat >probe.mjs <<'JS'
import { readdirSync, readFileSync } from "node:fs";
// CPU time of each thread but the main one, in ms (first field of its schedstat).
const others = () => new Map(readdirSync("/proc/self/task").filter((id) => Number(id) !== process.pid).map((id) =>
  [id, Number(readFileSync(`/proc/self/task/${id}/schedstat`, "utf8").split(" ")[0]) / 1e6]));
const text = JSON.stringify({ s: "BTCUSDT", b: "1.0", B: "2.0", a: "3.0", A: "4.0", u: 1 });
const until = performance.now() + 600;
let kept = [];
const burst = () => {
  for (let i = 0; i < 500; i += 1) {
    kept.push(Buffer.from(text));
    if (kept.length > 20_000) kept = [];
  }
  if (performance.now() < until) return void setImmediate(burst);
  kept = [];
  const before = others();
  setTimeout(() => {
    const worked = [...others()].reduce((sum, [id, ms]) => sum + ms - (before.get(id) ?? 0), 0);
    console.log(worked.toFixed(1));
  }, 1500);
};
burst();
JS
middle() { sort -n | sed -n 3p; }
onBun=$(for _ in 1 2 3 4 5; do timeout 20 node_modules/.bin/bun probe.mjs; done | middle)
onNode=$(for _ in 1 2 3 4 5; do timeout 20 node probe.mjs; done | middle)
echo "CPU time of the other threads in 1.5 s behind a burst, median of 5: Bun $(node_modules/.bin/bun --version) $onBun ms, Node $(node --version) $onNode ms"
awk -v bun="$onBun" -v node="$onNode" 'BEGIN { exit !(bun >= 8 && node < 8) }' || { echo "changed" >&2; exit 1; }
