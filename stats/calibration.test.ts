import { describe, expect, test } from "bun:test";
import { calibrate, chiSquareTail } from "./calibration.ts";
import { createRandom } from "./random.ts";

describe("chiSquareTail", () => {
  // scipy 1.17.1, chi2.sf.
  test.each([
    [3.841458820694124, 1, 0.05],
    [5.991464547107979, 2, 0.05],
    [7.814727903251179, 3, 0.05],
    [18.307038053275146, 10, 0.05],
    [22.36203249482694, 13, 0.05],
    [27.68824961045705, 13, 0.01],
    [0, 4, 1],
    // Beyond what e^(−x/2) holds: the median of χ²(4000) is 3999⅓.
    [3999.3333827, 4000, 0.5],
  ])("%p on %p degrees of freedom", (x, df, p) => {
    expect(chiSquareTail(x, df)).toBeCloseTo(p, 6);
  });
});

/** t of `rounds` normal values whose true error is `inflation` times what their scatter says. */
function drawT(seed: number, contrasts: number, rounds: number, inflation: number) {
  const random = createRandom(seed);
  return Array.from({ length: contrasts }, () => {
    const values = Array.from({ length: rounds }, () => random.normal());
    const mean = values.reduce((s, v) => s + v, 0) / rounds;
    const sd = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (rounds - 1));
    return { t: (inflation * mean * Math.sqrt(rounds)) / sd, df: rounds - 1 };
  });
}

describe("calibrate", () => {
  test("by hand: mean t² over ν/(ν − 2), drawn towards 1", () => {
    const contrasts = [1, -2, 3].map((t) => ({ t, df: 10 }));
    const got = calibrate(contrasts);
    // E t² = 1.25; (1 + 4 + 9) / 3 / 1.25 = 3.7333; v = 3 × 8 / 6 − 1 = 3, so that V = 1 and the weight a half.
    expect(got.excess).toBeCloseTo(56 / 15, 12);
    expect(got.weight).toBeCloseTo(0.5, 12);
    expect(got.factor).toBeCloseTo(Math.sqrt(1 + 0.5 * (56 / 15 - 1)), 12);
    expect(got.contrasts).toBe(3);
  });

  test("never narrows an interval", () => {
    expect(calibrate([0.1, 0.2, -0.1].map((t) => ({ t, df: 9 }))).factor).toBe(1);
  });

  test("says nothing of no contrasts, nor of rounds too few for the spread of t² to have a bound", () => {
    expect(calibrate([])).toEqual({ factor: 1, contrasts: 0, excess: null, weight: 0, p: null });
    const few = calibrate([5, 6, 7].map((t) => ({ t, df: 4 })));
    expect(few).toMatchObject({ factor: 1, contrasts: 3, excess: null, weight: 0 });
    // Yet the check of chance sees them.
    expect(few.p).toBeLessThan(0.001);
  });

  test("finds by how much errors are too small, and calls honest ones chance", () => {
    const honest = calibrate(drawT(1, 4000, 10, 1));
    expect(honest.factor).toBeLessThan(1.05);
    expect(honest.p).toBeGreaterThan(0.01);
    const small = calibrate(drawT(2, 4000, 10, 1.7));
    expect(small.factor).toBeCloseTo(1.7, 1);
    expect(small.p).toBeLessThan(1e-9);
  });

  test("chance alone, 13 contrasts of 10 rounds: p below 1 % in one run of a hundred, factor seldom above 1.3", () => {
    const runs = Array.from({ length: 2000 }, (_, i) => calibrate(drawT(100 + i, 13, 10, 1)));
    const share = (wrong: (c: (typeof runs)[number]) => boolean) => runs.filter(wrong).length / runs.length;
    expect(share(({ p }) => (p ?? 1) < 0.01)).toBeLessThan(0.02);
    expect(share(({ factor }) => factor > 1.3)).toBeLessThan(0.06);
  });
});
