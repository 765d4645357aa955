import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  digits3,
  formatCount,
  formatDuration,
  formatHeadroom,
  formatInterval,
  formatMetric,
  formatNs,
  formatReach,
  listed,
  listedUpTo,
} from "./format.ts";

test("figures take the unit that suits them, with three digits", () => {
  const shown = [
    formatNs(41),
    formatNs(999.6),
    formatNs(112_345),
    formatNs(1.2e9),
    formatMetric("throughputHz", 2_118_000),
    formatMetric("throughputHz", 20),
    formatMetric("throughputBytesHz", 44 * 2 ** 20),
    formatMetric("rssBytesPeak", 48.3 * 2 ** 20),
    formatMetric("contextSwitchesPerMessage", 0.00213),
  ];
  expect(shown).toEqual([
    "41.0 ns",
    "1.00 µs",
    "112 µs",
    "1.20 s",
    "2.12 M/s",
    "20.0 /s",
    "44.0 MiB/s",
    "48.3 MiB",
    "0.00213",
  ]);
});

test("an interval shares the unit of its median", () => {
  const result = {
    unit: "ns",
    better: "lower",
    median: 1.02e6,
    ciLow: 980e3,
    ciHigh: 1.2e6,
    perRound: [],
    twoSpeeds: null,
  } as const;
  expect(formatInterval("latencyNsP50", { ...result, perRound: [], twoSpeeds: null })).toBe("0.980–1.20");
  expect(
    formatInterval("latencyNsP50", { ...result, ciLow: null, perRound: [], twoSpeeds: null }),
  ).toBeNull();
});

test("reach below 1 never reads 100 %", () => {
  expect([1, 0.9998, 0.999996, 0.5].map(formatReach)).toEqual(["100 %", "99.98 %", "99.9996 %", "50 %"]);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1 - 1e-9, noNaN: true }), (reach) => {
      expect(formatReach(reach)).not.toBe("100 %");
    }),
    { seed: 1 },
  );
});

test("three digits are within half a percent and never an exponent", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-5, max: 1e12, noNaN: true }), (value) => {
      const shown = digits3(value);
      expect(shown).toMatch(/^[\d,]+(\.\d+)?$/);
      expect(Math.abs(Number(shown.replaceAll(",", "")) / value - 1)).toBeLessThanOrEqual(0.005);
    }),
    { seed: 1 },
  );
});

test("durations read as a person says them", () => {
  expect([48_200, 163_400].map(formatDuration)).toEqual(["48 s", "2 min 43 s"]);
});

test("a count takes its noun in the number that it has", () => {
  expect([0, 1, 2, 1000].map((n) => formatCount(n, "round"))).toEqual([
    "0 rounds",
    "1 round",
    "2 rounds",
    "1,000 rounds",
  ]);
});

test.each([
  [1.496, "1.49 ×"],
  [1.49999, "1.49 ×"],
  [1.15, "1.15 ×"],
  [0.996, "0.996 ×"],
  [1.5, "1.50 ×"],
  [1.504, "1.50 ×"],
  [12.34, "12.3 ×"],
])("a headroom of %d reads %s, on its own side of the bound", (headroom, text) => {
  expect(formatHeadroom(headroom)).toBe(text);
});

test("many names are counted beyond the first", () => {
  expect(listedUpTo(["a", "b", "c"], 3)).toBe("a, b and c");
  expect(listedUpTo(["a", "b", "c", "d"], 3)).toBe("a, b and 2 more");
  expect(listed(["a"])).toBe("a");
});
