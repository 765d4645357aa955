import { describe, expect, test } from "bun:test";
import type { Random } from "../../stats/random.ts";
import { createRandom } from "../../stats/random.ts";
import { type Arrivals, batchTimes, drawArrivals } from "./arrival.ts";
import { fanoFactor, peakWithin } from "./count.ts";
import { hawkesTimes } from "./hawkes.ts";
import { type ClusteredPreset, clusteredPresets } from "./preset.ts";

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const within = (value: number, wanted: number, tolerance: number): void => {
  expect(Math.abs(value / wanted - 1), `${value} against ${wanted}`).toBeLessThanOrEqual(tolerance);
};

describe("burst", () => {
  const spanS = 7200;
  const times = batchTimes(clusteredPresets.burst, createRandom(1), 0, spanS);

  test("batches come at 100.6 a second", () => within(times.length / spanS, 100.6, 0.02));

  // Over many hours the recipe itself settles at 2.57, 9.0, 25.7 and 48.7.
  test.each([
    [0.01, 2.5, 0.1],
    [0.1, 8.8, 0.1],
    [1, 26, 0.1],
    [5, 53, 0.1],
  ])("Fano factor of batches at %p s is about %p", (binS, wanted, tolerance) => {
    within(fanoFactor(times, binS, 0, spanS), wanted, tolerance);
  });
});

/** Median over seeds of the mean rate and of the peaks in 1 s and 100 ms, of a preset over `spanS`. */
function figures(preset: ClusteredPreset, seeds: number, spanS: number): [number, number, number] {
  const runs: Arrivals[] = [];
  for (let seed = 1; seed <= seeds; seed++) runs.push(drawArrivals(preset, createRandom(seed), 0, spanS));
  const total = runs.reduce((sum, { atNs }) => sum + atNs.length, 0);
  const peaks = (durationNs: number): number => median(runs.map(({ atNs }) => peakWithin(atNs, durationNs)));
  return [total / seeds / spanS, peaks(1e9), peaks(100e6)];
}

// Peaks scatter by a factor of two between seeds, since they are the largest of a heavy tail.
test.each([
  ["quiet", 8, 346, 60, 150, 40],
  ["burst", 8, 346, 272, 2466, 1131],
  ["open", 24, 60, 200 + (450 * 20 * (1 - Math.exp(-3))) / 60, 1500, 400],
  ["flash-crash", 12, 30, 2960, 25_000, 12_000],
] as const)("%s has the table's mean and peaks", (name, seeds, spanS, meanHz, perSecond, per100Ms) => {
  const [mean, second, tenth] = figures(clusteredPresets[name], seeds, spanS);
  within(mean, meanHz, 0.06);
  within(second, perSecond, 0.5);
  within(tenth, per100Ms, 0.5);
});

test("arrivals ascend, and depth keeps its clock", () => {
  const { atNs, kind } = drawArrivals(clusteredPresets.burst, createRandom(3), -1, 9);
  expect(atNs.findIndex((at, i) => i > 0 && at <= atNs[i - 1]!)).toBe(-1);
  const diffs = atNs.filter((_, i) => kind[i] === "diff");
  expect(diffs).toHaveLength(200);
  diffs.forEach((at, i) => {
    const tickNs = -1e9 + i * 50e6;
    expect(at).toBeGreaterThanOrEqual(tickNs);
    expect(at).toBeLessThan(tickNs + 1e6);
  });
});

test("an opening begins with a snapshot, and a crash sends one with each diff of over 100 levels", () => {
  const open = drawArrivals(clusteredPresets.open, createRandom(1), 0, 5);
  expect(open.kind.filter((kind) => kind === "snapshot")).toHaveLength(1);
  expect(open.kind[open.atNs.findIndex((at) => at >= 0)]).toBe("snapshot");
  const crash = drawArrivals(clusteredPresets["flash-crash"], createRandom(1), 0, 5);
  const large = crash.levels.filter((levels) => levels > 100).length;
  expect(large).toBeGreaterThan(80);
  expect(crash.kind.filter((kind) => kind === "snapshot")).toHaveLength(large);
});

test("without branching a Hawkes process is Poisson, and its share thins it", () => {
  const still = { immigrantHz: 200, branching: 0, delays: [{ weight: 1, rateHz: 1 }] };
  const all = hawkesTimes(still, createRandom(5), 0, 500);
  within(all.length / 500, 200, 0.02);
  within(fanoFactor(all, 0.1, 0, 500), 1, 0.06);
  within(hawkesTimes(still, createRandom(5), 0, 500, () => 0.25).length / 500, 50, 0.04);
});

test("the first child delays are those of the mixture", () => {
  // Uniforms in turn: an immigrant's gap, kept; a gap past the end; one child (two draws), its component, its delay.
  const script = [0.5, 0, 1 - 2 ** -53, 0.5, 0.5, 0.7, 0.5];
  const random: Random = { ...createRandom(0), uniform: () => script.shift() ?? 1 - 2 ** -53 };
  const delays = [
    { weight: 1, rateHz: 100 },
    { weight: 1, rateHz: 10 },
  ];
  const times = hawkesTimes({ immigrantHz: 1, branching: 1, delays }, random, 0, 10);
  expect(times[0]).toBeCloseTo(Math.LN2, 12);
  expect(times[1]).toBeCloseTo(Math.LN2 + Math.LN2 / 10, 12);
});
