import { expect, test } from "bun:test";
import { meanInterval, studentT975 } from "./interval.ts";

test("quantiles of Student's t are those of the printed tables", () => {
  const printed: [number, number][] = [
    [1, 12.706],
    [2, 4.303],
    [5, 2.571],
    [10, 2.228],
    [11, 2.201],
    [20, 2.086],
    [30, 2.042],
    [60, 2.0],
    [120, 1.98],
  ];
  for (const [df, t] of printed) expect(studentT975(df)).toBeCloseTo(t, 2.9);
});

test("the interval of a mean, by hand", () => {
  // Mean 2, variance 1, three values: 2 ± 4.3027 / √3.
  const interval = meanInterval([1, 2, 3]);
  expect(interval?.mean).toBe(2);
  expect(interval?.high).toBeCloseTo(2 + 4.3027 / Math.sqrt(3), 9);
  expect(interval?.low).toBeCloseTo(2 - 4.3027 / Math.sqrt(3), 9);
  expect(meanInterval([1])).toBeNull();
});
