import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { countShare } from "../bench/simulation/share.ts";
import { createRandom, type Random } from "./random.ts";
import { type RoundCount, rateTest } from "./rate-test.ts";

const rounds = (...events: number[]): RoundCount[] => events.map((e) => ({ events: e, exposure: 1 }));
const longer = (...events: number[]): RoundCount[] => events.map((e) => ({ events: e, exposure: 3 }));

/** A Poisson count by Knuth's product of uniforms, enough for small means. */
function poisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let product = random.uniform();
  let count = 0;
  while (product > limit) {
    product *= random.uniform();
    count += 1;
  }
  return count;
}

describe("rateTest", () => {
  test("the interval is Clopper and Pearson's, as a ratio", () => {
    // scipy 1.17.1: binomtest(12, 16).proportion_ci(method="exact") is 0.4762… to 0.9273…
    const got = rateTest(rounds(4, 4, 4), rounds(1, 2, 1));
    expect(got.dispersion).toBe(1);
    expect(got.ratio).toBe(3);
    expect(got.ciLow / (1 + got.ciLow)).toBeCloseTo(0.4762, 3);
    expect(got.ciHigh / (1 + got.ciHigh)).toBeCloseTo(0.9273, 3);
  });

  test("p is the larger of the exact one and the permutation's, by hand", () => {
    // All 20 on one side over 10 rounds of equal exposure: 2 × 2^−20 exactly, 2 ÷ 2^10 by permutation.
    const ten = Array.from({ length: 10 }, () => 2);
    expect(rateTest(rounds(...ten), rounds(...ten.map(() => 0))).p).toBeCloseTo(2 / 1024, 12);
    // 7 to 1 in one round each way: 2 × (8 + 1) ÷ 2^8 exactly, and nothing by permutation of a single round.
    expect(rateTest(rounds(7), rounds(1)).p).toBe(1);
    // 3 + 3 + 3 to 0 + 0 + 1: the permutation has 2 of 8 as far apart.
    expect(rateTest(rounds(3, 3, 3), rounds(0, 0, 1)).p).toBeCloseTo(0.25, 12);
  });

  test("exposures count: three times the events in three times the time are no difference", () => {
    const got = rateTest(longer(6, 6, 6, 6, 6, 6, 6), rounds(2, 2, 2, 2, 2, 2, 2));
    expect(got.ratio).toBe(1);
    expect(got.p).toBe(1);
  });

  test("five events in equal time are too few to tell, six are not", () => {
    expect(rateTest(rounds(5, 0, 0), rounds(0, 0, 0)).status).toBe("too-few");
    expect(rateTest(rounds(6, 0, 0), rounds(0, 0, 0)).status).toBe("measured");
    const none = rateTest(rounds(0, 0), rounds(0, 0));
    expect(none).toMatchObject({ status: "too-few", p: 1, ciLow: 0, ciHigh: Infinity });
  });

  test("a burst in one round is no rate: it is widened, and the permutation does not believe it", () => {
    const burst = rateTest(rounds(40, 0, 0, 0, 0, 0, 0, 0), rounds(1, 0, 1, 0, 1, 0, 1, 0));
    const steady = rateTest(rounds(5, 5, 5, 5, 5, 5, 5, 5), rounds(1, 0, 1, 0, 1, 0, 1, 0));
    expect(burst.dispersion).toBeGreaterThan(10);
    expect(burst.p).toBeGreaterThan(0.05);
    expect(steady.p).toBeLessThan(0.01);
    expect(Math.log(burst.ciHigh / burst.ciLow)).toBeGreaterThan(2 * Math.log(steady.ciHigh / steady.ciLow));
  });

  test("rounds without one of the sides are left out", () => {
    const [a, b] = [rounds(3, 9, 3), rounds(1, 2, 1)];
    expect(rateTest([...a, null, { events: 50, exposure: 1 }], [...b, ...b.slice(0, 1), null])).toEqual(
      rateTest(a, b),
    );
    expect(() => rateTest(a, b.slice(1))).toThrow(RangeError);
  });

  test("swapping the sides turns the ratio round", () => {
    const count = fc.record({
      events: fc.integer({ min: 0, max: 9 }),
      exposure: fc.integer({ min: 1, max: 4 }),
    });
    const pairs = fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(pairs, (some) => {
        const [a, b] = [some.map(([x]) => x), some.map(([, y]) => y)];
        const [one, other] = [rateTest(a, b), rateTest(b, a)];
        expect(other.p).toBeCloseTo(one.p, 9);
        expect(other.status).toBe(one.status);
        if (one.ciLow > 0) expect(other.ciHigh).toBeCloseTo(1 / one.ciLow, 6);
        else expect(other.ciHigh).toBe(Infinity);
      }),
      { seed: 44, numRuns: 300 },
    );
  });

  test("equal rates are distinguished in no more than one run of twenty, clustered ones too", () => {
    const random = createRandom(45);
    const wrong = (draw: () => number) =>
      countShare(1500, () => {
        const side = () => rounds(...Array.from({ length: 8 }, draw));
        return rateTest(side(), side()).p <= 0.05;
      });
    expect(wrong(() => poisson(random, 1.5)).low).toBeLessThan(0.05);
    // Each event brings four more: ten times as variable as its mean would have it.
    expect(wrong(() => 5 * poisson(random, 0.6)).low).toBeLessThan(0.05);
  });

  test("a stall a second against one in twenty is found in ten rounds of two seconds", () => {
    const random = createRandom(46);
    const found = countShare(500, () => {
      const side = (mean: number) =>
        Array.from({ length: 10 }, () => ({ events: poisson(random, mean), exposure: 2 }));
      const { p, ciLow } = rateTest(side(2), side(0.1));
      return p <= 0.05 / 3 && ciLow > 1.05;
    });
    expect(found.share).toBeGreaterThan(0.85);
  });
});
