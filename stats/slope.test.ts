import { expect, test } from "bun:test";
import fc from "fast-check";
import { createRandom } from "./random.ts";
import { leastSquares } from "./slope.ts";

test("Anscombe's first set: slope 0.5001 with a standard error of 0.1179 on 9 degrees of freedom", () => {
  const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
  const line = leastSquares(x.map((value, i) => [value, y[i]!]));
  expect(line?.slope).toBeCloseTo(0.500091, 6);
  expect(line?.at0).toBeCloseTo(3.000091, 6);
  expect((line?.high ?? 0) - (line?.low ?? 0)).toBeCloseTo(2 * 2.262157 * 0.1179055, 5);
});

test("a straight line is found without a width, wherever it lies", () => {
  const finite = fc.integer({ min: -1_000, max: 1_000 });
  fc.assert(
    fc.property(finite, finite, fc.uniqueArray(finite, { minLength: 3, maxLength: 20 }), (slope, at0, xs) => {
      const line = leastSquares(xs.map((x) => [x, at0 + slope * x]));
      expect(line?.slope).toBeCloseTo(slope, 6);
      expect((line?.high ?? 1) - (line?.low ?? 0)).toBeLessThan(1e-3);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("the interval covers the slope in 95 % of noisy lines", () => {
  const random = createRandom(7);
  let covered = 0;
  for (let run = 0; run < 2_000; run += 1) {
    const noise = () => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b) - 6;
    const line = leastSquares(Array.from({ length: 10 }, (_, x) => [x, 3 * x + noise()] as const));
    if (line !== null && line.low <= 3 && line.high >= 3) covered += 1;
  }
  expect(covered / 2_000).toBeGreaterThan(0.935);
  expect(covered / 2_000).toBeLessThan(0.965);
});

test("two points, or points above one another, are no line", () => {
  expect(
    leastSquares([
      [0, 0],
      [1, 1],
    ]),
  ).toBeNull();
  expect(
    leastSquares([
      [1, 0],
      [1, 1],
      [1, 2],
    ]),
  ).toBeNull();
});
