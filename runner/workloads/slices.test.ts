import { expect, test } from "bun:test";
import { Slices } from "./slices.ts";

test("slices serve one window after another, whatever its length, and begin empty", () => {
  const slices = new Slices(100e6);
  const figures = () => slices.toJSON().map(({ atMs, count, maxNs }) => ({ atMs, count, maxNs }));
  slices.record(12e6, 500);
  // What comes behind the end belongs to the last.
  slices.record(300e6, 70_000);
  expect(figures()).toHaveLength(20);
  expect(figures()[2]).toEqual({ atMs: 10, count: 1, maxNs: 500 });
  expect(figures()[19]).toMatchObject({ count: 1, maxNs: 70_000 });
  // Seconds, where there are as many.
  slices.restart(30e9);
  slices.record(29.5e9, 800);
  expect(figures().map(({ count }) => count)).toEqual([...Array<number>(29).fill(0), 1]);
  slices.restart(200e6);
  expect(figures()).toEqual(Array.from({ length: 20 }, (_, n) => ({ atMs: 10 * n, count: 0, maxNs: 0 })));
});
