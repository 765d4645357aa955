import { expect, test } from "bun:test";
import { bencherMetricFormat, githubActionBenchmark } from "./ci.ts";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { defaultPolicy } from "./policies.ts";

const figures = figuresAround(plain);
const undecided = inventReport({ a: { figures }, "a#2": { figures, replicateOf: "a" } });
const report = decided(undecided, defaultPolicy);

test("github-action-benchmark gets one array for each direction, without the replicate", () => {
  const bigger = JSON.parse(githubActionBenchmark(report, "higher"));
  expect(bigger.map((e: { name: string }) => e.name)).toEqual([
    "a feed/json/passthrough/send/s10 deliveries",
    "a push/json/146B/c8 throughput",
  ]);
  const [first] = JSON.parse(githubActionBenchmark(report, "lower"));
  expect(first).toMatchObject({ name: "a feed/json/passthrough/send/s10 latency p99", unit: "ns" });
  expect(first.range).toMatch(/^± \d+\.\d %$/);
});

test("Bencher gets a measure with its bounds by benchmark", () => {
  const benchmarks = JSON.parse(bencherMetricFormat(report));
  const latency = undecided.results[0]?.metrics.latencyNsP99;
  expect(benchmarks["a feed/json/passthrough/send/s10"]["latency-ns-p99"]).toEqual({
    value: latency?.median,
    lower_value: latency?.ciLow,
    upper_value: latency?.ciHigh,
  });
});
