import { describe, expect, test } from "bun:test";
import { decideVerdict } from "../../stats/verdict.ts";
import { type Answer, heldByLimits } from "./lower-bound.ts";

/** What is made of an interval of a ÷ b, of rates, under these limits. */
function held(ciLow: number, ciHigh: number, limits: { a?: string; b?: string }, declared = true) {
  const [low, high] = [Math.log(ciLow), Math.log(ciHigh)];
  const estimate = { mean: (low + high) / 2, error: (high - low) / 2 / 2.2621571627409915, df: 9 };
  const answer: Answer = declared
    ? decideVerdict(estimate, { pHolm: 0.001, thresholdPct: 3, equalPct: 10, better: "higher" })
    : { verdict: "withheld", code: "exploratory", why: "exploratory" };
  return heldByLimits(answer, { ciLow, ciHigh }, { a: limits.a ?? null, b: limits.b ?? null });
}

describe("a verdict on rates of which the generator limited", () => {
  test("none is what it is", () => {
    expect(held(2, 2.1, {})).toMatchObject({ verdict: "a-better" });
    expect(held(2, 2.1, {})).not.toHaveProperty("bound");
  });

  test.each([
    ["a", 2, 2.1, { a: "limit" }, { verdict: "a-better", bound: "at-least" }],
    ["b", 0.05, 0.06, { b: "limit" }, { verdict: "b-better", bound: "at-most" }],
  ] as const)("the better one, %s, stands as a bound", (_, low, high, limits, expected) => {
    expect(held(low, high, limits)).toMatchObject(expected);
    expect(held(low, high, limits).why).toMatch(/^interval .*; limit and the true difference no smaller$/);
  });

  test.each([
    ["the worse one", 2, 2.1, { b: "limit" }, "at-most"],
    ["the worse one", 0.4, 0.5, { a: "limit" }, "at-least"],
    ["one of two that are level", 0.99, 1.02, { a: "limit" }, "at-least"],
    ["the better one, within the floor", 1.01, 1.02, { a: "limit" }, "at-least"],
  ] as const)("%s is withheld with the reason (%d–%d)", (_, low, high, limits, bound) => {
    expect(held(low, high, limits)).toEqual({
      verdict: "withheld",
      code: "generator-limited",
      bound,
      why: "limit",
    });
  });

  test("both is withheld, and the ratio is no bound", () => {
    expect(held(2, 2.1, { a: "one", b: "two" })).toEqual({
      verdict: "withheld",
      code: "both-generator-limited",
      why: "one; two",
    });
  });

  test("an exploratory comparison gets no verdict by it", () => {
    expect(held(2, 2.1, { a: "limit" }, false)).toMatchObject({ verdict: "withheld", bound: "at-least" });
    expect(held(2, 2.1, { a: "limit" }, false).why).toStartWith("exploratory");
    expect(held(0.4, 0.5, { a: "limit" }, false).why).toBe("limit");
  });
});
