import { describe, expect, test } from "bun:test";
import { bestSplit, ChangePoints, changePoints } from "./change-points.ts";
import { createRandom } from "./random.ts";

/** Normal noise of 5 % on the log scale around levels, `each` values of one. */
function steps(seed: number, each: number, ...levels: number[]): number[] {
  const random = createRandom(seed);
  return levels.flatMap((level) => Array.from({ length: each }, () => level + 0.05 * random.normal()));
}

describe("the best split", () => {
  test("has the energy distance that a hand computes", () => {
    // 3 × 3 ÷ 6 × 2 × 9 ÷ 9.
    expect(bestSplit([0, 0, 0, 1, 1, 1])).toEqual({ index: 3, q: 3 });
    // 12 ÷ 7 × (2 × 12 ÷ 12): the sides are as different as before, the split elsewhere.
    expect(bestSplit([5, 5, 5, 5, 4, 4, 4])?.index).toBe(4);
    expect(bestSplit([5, 5, 5, 5, 4, 4, 4])?.q).toBeCloseTo(24 / 7, 12);
  });

  test("is none where a side would have fewer than three values", () => {
    expect(bestSplit([1, 2, 3, 4, 5])).toBeNull();
  });
});

describe("change points", () => {
  test("are none in a constant series, and none in few values", () => {
    expect(changePoints(Array(100).fill(1))).toEqual([]);
    expect(changePoints([1, 1, 9, 9])).toEqual([]);
  });

  test("of steps far apart and near each other are where the steps are", () => {
    const found = changePoints(steps(3, 20, 0, 0.3, 0.1)).map(({ index }) => index);
    expect(found).toHaveLength(2);
    expect(Math.abs((found[0] ?? 0) - 20)).toBeLessThanOrEqual(1);
    expect(Math.abs((found[1] ?? 0) - 40)).toBeLessThanOrEqual(1);
    const long = changePoints(steps(4, 300, 0, 0.2)).map(({ index }) => index);
    expect(long.some((index) => Math.abs(index - 300) <= 1)).toBe(true);
  });

  test("are seldom found in noise: a tenth of series of 100 values at most", () => {
    const alarmed = Array.from({ length: 60 }, (_, seed) => changePoints(steps(seed + 10, 100, 0))).filter(
      ({ length }) => length > 0,
    );
    expect(alarmed.length).toBeLessThanOrEqual(6);
  });

  test("that lie in full windows are never taken back by what is appended", () => {
    const series = new ChangePoints();
    const values = steps(5, 70, 0, 0.25, 0, 0.25);
    let settled: number[] = [];
    for (const [count, value] of values.entries()) {
      series.append(value);
      const found = series.points().map(({ index }) => index);
      const kept = found.filter((index) => index < count - 120);
      expect(kept.slice(0, settled.length)).toEqual(settled);
      settled = kept;
    }
    expect(settled.length).toBeGreaterThan(1);
    expect(series.points()).toEqual(changePoints(values));
  });
});
