import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createRandom } from "./random.ts";
import { decideStop, type SequentialLook, type SequentialRatio, sequentialRatio } from "./sequential.ts";
import { tMixture } from "./t-mixture.ts";

/** Thousandths, since the squares of subnormal numbers vanish. */
const thousandth = fc.integer({ min: -5000, max: 5000 }).map((x) => x / 1000);
const samples = fc.array(thousandth, { minLength: 5, maxLength: 40 });

/** Differences of Student's sleep data (1908). */
const sleep = [-1.2, -2.4, -1.3, -1.3, 0, -1, -1.8, -0.8, -4.6, -1.4];

function measured(a: readonly (number | null)[], b: readonly (number | null)[]): SequentialRatio {
  const ratio = sequentialRatio(a, b);
  if (ratio.status !== "measured") throw new Error(ratio.why);
  return ratio;
}

describe("tMixture", () => {
  // The mixture's integral done numerically: scipy 1.17.1, quad over δ of nct.pdf(t, n − 1, δ√n) · norm.pdf(δ, 0, √10), divided
  // by t.pdf(t, n − 1). An independent road to the same e-value.
  test.each([
    [sleep, 16.608788273473234],
    [sleep.slice(0, 5), 3.156931456855648],
    [[0.1, 0.3, -0.2, 0.4], 0.31216182370362267],
  ])("e-value of %p is the mixed likelihood ratio", (values, e) => {
    expect(Math.exp(tMixture(values, 0.05).at(-1)?.logE ?? 0) / e).toBeCloseTo(1, 9);
  });

  test("the interval's ends are where the e-value reaches 1/α", () => {
    const look = tMixture(sleep, 0.05).at(-1);
    const end = (look?.mean ?? 0) + (look?.halfWidth ?? 0);
    const shifted = tMixture(
      sleep.map((x) => x - end),
      0.05,
    );
    expect(Math.exp(shifted.at(-1)?.logE ?? 0)).toBeCloseTo(20, 8);
  });

  test("the first value says nothing, and there is no interval before the third", () => {
    const looks = tMixture(sleep, 0.05);
    expect(looks[0]?.logE).toBeCloseTo(0, 12);
    expect(looks.slice(0, 2).every(({ halfWidth }) => halfWidth === Infinity)).toBe(true);
    expect(looks.slice(2).every(({ halfWidth }) => Number.isFinite(halfWidth))).toBe(true);
  });

  test("a smaller α is never narrower, and scale does not matter", () => {
    fc.assert(
      fc.property(samples, (values) => {
        const wide = tMixture(values, 0.01);
        const scaled = tMixture(
          values.map((x) => 4 * x),
          0.05,
        );
        for (const [i, look] of tMixture(values, 0.05).entries()) {
          expect(wide[i]?.halfWidth ?? 0).toBeGreaterThanOrEqual(look.halfWidth);
          expect(scaled[i]?.logE ?? 0).toBeCloseTo(look.logE, 6);
        }
      }),
      { seed: 71 },
    );
  });
});

describe("sequentialRatio", () => {
  test("p only ever falls, swapping inverts, every round leaves a point of the chart", () => {
    const random = createRandom(72);
    const a = Array.from({ length: 30 }, () => Math.exp(0.1 + 0.1 * random.normal()));
    const b = Array.from({ length: 30 }, () => Math.exp(0.1 * random.normal()));
    let last = 1;
    for (let n = 2; n <= 30; n += 1) {
      const { p } = measured(a.slice(0, n), b.slice(0, n));
      expect(p).toBeLessThanOrEqual(last);
      last = p;
    }
    const ratio = measured(a, b);
    const swapped = measured(b, a);
    expect(swapped.ratio * ratio.ratio).toBeCloseTo(1, 10);
    expect(swapped.ciLow * ratio.ciHigh).toBeCloseTo(1, 10);
    expect(ratio.looks.map(({ rounds }) => rounds)).toEqual(a.map((_, i) => i + 1));
    expect(ratio.looks.at(-1)?.ciLow).toBe(ratio.ciLow);
  });

  test("withholds as pairedRatio does", () => {
    expect(sequentialRatio([1, null], [1, 2])).toMatchObject({ status: "withheld", code: "too-few-rounds" });
    expect(sequentialRatio([1, 0], [1, 2])).toMatchObject({ status: "withheld", code: "not-positive" });
  });
});

describe("decideStop", () => {
  const rule = { marginPct: 2, thresholdPct: 2, familySize: 1, budgetRounds: 100 };
  const pair = (ciLow: number, ciHigh: number, p: number): SequentialLook => {
    return { ratio: 1, ciLow, ciHigh, p, rounds: 12 };
  };

  test("decided needs the whole interval beyond the margin and the family's share of p", () => {
    expect(decideStop(pair(1.03, 1.2, 0.001), 12, rule).state).toBe("decided");
    expect(decideStop(pair(0.8, 0.97, 0.001), 12, rule).state).toBe("decided");
    expect(decideStop(pair(1.01, 1.2, 0.001), 12, rule).state).toBe("go-on");
    expect(decideStop(pair(1.03, 1.2, 0.001), 12, { ...rule, familySize: 60 }).state).toBe("go-on");
  });

  test("a tie is narrower than ±threshold, wherever it lies", () => {
    expect(decideStop(pair(0.99, 1.01, 1), 12, rule).state).toBe("tie");
    expect(decideStop(pair(1.0, 1.03, 0.2), 12, rule).state).toBe("tie");
    expect(decideStop(pair(0.97, 1.02, 1), 12, rule).state).toBe("go-on");
  });

  test("a floor above the threshold makes a tie no wider, and a verdict waits for a floor that is still to come", () => {
    const noisy = { ...rule, marginPct: 30 };
    expect(decideStop(pair(0.9, 1.2, 1), 12, noisy).state).toBe("go-on");
    expect(decideStop(pair(1.1, 1.12, 0.001), 12, noisy).state).toBe("tie");
    const unknown = { ...rule, marginPct: Infinity };
    expect(decideStop(pair(1.9, 2.2, 0.001), 12, unknown).state).toBe("go-on");
    expect(decideStop(pair(0.99, 1.01, 1), 12, unknown).state).toBe("tie");
  });

  test("a narrow interval beyond the margin is no tie: it waits for its p", () => {
    expect(decideStop(pair(1.09, 1.11, 0.01), 12, { ...rule, familySize: 60 }).state).toBe("go-on");
    expect(decideStop(pair(0.9, 0.91, 0.01), 12, { ...rule, familySize: 60 }).state).toBe("go-on");
  });

  test("the budget ends it, also where trials keep failing", () => {
    expect(decideStop(pair(0.8, 1.2, 1), 99, rule).state).toBe("go-on");
    expect(decideStop(pair(0.8, 1.2, 1), 100, rule)).toEqual({
      state: "budget",
      why: "interval 0.8000–1.200 after 12 rounds is still open at the budget of 100 rounds",
    });
    const failing = sequentialRatio([null, null], [1, 1]);
    if (failing.status !== "withheld") throw new Error("two missing rounds gave a ratio");
    expect(decideStop(failing, 2, rule).state).toBe("go-on");
    expect(decideStop(failing, 100, rule).state).toBe("budget");
  });

  test("an interval without bound goes on and says so", () => {
    const early = measured([1, 1.1], [1, 1]);
    expect(decideStop(early, 2, rule)).toEqual({
      state: "go-on",
      why: "interval 0.000–Infinity after 2 rounds is without bound",
    });
  });
});
