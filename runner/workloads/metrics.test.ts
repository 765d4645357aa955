import { expect, test } from "bun:test";
import { Histogram } from "../load/histogram.ts";
import { latencyMetrics } from "./metrics.ts";

test("no percentile is above the maximum that stands beside it", () => {
  const latency = new Histogram();
  latency.recordMany(10_449_000, 40);
  const { latencyNsP50, latencyNsP9999, latencyNsMax } = latencyMetrics(latency);
  expect(latency.percentileNs(50)).toBeGreaterThan(10_449_000);
  expect([latencyNsP50, latencyNsP9999, latencyNsMax]).toEqual([10_449_000, 10_449_000, 10_449_000]);
});
