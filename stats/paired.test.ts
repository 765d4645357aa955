import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { hodgesLehmann } from "./hodges-lehmann.ts";
import { meanInterval } from "./mean-interval.ts";
import { type MeasuredRatio, pairedRatio } from "./paired.ts";

function measured(a: readonly (number | null)[], b: readonly (number | null)[]): MeasuredRatio {
  const ratio = pairedRatio(a, b);
  if (ratio.status !== "measured") throw new Error(ratio.why);
  return ratio;
}

/** Student's sleep data (1908), extra hours of sleep: R's `sleep`. */
const sleep1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const sleep2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

const side = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 12, maxLength: 12 });

describe("paired t", () => {
  test("Student's own example: R's t.test(extra ~ group, paired) prints t −4.0621, p 0.002833, −2.4598858 to −0.7001142", () => {
    const interval = meanInterval(sleep1.map((x, i) => x - (sleep2[i] ?? 0)));
    expect(interval.mean).toBeCloseTo(-1.58, 12);
    expect(interval.low).toBeCloseTo(-2.4598858, 7);
    expect(interval.high).toBeCloseTo(-0.7001142, 7);
    expect(interval.p).toBeCloseTo(0.002833, 6);
  });

  test("the same example through logarithms gives the same p", () => {
    const ratio = measured(sleep1.map(Math.exp), sleep2.map(Math.exp));
    expect(Math.log(ratio.ratio)).toBeCloseTo(-1.58, 12);
    expect(Math.log(ratio.ciLow)).toBeCloseTo(-2.4598858, 7);
    expect(ratio.p).toBeCloseTo(0.002833, 6);
    expect(ratio.rounds).toBe(10);
  });
});

describe("Hodges–Lehmann", () => {
  test("depression scores of Hollander and Wolfe, example 3.1: estimate −0.46, interval −0.786 to −0.010 at 96.1 %", () => {
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const result = hodgesLehmann(after.map((y, i) => y - (before[i] ?? 0)));
    expect(result.estimate).toBeCloseTo(-0.46, 12);
    expect(result.low).toBeCloseTo(-0.786, 12);
    expect(result.high).toBeCloseTo(-0.01, 12);
    expect(result.coverage).toBeCloseTo(0.961, 3);
  });

  test("no interval below six rounds; the extremes at six", () => {
    expect(hodgesLehmann([1, 2, 3, 4, 5])).toEqual({ estimate: 3, low: null, high: null, coverage: null });
    expect(hodgesLehmann([1, 2, 3, 4, 5, 6])).toMatchObject({ low: 1, high: 6, coverage: 1 - 2 / 64 });
  });

  test("counted out and approximated depths agree where they meet", () => {
    const values = Array.from({ length: 101 }, (_, i) => Math.sin(i) * i);
    const exact = hodgesLehmann(values.slice(1));
    const approximate = hodgesLehmann(values);
    const width = (exact.high ?? 0) - (exact.low ?? 0);
    expect((approximate.high ?? 0) - (approximate.low ?? 0)).toBeCloseTo(width, -1);
    expect(Math.abs((approximate.low ?? 0) - (exact.low ?? 0))).toBeLessThan(0.05 * width);
  });
});

describe("pairedRatio", () => {
  test("scaling both sides leaves it, scaling one scales it, swapping inverts it", () => {
    fc.assert(
      fc.property(side, side, fc.double({ min: 0.01, max: 100, noNaN: true }), (a, b, factor) => {
        const ratio = measured(a, b);
        const both = measured(
          a.map((x) => x * factor),
          b.map((y) => y * factor),
        );
        const one = measured(
          a.map((x) => x * factor),
          b,
        );
        const swapped = measured(b, a);
        expect(both.ratio / ratio.ratio).toBeCloseTo(1, 8);
        expect(both.ciHigh / ratio.ciHigh).toBeCloseTo(1, 8);
        expect(one.ratio / ratio.ratio / factor).toBeCloseTo(1, 8);
        expect(swapped.ratio * ratio.ratio).toBeCloseTo(1, 8);
        expect(swapped.ciLow * ratio.ciHigh).toBeCloseTo(1, 8);
        expect((swapped.hodgesLehmann.ciLow ?? 0) * (ratio.hodgesLehmann.ciHigh ?? 0)).toBeCloseTo(1, 8);
        expect(swapped.p).toBeCloseTo(ratio.p, 8);
        expect(ratio.ciLow).toBeLessThanOrEqual(ratio.ratio);
        expect(ratio.ciHigh).toBeGreaterThanOrEqual(ratio.ratio);
      }),
      { seed: 31 },
    );
  });

  test("what a round does to both sides drops out", () => {
    const base = [10, 20, 40, 80];
    const exact = measured(
      base.map((x) => 1.5 * x),
      base,
    );
    expect(exact.ratio).toBeCloseTo(1.5, 12);
    expect(exact.ciHigh - exact.ciLow).toBeLessThan(1e-12);
  });

  test("rounds without a side are dropped and counted", () => {
    const ratio = measured([1, null, 4, Number.NaN, 9], [1, 2, 2, 2, 3]);
    expect(ratio.rounds).toBe(3);
    expect(ratio.droppedRounds).toBe(2);
    expect(ratio.ratio).toBeCloseTo(Math.cbrt(6), 12);
  });

  test("too few rounds, or no logarithm, withhold it with the reason", () => {
    expect(pairedRatio([1, null], [2, 3])).toEqual({
      status: "withheld",
      code: "too-few-rounds",
      why: "the interval of a ratio needs at least 2 rounds with both sides, got 1 of 2",
      rounds: 1,
      droppedRounds: 1,
    });
    expect(pairedRatio([1, 2, 3], [1, 0, 3])).toMatchObject({
      code: "not-positive",
      why: "round 2 has 0: a ratio needs values above zero",
    });
    expect(pairedRatio([-1, 2], [1, 2])).toMatchObject({ code: "not-positive" });
    expect(() => pairedRatio([1], [1, 2])).toThrow("rounds differ: 1 of a, 2 of b");
  });

  test("no spread at all: no width, and the check says so", () => {
    const same = measured([2, 2, 2], [1, 1, 1]);
    expect([same.ratio, same.ciLow, same.ciHigh, same.p]).toEqual([2, 2, 2, 0]);
    expect(same.assumptions.broken).toEqual(["no-spread"]);
    expect(measured([1, 1], [1, 1]).p).toBe(1);
  });

  test("one wild round: the two estimates disagree and the round is named", () => {
    const b = new Array<number>(20).fill(100);
    const a = b.map((_, i) => 108 + (i % 7)).with(9, 20);
    const ratio = measured(a, b);
    expect(ratio.disagree).toBe(true);
    expect(ratio.assumptions.outliers).toEqual([9]);
    expect(ratio.assumptions.broken).toContain("normality");
    expect(measured(a.with(9, 111), b).disagree).toBe(false);
  });
});
