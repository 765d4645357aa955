import { expect, test } from "bun:test";
import { sojourns } from "../../../stats/lindley.ts";
import { poissonTimes } from "../../load/poisson.ts";
import { capacityCell } from "../cells.ts";
import { capacityByLindley } from "./capacity.ts";

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
