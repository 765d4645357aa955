#!/usr/bin/env bash
# mitata 1.0.34: a function below 65 µs is timed 4,096 calls at a time, and `max`, `p99` and `p999` are taken over the means of
# those. One call in 10,000 that stalls for 5 ms shows as 1,321 ns in `max` and leaves no other trace. The clock is given, so that the
# figures are exact.
# What a chooser should conclude: its tail figures are none of single calls. For the tail of a codec or a send, record each call
# into a histogram, or take a benchmark's p99 for what it is: how means of 4,096 spread.
# Seen: longest call 5000000 ns, max 1321 ns, calls a sample 4096. Fails when that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts mitata@1.0.34 >/dev/null
cat >probe.mjs <<'JS'
import { measure } from "mitata";
let clock = 0;
let calls = 0;
let longest = 0;
const call = () => {
  calls += 1;
  const took = calls % 10_000 === 0 ? 5_000_000 : 100;
  longest = Math.max(longest, took);
  clock += took;
};
for (let warm = 0; warm < 5_000; warm += 1) call(); // compiled, so that mitata's own look at it sees a fast call
const stats = await measure(call, { now: () => clock });
console.log(`longest call ${longest}, max ${Math.round(stats.max)}, calls a sample ${stats.ticks / stats.samples.length}`);
JS
want="longest call 5000000, max 1321, calls a sample 4096"
for _ in 1 2 3 4 5; do # mitata looks at real time to choose its way: a stall of the machine at that moment chooses another
  seen=$(timeout 60 node probe.mjs)
  [ "$seen" = "$want" ] && break
done
echo "mitata 1.0.34, Node $(node --version): $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
