import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createRandom } from "../random.ts";
import { medianCoverage, ratioCoverage, robustCoverage } from "./coverage.ts";
import { familyWiseError, power } from "./family.ts";
import { flooredFixedRounds, flooredRounds } from "./floored.ts";
import { heavyTailedNoise, logNormalNoise, noiseModels, normalNoise } from "./noises.ts";
import { shareOf } from "./share.ts";
import { fixedRounds, sequentialError, sequentialMiss, sequentialRounds } from "./stopping.ts";

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

describe("a family of 60 comparisons", () => {
  const family = { size, rounds: 10, cells: 20, candidates: 3 };

  test.each([normalNoise, logNormalNoise, heavyTailedNoise].map((model) => [model.name, model] as const))(
    "false verdicts stay below 5 %% of runs: %s noise",
    (_, model) => {
      const { holm, verdict } = familyWiseError(createRandom(103), { ...family, model, repetitions: 2500 });
      // Holm spends its 5 % nearly whole, so a simulation can only show that it is not above; a verdict also needs the floor.
      expect(holm.low).toBeLessThanOrEqual(0.05);
      expect(holm.share).toBeLessThanOrEqual(0.055);
      expect(verdict.high).toBeLessThanOrEqual(0.05);
    },
  );

  test.each([normalNoise, logNormalNoise, heavyTailedNoise].map((model) => [model.name, model] as const))(
    "a factor of 2 under 10 %% noise is found in at least 99 %% of runs of 10 rounds: %s noise",
    (_, model) => {
      // Of 10,000 runs 99.3 % find it under heavy tails, all of them under the others.
      const found = power(createRandom(104), { ...family, model, repetitions: 4000 }, 2);
      expect(found.share).toBeGreaterThanOrEqual(0.99);
    },
  );
});

describe("looking after every round, up to 200", () => {
  const rule = { size, marginPct: 2, thresholdPct: 2, familySize: 1, budgetRounds: 200, repetitions: 4000 };

  test.each(models)(
    "A/A: no more than 5 %% false verdicts, with or without a margin: %s noise",
    (_, model) => {
      expect(sequentialMiss(createRandom(105), { ...rule, model }).high).toBeLessThanOrEqual(0.05);
      expect(sequentialError(createRandom(106), { ...rule, model }).high).toBeLessThanOrEqual(0.05);
    },
  );

  test("an A/A pair with little noise ends as a tie", () => {
    const quiet = { ...rule, model: logNormalNoise, size: 0.02, repetitions: 300 };
    const stopped = sequentialRounds(createRandom(108), quiet, 0);
    expect(stopped.tied.share).toBeGreaterThan(0.95);
    expect(stopped.meanRounds).toBeLessThan(40);
  });

  test("a difference of 10 % takes fewer rounds than a fixed design of the same error and 95 % power", () => {
    for (const familySize of [1, 60]) {
      const setup = { ...rule, model: logNormalNoise, size: 0.07, familySize, repetitions: 600 };
      const stopped = sequentialRounds(createRandom(107), setup, 10);
      expect(stopped.found.low).toBeGreaterThanOrEqual(0.95);
      expect(stopped.meanRounds).toBeLessThan(0.95 * fixedRounds(setup, 10, 0.95));
    }
  });
});

describe("under the floor of its own A/A pair, looking after every round, up to 200", () => {
  const rule = { thresholdPct: 2, budgetRounds: 200, repetitions: 600, model: logNormalNoise };

  test.each([1, 24])("10 %% takes fewer rounds than a fixed design: a family of %p", (familySize) => {
    for (const size of [0.03, 0.05, 0.07]) {
      const setup = { ...rule, size, familySize };
      const stopped = flooredRounds(createRandom(109), setup, 10);
      expect(stopped.found.low).toBeGreaterThanOrEqual(0.95);
      expect(stopped.meanRounds).toBeLessThan(0.95 * flooredFixedRounds(createRandom(110), setup, 10, 0.95));
    }
  });

  test("an A/A pair gets no verdict, and is no tie while its interval is wide", () => {
    const stopped = flooredRounds(createRandom(111), { ...rule, size, familySize: 1, repetitions: 200 }, 0);
    expect(stopped.found.high).toBeLessThanOrEqual(0.05);
    expect(stopped.tied.high).toBeLessThanOrEqual(0.05);
  });
});

test("Wilson's interval of 8 in 10 at 99 %", () => {
  // z² = 6.634897: centre (0.8 + 0.331745) / 1.663490, half-width 2.575829 √(0.032587) / 1.663490 by hand.
  const { low, high } = shareOf(8, 10);
  expect(low).toBeCloseTo(0.68034 - 0.27953, 4);
  expect(high).toBeCloseTo(0.68034 + 0.27953, 4);
});
