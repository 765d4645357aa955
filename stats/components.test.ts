import { describe, expect, test } from "bun:test";
import { componentsOf, type VisitWindows } from "./components.ts";
import { variance } from "./moments.ts";
import { createRandom, type Random } from "./random.ts";

const rounds = 400;
const windows = 5;

interface Noise {
  readonly visit: number;
  readonly window: number;
  /** What a stretch does to this side, by round and window; shared by nobody else. */
  readonly stretch: number;
}

function draw(random: Random, { visit, window, stretch }: Noise): VisitWindows {
  return Array.from({ length: rounds }, () => {
    const own = visit * random.normal();
    return Array.from({ length: windows }, () => own + window * random.normal() + stretch * random.normal());
  });
}

const median = (values: readonly (number | null)[]) => {
  const known = values.filter((v) => v !== null).toSorted((x, y) => x - y);
  return known[known.length >> 1] ?? Number.NaN;
};

function sidesOf(random: Random, noise: Noise) {
  const plain = { ...noise, stretch: 0 };
  const [a, b, once, again] = [noise, plain, plain, plain].map((of) => draw(random, of)) as [
    VisitWindows,
    VisitWindows,
    VisitWindows,
    VisitWindows,
  ];
  const total = variance(a.map((visit, round) => median(visit) - median(b[round] ?? [])));
  return { a, b, aa: { once, again }, total, location: "median" as const };
}

const largest = (of: ReturnType<typeof componentsOf>) =>
  Object.entries(of ?? {}).toSorted(([, x], [, y]) => y - x)[0]?.[0];

describe("componentsOf", () => {
  test.each([
    ["visits", { visit: 0.1, window: 0.02, stretch: 0 }],
    ["windows", { visit: 0.02, window: 0.2, stretch: 0 }],
    ["stretches", { visit: 0.02, window: 0.02, stretch: 0.2 }],
  ] as const)("finds the %s where they are the largest, and the parts make the whole", (name, noise) => {
    const sides = sidesOf(createRandom(49), noise);
    const found = componentsOf(sides);
    expect(largest(found)).toBe(name);
    const sum = Object.values(found ?? {}).reduce((total, part) => total + part, 0);
    expect(sum / sides.total).toBeGreaterThan(0.9);
    expect(sum / sides.total).toBeLessThan(1.15);
  });

  test("visits alone: the variance is that of both sides", () => {
    const found = componentsOf(sidesOf(createRandom(50), { visit: 0.1, window: 0.02, stretch: 0 }));
    expect((found?.visits ?? 0) / 0.02).toBeGreaterThan(0.8);
    expect((found?.visits ?? 0) / 0.02).toBeLessThan(1.2);
  });

  test("what a stretch does to both sides spreads nothing where they are paired by it", () => {
    const random = createRandom(52);
    const sides = sidesOf(random, { visit: 0.02, window: 0.1, stretch: 0 });
    const busy = Array.from({ length: rounds }, () => Array.from({ length: windows }, () => random.normal()));
    const replayed = (visits: VisitWindows) =>
      visits.map((visit, r) => visit.map((x, w) => (x ?? 0) + (busy[r]?.[w] ?? 0)));
    const found = componentsOf({
      ...sides,
      a: replayed(sides.a),
      b: replayed(sides.b),
      location: "pseudo-median",
    });
    expect((found?.windows ?? 0) / ((0.02 * Math.PI) / 3 / windows)).toBeGreaterThan(0.8);
    expect((found?.windows ?? 0) / ((0.02 * Math.PI) / 3 / windows)).toBeLessThan(1.2);
  });

  test("lost windows are contamination", () => {
    const sides = sidesOf(createRandom(51), { visit: 0.01, window: 0.2, stretch: 0 });
    const lost = (visits: VisitWindows) => visits.map((visit) => visit.map((x, i) => (i < 3 ? null : x)));
    const found = componentsOf({ ...sides, a: lost(sides.a), b: lost(sides.b) });
    expect(componentsOf(sides)?.contamination).toBeCloseTo(0, 12);
    expect(found?.contamination ?? 0).toBeGreaterThan(found?.windows ?? 1);
  });

  test("cannot be told of one window a visit", () => {
    const single: VisitWindows = [[1], [2], [3]];
    expect(componentsOf({ a: single, b: single, aa: null, total: 1, location: "median" })).toBeNull();
  });
});
