import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { roundsToDecide } from "./needed.ts";
import { studentTwoSidedP as twoSided } from "./student.ts";
import { decideVerdict } from "./verdict.ts";

const rule = { thresholdPct: 5, equalPct: 10, familySize: 1, rounds: 8 };

describe("roundsToDecide", () => {
  test("by hand: no difference, 10 % of spread, equal within 10 %", () => {
    // t(0.95; n − 1) × 0.1 / √n must be ln 1.1 = 0.09531: n = 5 gives 2.1318 × 0.0447 = 0.09534, n = 6 gives 2.0150 × 0.0408 = 0.0823.
    const estimate = { mean: 0, error: 0.1 / Math.sqrt(3), df: 2 };
    expect(roundsToDecide(estimate, { ...rule, rounds: 3 })).toBe(6);
  });

  test("by hand: what others lend stays beside the rounds' own", () => {
    // Five degrees of freedom lent: n = 4 gives t(0.95; 8) = 1.8595 × 0.05 = 0.0930, which n = 3 (1.8946 × 0.0577) exceeds.
    const estimate = { mean: 0, error: 0.1 / Math.sqrt(3), df: 7 };
    expect(roundsToDecide(estimate, { ...rule, rounds: 3 })).toBe(4);
  });

  test("is the first number of rounds whose verdict is one, the estimate and the spread staying", () => {
    const sd = fc.double({ min: 0.005, max: 0.4, noNaN: true });
    const mean = fc.double({ min: -0.4, max: 0.4, noNaN: true });
    const familySize = fc.constantFrom(1, 12);
    let told = 0;
    fc.assert(
      fc.property(mean, sd, familySize, (centre, spread, members) => {
        const after = (rounds: number) => ({
          mean: centre,
          error: spread / Math.sqrt(rounds),
          df: rounds - 1,
        });
        const isDecided = (rounds: number) => {
          const { mean: m, error, df } = after(rounds);
          // Holm's first step: p times the members.
          const pHolm = Math.min(1, members * twoSided(m / error, df));
          return decideVerdict(after(rounds), { ...rule, pHolm, better: "lower" }).verdict !== "undecided";
        };
        const needed = roundsToDecide(after(8), { ...rule, familySize: members });
        if (needed === null) return;
        told += 1;
        expect(isDecided(needed)).toBe(true);
        if (needed > 8) expect(isDecided(needed - 1)).toBe(false);
      }),
      { seed: 48, numRuns: 300 },
    );
    expect(told).toBeGreaterThan(200);
  });

  test("says nothing where a hundred times the rounds would not do, or without spread", () => {
    expect(roundsToDecide({ mean: Math.log(1.05), error: 1, df: 7 }, { ...rule, equalPct: 5 })).toBeNull();
    expect(roundsToDecide({ mean: 0.1, error: 0, df: 7 }, rule)).toBeNull();
  });
});
