/**
 * What merging costs in truth, by simulation: latencies of 100 agents whose clocks are off, merged and compared with the exact
 * percentiles of all samples, and how much of a window all agents share that start when their clocks say so.
 * `bun bench/scale.ts` prints the table of docs/SCALE.md; seeded, so that it prints the same each time.
 */
import { Histogram } from "../runner/load/histogram.ts";
import { clockShareMax } from "../runner/shards/merge.ts";
import { createRandom, type Random } from "../stats/random.ts";

const agents = 100;
const samplesPerAgent = 5_000;
const windowMs = 150;
/** Median latency of a server over a local network, in ns, and how much it spreads. */
const medianNs = 200_000;
const logSd = 0.6;
/** How late a timer that is waited for by turning the loop comes, in ns: bench/lateness.ts. */
const timerLateNs = 5_000;
const percents = [50, 99, 99.9] as const;

/** Relative error of each percentile, and the share of the window that all agents measure at once. */
function simulate(boundNs: number, random: Random) {
  const merged = new Histogram();
  const exact: number[] = [];
  const starts: number[] = [];
  for (let agent = 0; agent < agents; agent += 1) {
    const shardHistogram = new Histogram();
    const offNs = boundNs * (2 * random.uniform() - 1);
    starts.push(offNs + timerLateNs * random.uniform());
    for (let i = 0; i < samplesPerAgent; i += 1) {
      const latencyNs = medianNs * Math.exp(logSd * random.normal());
      exact.push(latencyNs);
      shardHistogram.record(Math.max(0, latencyNs + offNs));
    }
    merged.add(shardHistogram);
  }
  exact.sort((a, b) => a - b);
  const errors = percents.map((percent) => {
    const truth = exact[Math.ceil((percent / 100) * exact.length) - 1] ?? Number.NaN;
    return merged.percentileNs(percent) / truth - 1;
  });
  const skewNs = Math.max(...starts) - Math.min(...starts);
  return { errors, skewNs, shared: 1 - skewNs / (windowMs * 1e6) };
}

const pct = (share: number) => `${(100 * share).toFixed(3)} %`;
console.log(
  `${agents} agents, ${samplesPerAgent} samples each, median ${medianNs / 1e3} µs, window ${windowMs} ms, seed 1\n\n` +
    `| clocks within ± | one-way told | error of p50 | p99 | p99.9 | start skew | window in common |\n| ---: | --- | ---: | ---: | ---: | ---: | ---: |`,
);
for (const boundNs of [0, 1e3, 5e3, 20e3, 100e3, 1e6]) {
  const { errors, skewNs, shared } = simulate(boundNs, createRandom(1));
  // The publisher's clock may be off as far as any other.
  const usable = 2 * boundNs <= clockShareMax * medianNs ? "yes" : "no";
  const cells = [
    `${boundNs / 1e3} µs`,
    usable,
    ...errors.map(pct),
    `${(skewNs / 1e3).toFixed(1)} µs`,
    pct(shared),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
