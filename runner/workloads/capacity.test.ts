import { expect, test } from "bun:test";
import type { CapacityCell } from "../../schemas/workloads/capacity.ts";
import { sojourns } from "../../stats/lindley.ts";
import { poissonTimes } from "../load/poisson.ts";
import { probeMsAt, searchOf } from "./capacity.ts";
import { leadMs } from "./open-loop.ts";

function capacityCell(): CapacityCell {
  return {
    workload: "capacity",
    codec: "json",
    broadcast: "send",
    seek: "rate",
    subscribers: 1,
    rateHz: 300,
    limit: { percentile: "latencyNsP99", maxNs: 20e6 },
    probeMs: 700,
    warmupMs: 200,
    windowMs: 20_000,
  };
}

/** What the search finds on a queue of one subscriber: its own levels and schedules, and Lindley's recursion in place of a server. */
function capacityByLindley(cell: CapacityCell, service: number): number | null {
  const search = searchOf(cell, 0);
  for (let { level } = search; level !== null; level = search.level) {
    const leadNs = leadMs * 1e6;
    const arrivals = poissonTimes(level, leadNs + probeMsAt(cell, level) * 1e6, search.attempt);
    const counted = sojourns(arrivals, service).filter((_, n) => arrivals[n]! >= leadNs);
    const p99 = counted.toSorted()[Math.ceil(0.99 * counted.length) - 1] ?? 0;
    search.note(p99 < cell.limit.maxNs);
  }
  return search.low;
}

test("a Poisson stream has its rate, and is the same at another but for the scale", () => {
  const slow = poissonTimes(1_000, 10e9, 3);
  expect(Math.abs(slow.length - 10_000)).toBeLessThan(300);
  const fast = poissonTimes(2_000, 5e9, 3);
  expect(fast.length).toBe(slow.length);
  expect(fast[100]! * 2).toBeCloseTo(slow[100]!, 3);
});

test("a server's capacity by the recursion holds on the search's own schedules, and a tenth more does not on two of three", () => {
  const serviceNs = 2_000_000;
  const cell = capacityCell();
  const found = capacityByLindley(cell, serviceNs)!;
  const holds = (hz: number, draw: number) => {
    const arrivals = poissonTimes(hz, (10 + cell.probeMs) * 1e6, draw);
    const times = sojourns(arrivals, serviceNs)
      .filter((_, n) => arrivals[n]! >= 10e6)
      .toSorted();
    return times[Math.ceil(0.99 * times.length) - 1]! < cell.limit.maxNs;
  };
  const held = (hz: number) => [0, 1, 2].filter((draw) => holds(hz, draw)).length;
  expect(held(found)).toBeGreaterThanOrEqual(2);
  expect(held(found * 1.1)).toBeLessThan(2);
  // A queue never serves more than one over its time of service for long.
  expect(found).toBeLessThan(1.1 * (1e9 / serviceNs));
});

test("twice the time of service has about half the capacity", () => {
  const cell = capacityCell();
  const ratio = capacityByLindley(cell, 400_000)! / capacityByLindley(cell, 800_000)!;
  expect(ratio).toBeGreaterThan(1.8);
  expect(ratio).toBeLessThan(2.4);
});
