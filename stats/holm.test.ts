import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { holm } from "./holm.ts";

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });

describe("holm", () => {
  test("the step-down by hand: 0.01, 0.02, 0.03, 0.04, 0.05 as R's p.adjust gives them", () => {
    const wanted = [0.05, 0.08, 0.09, 0.09, 0.09];
    for (const [i, p] of holm([0.01, 0.02, 0.03, 0.04, 0.05]).entries())
      expect(p).toBeCloseTo(wanted[i] ?? 0, 12);
  });

  test("four hypotheses of the textbook example (p 0.01, 0.04, 0.03, 0.005)", () => {
    const wanted = [0.03, 0.06, 0.06, 0.02];
    for (const [i, p] of holm([0.01, 0.04, 0.03, 0.005]).entries()) expect(p).toBeCloseTo(wanted[i] ?? 0, 12);
  });

  test("a member that was not tested still counts", () => {
    expect(holm([0.01, null, 0.04])).toEqual([0.03, null, 0.08]);
    expect(holm([null])).toEqual([null]);
  });

  test("comparisons outside the family do not count once its size is given", () => {
    expect(holm([0.01, null, 0.04], 2)).toEqual([0.02, null, 0.04]);
    expect(holm([0.01, null, 0.04], 5)).toEqual([0.05, null, 0.16]);
    expect(() => holm([0.1, 0.2], 1)).toThrow("a family of 1 cannot hold 2 tested comparisons");
  });

  test("never below the raw p, never above Bonferroni, never above 1, and in the order of the raw p", () => {
    fc.assert(
      fc.property(pValues, (raw) => {
        const adjusted = holm(raw);
        for (const [i, p] of raw.entries()) {
          const q = adjusted[i] ?? Number.NaN;
          expect(q).toBeGreaterThanOrEqual(p);
          expect(q).toBeLessThanOrEqual(Math.min(1, raw.length * p) + 1e-12);
          for (const [j, other] of raw.entries()) {
            if (other < p) expect(adjusted[j] ?? Number.NaN).toBeLessThanOrEqual(q);
          }
        }
      }),
      { seed: 11 },
    );
  });

  test("a larger p anywhere makes no other adjusted p larger by mistake of order", () => {
    fc.assert(
      fc.property(pValues, fc.nat(), (raw, pick) => {
        const index = pick % raw.length;
        const raised = raw.with(index, 1);
        const before = holm(raw);
        for (const [i, p] of holm(raised).entries()) {
          expect(p ?? Number.NaN).toBeGreaterThanOrEqual((before[i] ?? Number.NaN) - 1e-12);
        }
      }),
      { seed: 12 },
    );
  });

  test("refuses what is no p value", () => {
    expect(() => holm([0.2, 1.5])).toThrow("p value 1 must be in 0..1, got 1.5");
    expect(() => holm([Number.NaN])).toThrow(RangeError);
  });
});
