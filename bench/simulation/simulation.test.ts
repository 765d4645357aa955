import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createRandom } from "../../stats/random.ts";
import { medianCoverage, ratioCoverage, robustCoverage } from "./coverage.ts";
import { logNormalNoise, noiseModels, runNoises, wanderingNoise } from "./noises.ts";
import { simulateRuns } from "./runs.ts";
import { shareOf } from "./share.ts";

// Seeded, so that a pass is a pass everywhere. `bench/statistics.ts` prints the same tables from more repetitions.

// Seconds of arithmetic on an idle core, which a busy machine stretches; the figures are the same however long it takes.
setDefaultTimeout(60_000);

const size = 0.1;
const models = noiseModels.map((model) => [model.name, model] as const);

describe.each([10, 30])("95 %% intervals at %p rounds cover 93 to 98 %%", (rounds) => {
  // At 2,500 repetitions a true 95 % strays by ±1.1 % (99 %).
  const repetitions = 2500;
  test.each(models)("%s noise", (_, model) => {
    const random = createRandom(101 + rounds);
    for (const coverage of [medianCoverage, ratioCoverage, robustCoverage]) {
      const { share } = coverage(random, { model, size, rounds, repetitions });
      expect(share).toBeGreaterThanOrEqual(0.93);
      expect(share).toBeLessThanOrEqual(0.98);
    }
  });
});

test("the median's interval covers from 3 rounds on", () => {
  const random = createRandom(102);
  for (const rounds of [3, 4, 5, 6, 7, 8]) {
    const { share } = medianCoverage(random, { model: logNormalNoise, size, rounds, repetitions: 2500 });
    expect(share).toBeGreaterThanOrEqual(0.93);
    expect(share).toBeLessThanOrEqual(0.98);
  }
});

describe("whole runs of 18 comparisons, calibrated by their own A/A contrasts", () => {
  const run = {
    sizes: [0.03, 0.05, 0.05, 0.08, 0.12, 0.2],
    candidates: 3,
    rounds: 10,
    thresholdPct: 5,
    equalPct: 10,
    calibrated: true,
    moderated: true,
    repetitions: 500,
  };
  const independent = runNoises.filter(({ series }) => series === undefined);

  test.each(independent.map((model) => [model.name, model] as const))(
    "false verdicts in at most 5 %% of runs, and intervals that cover, wherever the rounds go: %s noise",
    (_, model) => {
      const fixed = simulateRuns(createRandom(103), { ...run, model, effect: 1.15, allocated: false });
      const moved = simulateRuns(createRandom(103), { ...run, model, effect: 1.15, allocated: true });
      for (const { anyFalse, covered } of [fixed, moved]) {
        expect(anyFalse.share).toBeLessThanOrEqual(0.05);
        expect(covered.share).toBeGreaterThanOrEqual(0.94);
      }
      // What the allocation is for.
      expect(moved.decided.share).toBeGreaterThan(fixed.decided.share + 0.01);
    },
  );

  test("a difference of the whole margin is called equal in at most one comparison of twenty", () => {
    const { falseEqual } = simulateRuns(createRandom(104), {
      ...run,
      model: logNormalNoise,
      effect: 1.1,
      allocated: true,
    });
    expect(falseEqual.share).toBeLessThanOrEqual(0.05);
  });

  test("rounds that resemble their neighbours: calibration halves the false verdicts, and does not end them", () => {
    const wandering = { ...run, model: wanderingNoise, effect: 1.15, allocated: false };
    const [plain, calibrated] = [false, true].map((on) =>
      simulateRuns(createRandom(105), { ...wandering, calibrated: on }),
    );
    expect(calibrated?.anyFalse.share ?? 1).toBeLessThan(0.6 * (plain?.anyFalse.share ?? 0));
    expect(calibrated?.covered.share ?? 0).toBeGreaterThan((plain?.covered.share ?? 1) + 0.08);
  });
});

describe("a family of 30 comparisons whose variances lend each other strength, 8 rounds", () => {
  const family = {
    model: logNormalNoise,
    sizes: [0.05, 0.1, 0.2, 0.05, 0.1, 0.2],
    candidates: 5,
    rounds: 8,
    thresholdPct: 0,
    equalPct: 10,
    calibrated: false,
    allocated: false,
    repetitions: 600,
  };

  test.each([
    ["all alike", [1, 1, 1, 1, 1, 1]],
    ["two candidates three times as noisy", [1, 3, 3, 1, 1, 1]],
    ["the reference three times as noisy", [3, 1, 1, 1, 1, 1]],
  ])("equals are distinguished in at most 5 %% of runs: %s", (_, scales) => {
    const { anyFalse, covered } = simulateRuns(createRandom(106), {
      ...family,
      scales,
      effect: 1,
      moderated: true,
    });
    expect(anyFalse.low).toBeLessThanOrEqual(0.05);
    expect(covered.share).toBeGreaterThanOrEqual(0.94);
  });

  test("a difference of 15 % is found half again as often as by each one's own variance, or more", () => {
    const found = (moderated: boolean) =>
      simulateRuns(createRandom(107), { ...family, repetitions: 100, effect: 1.15, moderated }).found.share;
    expect(found(true)).toBeGreaterThan(found(false) + 0.1);
  });
});

test("Wilson's interval of 8 in 10 at 99 %", () => {
  // z² = 6.634897: centre (0.8 + 0.331745) / 1.663490, half-width 2.575829 √(0.032587) / 1.663490 by hand.
  const { low, high } = shareOf(8, 10);
  expect(low).toBeCloseTo(0.68034 - 0.27953, 4);
  expect(high).toBeCloseTo(0.68034 + 0.27953, 4);
});
