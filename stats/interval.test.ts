import { expect, test } from "bun:test";
import { intervalOfDifference, intervalOfMean } from "./interval.ts";

test("the interval of a mean, by hand", () => {
  // Mean 2, variance 1, three values: 2 ± 4.3027 / √3.
  const interval = intervalOfMean([1, 2, 3]);
  expect(interval?.mean).toBe(2);
  expect(interval?.high).toBeCloseTo(2 + 4.30265 / Math.sqrt(3), 4);
  expect(interval?.low).toBeCloseTo(2 - 4.30265 / Math.sqrt(3), 4);
  const wide = intervalOfMean([1, 2, 3], 2);
  expect((wide?.high ?? 0) - 2).toBeCloseTo(2 * ((interval?.high ?? 0) - 2), 9);
  expect(intervalOfMean([1])).toBeNull();
});

test("Welch's interval, by hand", () => {
  // Variances 1 and 8 over 3 and 2 values: error 1/3 + 4, and 18.78 / (1/18 + 16) = 1.17 degrees of freedom, so t(0.975; 1).
  const interval = intervalOfDifference([1, 2, 3], [4, 8]);
  const reach = 12.7062047362 * Math.sqrt(1 / 3 + 4);
  expect(interval?.mean).toBe(4);
  expect(interval?.low).toBeCloseTo(4 - reach, 9);
  expect(interval?.high).toBeCloseTo(4 + reach, 9);
  expect(intervalOfDifference([1], [1, 2])).toBeNull();
  expect(intervalOfDifference([1, 1], [3, 3])).toEqual({ mean: 2, low: 2, high: 2 });
});
