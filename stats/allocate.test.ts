import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { allocate, type CellNeed, relativeVariance, widthInMargins } from "./allocate.ts";

const need = (cell: string, variance: number, over: Partial<CellNeed> = {}): CellNeed => ({
  cell,
  rounds: 4,
  variance,
  cost: 1,
  least: 4,
  most: 100,
  ...over,
});
const free = { overhead: 0 };

describe("allocate", () => {
  test("equal cells share the time, and the overhead of a round is paid once", () => {
    const cells = ["a", "b"].map((cell) => need(cell, 0.5, { least: 7 }));
    expect(Object.fromEntries(allocate(cells, { ...free, budget: 12 }))).toEqual({ a: 6, b: 6 });
    // Each round of both takes 1 + 1 + 2.
    const dear = { overhead: 2, budget: 12 };
    expect(Object.fromEntries(allocate(cells, dear))).toEqual({ a: 3, b: 3 });
  });

  test("goes to the cell that is not there yet, and of several to those that can be brought there", () => {
    const quietLoud = allocate([need("quiet", 0.01), need("loud", 4)], { ...free, budget: 12 });
    expect(Object.fromEntries(quietLoud)).toEqual({ quiet: 0, loud: 12 });
    // 0.72 margins need 10 rounds at a variance of 1, and no number that there is time for at 100.
    const near = need("near", 1);
    expect(widthInMargins(near.variance, 10)).toBeLessThan(0.72);
    expect(widthInMargins(near.variance, 9)).toBeGreaterThan(0.72);
    const given = allocate([need("hopeless", 100), near], { ...free, budget: 8 });
    expect(Object.fromEntries(given)).toEqual({ near: 6, hopeless: 2 });
  });

  test("no cell is left with fewer rounds than the least, nor given more than the most", () => {
    const cells = (over: Partial<CellNeed>) => [need("quiet", 0, over), need("loud", 4, over)];
    expect(Object.fromEntries(allocate(cells({ least: 6 }), { ...free, budget: 12 }))).toEqual({
      quiet: 2,
      loud: 10,
    });
    expect(Object.fromEntries(allocate(cells({ most: 9 }), { ...free, budget: 12 }))).toEqual({
      quiet: 5,
      loud: 5,
    });
  });

  test("never spends more than there is, nor leaves what a cell could have had", () => {
    const cell = fc.record({
      variance: fc.double({ min: 0, max: 9, noNaN: true }),
      cost: fc.integer({ min: 1, max: 5 }),
      rounds: fc.integer({ min: 2, max: 6 }),
    });
    const cells = fc.array(cell, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        cells,
        fc.integer({ min: 0, max: 80 }),
        fc.integer({ min: 0, max: 4 }),
        (some, budget, overhead) => {
          const needs = some.map((c, i) => ({ cell: `${i}`, least: 8, most: 40, ...c }));
          const given = allocate(needs, { budget, overhead });
          const rounds = Math.max(...given.values());
          const spent = needs.reduce(
            (sum, { cell, cost }) => sum + cost * (given.get(cell) ?? 0),
            rounds * overhead,
          );
          expect(spent).toBeLessThanOrEqual(budget);
          for (const one of needs) {
            const mine = given.get(one.cell) ?? 0;
            expect(mine).toBeGreaterThanOrEqual(0);
            expect(one.rounds + mine).toBeLessThanOrEqual(40);
            if (one.rounds + mine < 40)
              expect(spent + one.cost + (mine === rounds ? overhead : 0)).toBeGreaterThan(budget);
          }
        },
      ),
      { seed: 47, numRuns: 400 },
    );
  });
});

describe("relativeVariance", () => {
  test("by hand: two candidates over three rounds", () => {
    // Differences 0.1, 0.3, 0.2 have variance 0.01; 1.5 × 0.01 ÷ 2 ÷ 0.05².
    expect(
      relativeVariance(
        [
          [0.1, 0.5, 0.7],
          [0, 0.2, 0.5],
        ],
        0.05,
      ),
    ).toBeCloseTo((1.5 * 0.005) / 0.0025, 12);
  });

  test("is blind to who is ahead and to what a round does to all", () => {
    const logs = [
      [0.1, 0.5, 0.7, 0.2],
      [0, 0.2, 0.5, 0.4],
      [0.3, null, 0.1, 0.2],
    ];
    const moved = logs.map((row, i) => row.map((x, round) => (x === null ? null : x + 7 * i - 3 * round)));
    expect(relativeVariance(moved, 0.1)).toBeCloseTo(relativeVariance(logs, 0.1) ?? 0, 9);
  });

  test("cannot be told of one candidate, or of one round", () => {
    expect(relativeVariance([[1, 2, 3]], 0.1)).toBeNull();
    expect(
      relativeVariance(
        [
          [1, null],
          [null, 2],
        ],
        0.1,
      ),
    ).toBeNull();
  });
});
