import { describe, expect, test } from "bun:test";
import { detectableEffectPct } from "./detectable.ts";
import { logMargin } from "./margin.ts";
import { createRandom } from "./random.ts";
import { sequentialLooks } from "./sequential.ts";
import { countShare } from "./simulation/share.ts";

describe("detectableEffectPct", () => {
  // scipy 1.17.1: the δ with nct.sf(t(1 − α/2), n − 1, δ√n/sd) = power, as 100 (exp δ − 1).
  test.each([
    [10, 0.1, 1, 0.8, 10.47291871502224],
    [10, 0.1, 60, 0.8, 21.07707456477808],
    [30, 0.05, 1, 0.9, 3.1095964617536502],
    [3, 0.1, 1, 0.8, 38.59756817543348],
    [100, 0.1, 1, 0.8, 2.869529750178933],
  ])(
    "without a margin it is the noncentral t's: %p rounds, sd %p, family %p",
    (rounds, logSd, familySize, power, pct) => {
      const got = detectableEffectPct({ rounds, logSd }, { marginPct: 0, familySize, power });
      expect((got ?? 0) / pct).toBeCloseTo(1, 5);
    },
  );

  test("a margin adds to what must be there, and a family of one is then the easier hurdle", () => {
    const pair = { rounds: 10, logSd: 0.1 };
    const bare = detectableEffectPct(pair, { marginPct: 0 }) ?? 0;
    const margin = detectableEffectPct(pair, { marginPct: 5 }) ?? 0;
    expect(Math.log1p(margin / 100)).toBeCloseTo(Math.log1p(bare / 100) + Math.log(1.05), 5);
    expect(detectableEffectPct(pair, { marginPct: 5, familySize: 60 }) ?? 0).toBeGreaterThan(margin);
  });

  test("without spread nothing can be said", () => {
    expect(detectableEffectPct({ rounds: 5, logSd: 0 }, { marginPct: 2 })).toBeNull();
  });

  test.each([
    [10, 12, 5],
    [30, 60, 5],
    [20, 24, 10],
  ])(
    "of an adaptive run it is what four runs of five would show: %p rounds, family %p, margin %p %%",
    (rounds, familySize, marginPct) => {
      const logSd = 0.1;
      const options = { marginPct, familySize, adaptive: true };
      const effect = logMargin(detectableEffectPct({ rounds, logSd }, options) ?? 0);
      const random = createRandom(82);
      const { share } = countShare(2000, () => {
        const logs = Array.from({ length: rounds }, () => effect + logSd * random.normal());
        const look = sequentialLooks(logs).at(-1);
        return look !== undefined && look.ciLow > 1 + marginPct / 100 && look.p <= 0.05 / familySize;
      });
      // 2,000 runs stray by ±0.023 (99 %); p, the smallest of all looks, may only help.
      expect(share).toBeGreaterThan(0.775);
      expect(share).toBeLessThan(0.84);
    },
  );

  test("rounds too few for any verdict of an adaptive run have none", () => {
    const adaptive = { marginPct: 2, familySize: 60, adaptive: true };
    expect(detectableEffectPct({ rounds: 4, logSd: 0.1 }, adaptive)).toBeNull();
    expect(detectableEffectPct({ rounds: 5, logSd: 0.1 }, adaptive)).not.toBeNull();
  });
});
