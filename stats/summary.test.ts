import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { summarize } from "./summary.ts";

/** The sample x(i) = ln(i + 1)², i = 1 … n, of the golden values below. */
const sample = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.log(i + 2) ** 2);
const positive = fc.array(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), { minLength: 3, maxLength: 40 });

describe("summarize", () => {
  // scipy 1.17.1: scipy.stats.mstats.median_cihs(x).
  test.each([
    [6, 0.739915852094766, 3.5807933394007323],
    [7, 1.013216708307414, 3.9299025260810954],
    [10, 1.6770841493242608, 4.990101123923001],
    [30, 5.847071950864241, 9.489263108800817],
    [100, 13.927655264085496, 16.93100422402435],
  ])("interpolated order statistics of %p rounds", (n, low, high) => {
    const summary = summarize(sample(n));
    expect(summary?.method).toBe("hettmansperger-sheather");
    expect(summary?.ciLow).toBeCloseTo(low, 12);
    expect(summary?.ciHigh).toBeCloseTo(high, 12);
  });

  test("3 to 5 rounds: Student on logarithms, or on the values where a logarithm fails", () => {
    // exp(mean ± 4.302653 s / √3) of ln 1, ln 2, ln 4: mean ln 2, s = ln 2.
    const three = summarize([4, 1, 2]);
    expect(three?.median).toBe(2);
    expect(three?.method).toBe("student-log");
    expect(three?.ciLow).toBeCloseTo(2 * Math.exp((-4.302652729749462 * Math.LN2) / Math.sqrt(3)), 10);
    expect(three?.ciHigh).toBeCloseTo(2 * Math.exp((4.302652729749462 * Math.LN2) / Math.sqrt(3)), 10);
    // R: t.test(c(-1, 0, 1)) gives −2.484138 to 2.484138.
    const withNegative = summarize([-1, 0, 1]);
    expect(withNegative?.method).toBe("student");
    expect(withNegative?.ciLow).toBeCloseTo(-2.484138, 6);
    expect(withNegative?.ciHigh).toBeCloseTo(2.484138, 6);
    // R: t.test(c(0, 1, 2)) gives −1.484138 to 3.484138, and nothing counted is less than none.
    const withZero = summarize([0, 1, 2]);
    expect(withZero).toMatchObject({ method: "student", ciLow: 0 });
    expect(withZero?.ciHigh).toBeCloseTo(3.484138, 6);
  });

  test("an interval stays in the metric's domain", () => {
    const counted = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(counted, (values) => {
        const summary = summarize([0, ...values])!;
        expect(summary.ciLow!).toBeGreaterThanOrEqual(0);
        expect(summary.ciHigh!).toBeGreaterThanOrEqual(summary.ciLow!);
      }),
      { seed: 22 },
    );
  });

  test("two rounds have a figure and no interval, as one has; none has nothing; missing rounds are left out", () => {
    expect(summarize([7])).toEqual({ median: 7, ciLow: null, ciHigh: null, method: "none", rounds: 1 });
    expect(summarize([])).toBeNull();
    expect(summarize([null, Number.NaN])).toBeNull();
    expect(summarize([null, 3, null, 5])?.rounds).toBe(2);
    expect(summarize([null, 3, null, 5])).toEqual({
      median: 4,
      ciLow: null,
      ciHigh: null,
      method: "none",
      rounds: 2,
    });
  });

  test("the median is inside its interval, the order of rounds does not matter, and units scale", () => {
    fc.assert(
      fc.property(positive, (values) => {
        const summary = summarize(values)!;
        expect(summary.ciLow!).toBeLessThanOrEqual(summary.median * (1 + 1e-9));
        expect(summary.ciHigh!).toBeGreaterThanOrEqual(summary.median * (1 - 1e-9));
        expect(summarize(values.toReversed())).toEqual(summary);
        const scaled = summarize(values.map((value) => value * 8))!;
        expect(scaled.ciLow! / summary.ciLow! / 8).toBeCloseTo(1, 9);
        expect(scaled.ciHigh! / summary.ciHigh! / 8).toBeCloseTo(1, 9);
      }),
      { seed: 21 },
    );
  });

  test("a thousand rounds and more still end", () => {
    const summary = summarize(Array.from({ length: 1500 }, (_, i) => i));
    // 749.5 ± 1.96 √1500 / 2, in ranks.
    expect(summary?.ciLow ?? 0).toBeCloseTo(749.5 - 37.96, 0);
  });
});
