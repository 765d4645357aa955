import { expect, test } from "bun:test";
import { alignToMonotonic, clock, measureClock, monotonicNs } from "./clock.ts";

/** A clock that gives the readings in turn. */
const scripted = (readings: readonly number[]) => {
  let i = 0;
  return () => readings[i++] ?? Number.NaN;
};

test("resolution is the smallest step, cost the mean of a reading", () => {
  expect(measureClock(scripted([0, 0, 100, 100, 140]), 4)).toEqual({ resolutionNs: 40, costNs: 35 });
});

test("a clock that stands still has no resolution to speak of", () => {
  expect(measureClock(() => 5, 10)).toEqual({ resolutionNs: Number.POSITIVE_INFINITY, costNs: 0 });
});

test("the tightest bracket gives the offset", () => {
  const own = scripted([0, 100, 200, 210, 300, 400]);
  const other = scripted([1050, 1205, 1350]);
  expect(alignToMonotonic(own, other, 3)).toEqual({ offsetNs: 1000, uncertaintyNs: 5 });
});

test("no alignment without the other clock", () => {
  expect(alignToMonotonic(clock, () => null)).toBeNull();
});

test.skipIf(process.platform !== "linux")(
  "CLOCK_MONOTONIC is the clock that /proc/uptime counts",
  async () => {
    // proc_uptime(5) counts CLOCK_BOOTTIME in hundredths: ahead of CLOCK_MONOTONIC by the time spent suspended.
    const uptimeNs = Number((await Bun.file("/proc/uptime").text()).split(" ")[0]) * 1e9;
    const now = monotonicNs() ?? Number.NaN;
    expect(now).toBeGreaterThan(0);
    expect(now).toBeLessThan(uptimeNs + 1e9);
  },
);
