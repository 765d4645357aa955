import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { countShare } from "../bench/simulation/share.ts";
import { logMargin } from "./margin.ts";
import { meanInterval } from "./mean-interval.ts";
import { createRandom } from "./random.ts";
import { decideVerdict, equalWithinPct, intervalOf, type VerdictRule } from "./verdict.ts";

const rule: VerdictRule = { pHolm: 0.001, thresholdPct: 5, equalPct: 10, better: "higher" };
/** The estimate of ten rounds whose 95 % interval is this. */
const of = (ciLow: number, ciHigh: number) => {
  const [low, high] = [Math.log(ciLow), Math.log(ciHigh)];
  return { mean: (low + high) / 2, error: (high - low) / 2 / 2.2621571627409915, df: 9 };
};

describe("decideVerdict", () => {
  test("better and worse follow the metric's direction", () => {
    const ahead = of(1.2, 1.4);
    expect(decideVerdict(ahead, rule).verdict).toBe("a-better");
    expect(decideVerdict(ahead, { ...rule, better: "lower" }).verdict).toBe("b-better");
    expect(decideVerdict(of(1 / 1.4, 1 / 1.2), rule).verdict).toBe("b-better");
  });

  test("the threshold is the margin, and nothing is added to it", () => {
    expect(decideVerdict(of(1.051, 1.4), rule).code).toBe("beyond-margin");
    expect(decideVerdict(of(1.049, 1.4), rule).code).toBe("straddles-margin");
    expect(decideVerdict(of(1.021, 1.1), { ...rule, thresholdPct: 2 }).code).toBe("beyond-margin");
  });

  test("beyond the threshold without significance is undecided, and says so", () => {
    const found = decideVerdict(of(1.2, 1.4), { ...rule, pHolm: 0.0501 });
    expect(found).toMatchObject({ verdict: "undecided", code: "not-significant-after-holm" });
    expect(decideVerdict(of(1.2, 1.4), { ...rule, pHolm: 0.05 }).verdict).toBe("a-better");
  });

  test("equal is the 90 % interval within the margin, by hand", () => {
    // t(0.95; 9) = 1.8331129: 1 ± 1.8331129 × 0.05 reaches 9.6 % on the log scale's far side.
    const estimate = { mean: 0, error: 0.05, df: 9 };
    expect(equalWithinPct(estimate)).toBeCloseTo(100 * Math.expm1(1.8331129326536335 * 0.05), 9);
    expect(decideVerdict(estimate, rule)).toMatchObject({ verdict: "equal", code: "equal-within-margin" });
    expect(decideVerdict(estimate, { ...rule, equalPct: 9.5 }).verdict).toBe("undecided");
    // Off centre it is the far end that counts.
    expect(equalWithinPct({ ...estimate, mean: -0.02 })).toBeCloseTo(
      100 * Math.expm1(0.02 + 1.8331129326536335 * 0.05),
      9,
    );
  });

  test("a difference that is shown is no equality, though it lie within that margin", () => {
    expect(decideVerdict(of(1.06, 1.08), rule).verdict).toBe("a-better");
    expect(decideVerdict(of(1.06, 1.08), { ...rule, pHolm: 1 }).verdict).toBe("equal");
  });

  test("counters that agree to the digit are equal", () => {
    expect(decideVerdict({ mean: 0, error: 0, df: 9 }, rule).verdict).toBe("equal");
    expect(decideVerdict({ mean: 0.5, error: 0, df: 9 }, { ...rule, pHolm: 0 }).verdict).toBe("a-better");
  });

  test("is given where the whole interval is beyond the threshold and p holds, and nowhere else", () => {
    const end = fc.double({ min: 0.3, max: 3, noNaN: true });
    const pct = fc.double({ min: 0, max: 60, noNaN: true });
    const p = fc.constantFrom(0, 0.001, 0.05, 0.0501, 1);
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(end, end, pct, pct, p, (one, other, thresholdPct, more, pHolm) => {
        const [ciLow, ciHigh] = one < other ? [one, other] : [other, one];
        const equalPct = thresholdPct + more + 0.1;
        const estimate = of(ciLow, ciHigh);
        const { verdict } = decideVerdict(estimate, { ...rule, thresholdPct, equalPct, pHolm });
        // The same rule in plain factors: 1.05 × at 5 %, and its inverse downwards.
        const factor = 1 + thresholdPct / 100;
        const beyond = ciLow > factor ? "a-better" : ciHigh < 1 / factor ? "b-better" : null;
        const { low, high } = intervalOf(estimate, 0.9);
        const inside = high <= Math.log1p(equalPct / 100) && low >= -Math.log1p(equalPct / 100);
        const expected = beyond !== null && pHolm <= 0.05 ? beyond : inside ? "equal" : "undecided";
        expect(verdict).toBe(expected);
        seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
      }),
      { seed: 42, numRuns: 3000 },
    );
    for (const verdict of ["a-better", "b-better", "equal", "undecided"])
      expect(seen.get(verdict)).toBeGreaterThan(40);
  });

  test("swapping a and b swaps the answer", () => {
    const opposite = {
      "a-better": "b-better",
      "b-better": "a-better",
      equal: "equal",
      undecided: "undecided",
    };
    fc.assert(
      fc.property(
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        (mean, error) => {
          const [one, other] = [mean, -mean].map((m) => decideVerdict({ mean: m, error, df: 7 }, rule));
          expect(other?.verdict as string).toBe(opposite[one?.verdict ?? "undecided"]);
        },
      ),
      { seed: 41 },
    );
  });

  test("two that differ by just the margin are called equal in one run of twenty", () => {
    const random = createRandom(43);
    const share = countShare(4000, () => {
      const logs = Array.from({ length: 10 }, () => logMargin(rule.equalPct) + 0.03 * random.normal());
      const { mean, sd, n } = meanInterval(logs);
      const estimate = { mean, error: sd / Math.sqrt(n), df: n - 1 };
      return equalWithinPct(estimate) <= rule.equalPct;
    });
    expect(share.low).toBeLessThan(0.05);
    expect(share.high).toBeGreaterThan(0.05);
  });
});
