import { expect, test } from "bun:test";
import { createRandom } from "../../stats/random.ts";
import { batchSizeAt, drawTrades } from "./batch.ts";

const draws = 200_000;
const sizes = Array.from({ length: draws }, (_, i) => batchSizeAt((i + 0.5) / draws));
const share = (from: number, to: number): number =>
  sizes.filter((size) => size >= from && size <= to).length / draws;

test("batch sizes have the fitted shares, the fitted mean, and end at 350", () => {
  [0.59, 0.208, 0.067, 0.035, 0.021].forEach((fitted, i) => {
    expect(share(i + 1, i + 1)).toBeCloseTo(fitted, 4);
  });
  for (const size of [6, 7, 8, 9]) expect(share(size, size)).toBeCloseTo(0.042 / 4, 4);
  expect(share(10, 350)).toBeCloseTo(0.037, 4);
  expect(sizes.reduce((sum, size) => sum + size, 0) / draws).toBeCloseTo(2.52, 1);
  expect(batchSizeAt(1 - 2 ** -53)).toBe(350);
  expect(batchSizeAt(0)).toBe(1);
});

test("15.2 % of batches contain trades, never more than their size", () => {
  const random = createRandom(1);
  const trades = sizes.map((size) => drawTrades(random, size));
  const batches = trades.filter((count) => count > 0).length;
  expect(trades.findIndex((count, i) => count > sizes[i]!)).toBe(-1);
  expect(batches / draws).toBeCloseTo(0.152, 2);
});
