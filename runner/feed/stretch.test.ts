import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createRandom } from "../../stats/random.ts";
import { drawArrivals } from "./arrival.ts";
import { crowding, crowdingWindowNs } from "./count.ts";
import { clusteredPresets } from "./preset.ts";
import { stretchOrder } from "./stretch.ts";

const second = 1e9;

describe("stretches", () => {
  test("cover the source from end to end, each once", () => {
    const atNs = Float64Array.from({ length: 10_000 }, (_, i) => i * 1e6);
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 12_000 }), (lengthMs) => {
        const lengthNs = lengthMs * 1e6;
        const starts = [...stretchOrder(atNs, 10 * second, lengthNs, crowdingWindowNs).startNs].sort(
          (a, b) => a - b,
        );
        expect(starts[0]).toBe(0);
        expect(starts).toHaveLength(Math.ceil((10 * second) / lengthNs));
        for (const [i, start] of starts.entries()) {
          const end = starts[i + 1] ?? Math.max(10 * second, lengthNs);
          expect(start + lengthNs).toBeGreaterThanOrEqual(end - 1);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  const { atNs } = drawArrivals(clusteredPresets.burst, createRandom(7), 0, 400);
  const length = 1.5 * second;
  const order = stretchOrder(atNs, 400 * second, length, crowdingWindowNs).startNs;
  const crowds = order.map((from) => crowding(atNs.filter((at) => at >= from && at < from + length)));
  const sorted = crowds.toSorted((a, b) => a - b);
  const edges = [1, 2, 3].map((quarter) => Math.round((quarter * sorted.length) / 4));
  const quarterOf = (crowd: number) => edges.filter((edge) => sorted.indexOf(crowd) >= edge).length;

  test("any four in a row hold one of each quarter by crowding", () => {
    // But for the last ones, where the quarters differ in length.
    for (let i = 0; i + 8 < crowds.length; i++) {
      const quarters = crowds.slice(i, i + 4).map(quarterOf);
      expect(new Set(quarters).size).toBe(4);
    }
  });

  test("the first forty come from all over the source", () => {
    for (let tenth = 0; tenth < 10; tenth++) {
      const from = tenth * 40 * second;
      const inside = order.slice(0, 40).filter((at) => at >= from && at < from + 40 * second);
      expect(inside.length).toBeGreaterThanOrEqual(1);
    }
  });

  test("one with too few messages is left out and counted, unless all are so", () => {
    const busy = Array.from({ length: 1000 }, (_, i) => i * 1e6);
    const thin = [1200, 1700].map((at) => at * 1e6);
    const late = Array.from({ length: 1000 }, (_, i) => 2 * second + i * 1e6);
    const { startNs, sparse } = stretchOrder(
      [...busy, ...thin, ...late],
      3 * second,
      second,
      crowdingWindowNs,
    );
    expect([...startNs].sort((a, b) => a - b)).toEqual([0, 2 * second]);
    expect(sparse).toBe(1);
    const all = stretchOrder([0, 1.5 * second], 2 * second, second, crowdingWindowNs);
    expect(all).toEqual({ startNs: [0, second], sparse: 0, crowding: 1 });
  });

  test("a source of many is cut into a bounded number of them", () => {
    expect(stretchOrder([], 1e18, 1, 1).startNs).toHaveLength(20_000);
  });
});
