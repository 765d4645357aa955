import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createRandom } from "../random.ts";
import { medianCoverage, ratioCoverage, robustCoverage } from "./coverage.ts";
import { familyWiseError, power } from "./family.ts";
import { heavyTailedNoise, logNormalNoise, noiseModels, normalNoise } from "./noises.ts";
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

test("Wilson's interval of 8 in 10 at 99 %", () => {
  // z² = 6.634897: centre (0.8 + 0.331745) / 1.663490, half-width 2.575829 √(0.032587) / 1.663490 by hand.
  const { low, high } = shareOf(8, 10);
  expect(low).toBeCloseTo(0.68034 - 0.27953, 4);
  expect(high).toBeCloseTo(0.68034 + 0.27953, 4);
});
