import { describe, expect, test } from "bun:test";
import { checkAssumptions } from "./assumptions.ts";
import { outliers } from "./outliers.ts";
import { createRandom } from "./random.ts";
import { shapiroWilk } from "./shapiro-wilk.ts";

describe("shapiroWilk", () => {
  test("weights of eleven men (Shapiro and Wilk 1965, R's man pages): W 0.79, p 0.0067", () => {
    const result = shapiroWilk([148, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236]);
    expect(result?.w).toBeCloseTo(0.7888146948631716, 8);
    expect(result?.p).toBeCloseTo(0.006703814061898823, 8);
  });

  // scipy 1.17.1: scipy.stats.shapiro of x(i) = ln(i + 1)³, i = 1 … n (weights in single precision there).
  test.each([
    [3, 0.992740305748555, 0.8370751156271985],
    [4, 0.982590059575726, 0.9170388475871933],
    [5, 0.9751806187919074, 0.9073397043353882],
    [6, 0.9698880311530717, 0.8916814139594312],
    [11, 0.9574939803844399, 0.7400844856282139],
    [12, 0.9563316947149899, 0.7304686109500685],
    [100, 0.9456933991570755, 0.000436433986325787],
  ])("%p values", (n, w, p) => {
    const result = shapiroWilk(Array.from({ length: n }, (_, i) => Math.log(i + 2) ** 3));
    expect(result?.w).toBeCloseTo(w, 8);
    expect(result?.p).toBeCloseTo(p, 7);
  });

  test("says nothing of two values or of equal ones", () => {
    expect(shapiroWilk([1, 2])).toBeNull();
    expect(shapiroWilk([3, 3, 3, 3])).toBeNull();
  });

  test("rejects normal values as often as its level says", () => {
    const random = createRandom(61);
    let rejected = 0;
    for (let i = 0; i < 4000; i += 1) {
      const p = shapiroWilk(Array.from({ length: 10 }, () => random.normal()))?.p ?? 1;
      if (p < 0.05) rejected += 1;
    }
    // 200 due, standard deviation 14.
    expect(Math.abs(rejected - 200)).toBeLessThan(56);
  });
});

describe("checkAssumptions", () => {
  test("a slow wander between neighbours is found, white noise is not", () => {
    const random = createRandom(62);
    let level = 0;
    const wander = Array.from({ length: 30 }, () => {
      level = 0.9 * level + random.normal();
      return level;
    });
    expect(checkAssumptions(wander).broken).toContain("independence");
    let alarms = 0;
    for (let i = 0; i < 2000; i += 1) {
      const white = Array.from({ length: 10 }, () => random.normal());
      if (checkAssumptions(white).broken.includes("independence")) alarms += 1;
    }
    expect(alarms / 2000).toBeLessThan(0.02);
  });
});

describe("outliers", () => {
  test("names the round by the modified z score, corrected for few rounds", () => {
    // Median 3.5, MAD 1.5, b 1.2: the score of 100 is 0.6745 · 96.5 / 1.8.
    const [outlier, ...rest] = outliers([1, 2, 3, 4, 5, 100]);
    expect(outlier).toMatchObject({ round: 5, value: 100 });
    expect(outlier?.score).toBeCloseTo((0.6745 * 96.5) / 1.8, 9);
    expect(rest).toEqual([]);
  });

  test("the limit is 5: Iglewicz and Hoaglin's 3.5 would accuse one sound series of ten rounds in eight", () => {
    // The value whose score, as above, is the one named.
    const at = (score: number) => 3.5 + (score * 1.8) / 0.6745;
    expect(outliers([1, 2, 3, 4, 5, at(4.99)])).toEqual([]);
    expect(outliers([1, 2, 3, 4, 5, at(5.01)])).toHaveLength(1);
    const random = createRandom(17);
    const runs = 4000;
    let accused = 0;
    for (let i = 0; i < runs; i += 1) {
      if (outliers(Array.from({ length: 10 }, () => random.normal())).length > 0) accused += 1;
    }
    // docs/SIMULATIONS.md, false alarms of the checks: 3.22 % of 5,000.
    expect(accused / runs).toBeGreaterThan(0.02);
    expect(accused / runs).toBeLessThan(0.045);
  });

  test("missing rounds keep their place", () => {
    expect(outliers([1, null, 2, 3, 4, 5, null, 100]).map(({ round }) => round)).toEqual([7]);
  });

  test("values that mostly agree fall back on the mean deviation", () => {
    expect(outliers([5, 5, 5, 5, 5, 5, 5, 9]).map(({ value }) => value)).toEqual([9]);
    expect(outliers([5, 5, 5, 5, 5, 5])).toEqual([]);
  });

  test("five rounds accuse nobody", () => {
    expect(outliers([1, 1.1, 0.9, 1, 50])).toEqual([]);
  });

  test("both sides are named", () => {
    const named = outliers([10, 11, 9, 10, 10.5, 9.5, -90, 110]);
    expect(named.map(({ round }) => round)).toEqual([6, 7]);
    // Median 10, MAD (0.5 + 1) / 2, b 1.129.
    expect(named[1]?.score).toBeCloseTo((0.6745 * 100) / (1.129 * 0.75), 9);
  });
});
