import { describe, expect, test } from "bun:test";
import { detectableEffectPct } from "./detectable.ts";

const estimate = (rounds: number, sd: number) => ({ error: sd / Math.sqrt(rounds), df: rounds - 1 });

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
      const got = detectableEffectPct(estimate(rounds, logSd), { marginPct: 0, familySize, power });
      expect((got ?? 0) / pct).toBeCloseTo(1, 5);
    },
  );

  test("a margin adds to what must be there, and a family of one is then the easier hurdle", () => {
    const pair = estimate(10, 0.1);
    const bare = detectableEffectPct(pair, { marginPct: 0 }) ?? 0;
    const margin = detectableEffectPct(pair, { marginPct: 5 }) ?? 0;
    expect(Math.log1p(margin / 100)).toBeCloseTo(Math.log1p(bare / 100) + Math.log(1.05), 5);
    expect(detectableEffectPct(pair, { marginPct: 5, familySize: 60 }) ?? 0).toBeGreaterThan(margin);
  });

  test("degrees of freedom that others lend make less detectable, at one standard error", () => {
    const own = { error: 0.03, df: 7 };
    const at = (df: number) => detectableEffectPct({ ...own, df }, { marginPct: 5, familySize: 28 }) ?? 0;
    expect(at(20)).toBeLessThan(at(7));
    expect(at(7)).toBe(detectableEffectPct(own, { marginPct: 5, familySize: 28 }) ?? 0);
  });

  test("without spread nothing can be said", () => {
    expect(detectableEffectPct({ error: 0, df: 4 }, { marginPct: 2 })).toBeNull();
  });
});
