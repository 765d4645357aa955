import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { noiseFloor } from "./noise.ts";
import { pairedRatio } from "./paired.ts";
import { decideVerdict, type Evidence } from "./verdict.ts";

const clear: Evidence = { ratio: 1.3, ciLow: 1.2, ciHigh: 1.4, pHolm: 0.001, floorPct: 5, better: "higher" };

describe("decideVerdict", () => {
  test("a whole interval beyond the margin decides, the way `better` says", () => {
    expect(decideVerdict(clear)).toMatchObject({ verdict: "a-better", code: "beyond-margin", marginPct: 5 });
    expect(decideVerdict({ ...clear, better: "lower" }).verdict).toBe("b-better");
    expect(decideVerdict({ ...clear, ratio: 0.77, ciLow: 0.7, ciHigh: 0.8, better: "lower" }).verdict).toBe(
      "a-better",
    );
  });

  test("the larger of floor and threshold is the margin; 2 % is the default threshold", () => {
    expect(decideVerdict({ ...clear, floorPct: 0.5 }).marginPct).toBe(2);
    expect(decideVerdict({ ...clear, floorPct: 0.5, thresholdPct: 1 }).marginPct).toBe(1);
    expect(decideVerdict({ ...clear, floorPct: 25 })).toMatchObject({
      verdict: "no-difference",
      code: "reaches-into-margin",
    });
    expect(decideVerdict({ ...clear, thresholdPct: 25 }).verdict).toBe("no-difference");
  });

  test("a margin of more than a hundred percent is written in digits", () => {
    expect(decideVerdict({ ...clear, floorPct: 132 }).why).toBe("interval 1.200–1.400 lies within ±130 %");
  });

  test("an end just inside the margin decides nothing, just outside it does", () => {
    const inside = { ...clear, ciLow: 1.0499, floorPct: 5 };
    expect(decideVerdict(inside).verdict).toBe("no-difference");
    expect(decideVerdict({ ...inside, ciLow: 1.0501 }).verdict).toBe("a-better");
    const below = { ...clear, ratio: 0.85, ciLow: 0.8, ciHigh: 1 / 1.0499 };
    expect(decideVerdict(below)).toMatchObject({ verdict: "no-difference", code: "reaches-into-margin" });
    expect(decideVerdict({ ...below, ciHigh: 1 / 1.0501 }).verdict).toBe("b-better");
  });

  test("no difference says how: includes 1, within the margin, or not significant", () => {
    expect(decideVerdict({ ...clear, ciLow: 0.9, ciHigh: 1.4 })).toMatchObject({ code: "includes-one" });
    expect(decideVerdict({ ...clear, ciLow: 0.99, ciHigh: 1.03 })).toMatchObject({
      code: "within-margin",
      why: "interval 0.9900–1.030 lies within ±5.0 %",
    });
    expect(decideVerdict({ ...clear, pHolm: 0.06 })).toMatchObject({
      verdict: "no-difference",
      code: "not-significant",
      why: "interval 1.200–1.400 is beyond ±5.0 %, yet p = 0.060 after Holm passes 0.05",
    });
  });

  test("evidence that may not be used withholds the verdict however large the difference", () => {
    const headroom = { ...clear, withhold: "headroom 1.2 is below 1.5" };
    expect(decideVerdict(headroom)).toMatchObject({ verdict: "withheld", why: "headroom 1.2 is below 1.5" });
    expect(decideVerdict({ ...clear, pHolm: null })).toMatchObject({
      verdict: "withheld",
      code: "exploratory",
    });
    expect(decideVerdict({ ...clear, floorPct: null })).toMatchObject({
      verdict: "withheld",
      code: "no-noise-floor",
    });
  });

  test("is given where the whole interval is beyond max(floor, threshold) and p holds, and nowhere else", () => {
    const end = fc.double({ min: 0.3, max: 3, noNaN: true });
    const pct = fc.double({ min: 0, max: 60, noNaN: true });
    const p = fc.constantFrom(0, 0.001, 0.05, 0.0501, 1);
    let given = 0;
    fc.assert(
      fc.property(end, end, pct, pct, p, (one, other, floorPct, thresholdPct, pHolm) => {
        const [ciLow, ciHigh] = one < other ? [one, other] : [other, one];
        const evidence = { ...clear, ratio: Math.sqrt(ciLow * ciHigh), ciLow, ciHigh };
        const { verdict } = decideVerdict({ ...evidence, floorPct, thresholdPct, pHolm });
        // The same rule in plain factors: 1.05 × at 5 %, and its inverse downwards.
        const factor = 1 + Math.max(floorPct, thresholdPct) / 100;
        const beyond = ciLow > factor ? "a-better" : ciHigh < 1 / factor ? "b-better" : null;
        const expected = beyond !== null && pHolm <= 0.05 ? beyond : "no-difference";
        expect(verdict).toBe(expected);
        if (expected !== "no-difference") given += 1;
      }),
      { seed: 42, numRuns: 2000 },
    );
    expect(given).toBeGreaterThan(100);
  });

  test("swapping a and b swaps the answer", () => {
    const ratio = fc.double({ min: 0.2, max: 5, noNaN: true });
    const opposite = { "a-better": "b-better", "b-better": "a-better" } as const;
    fc.assert(
      fc.property(
        fc.tuple(ratio, ratio, ratio),
        fc.double({ min: 0, max: 40, noNaN: true }),
        (three, floorPct) => {
          const [ciLow = 1, middle = 1, ciHigh = 1] = three.toSorted((x, y) => x - y);
          const evidence = { ...clear, ratio: middle, ciLow, ciHigh, floorPct };
          const { verdict } = decideVerdict(evidence);
          const swapped = decideVerdict({
            ...evidence,
            ratio: 1 / middle,
            ciLow: 1 / ciHigh,
            ciHigh: 1 / ciLow,
          });
          expect(swapped.verdict).toBe(
            verdict === "a-better" || verdict === "b-better" ? opposite[verdict] : verdict,
          );
        },
      ),
      { seed: 41 },
    );
  });
});

describe("noiseFloor", () => {
  test("is the far end of the A/A interval, whichever name comes first", () => {
    const one = [100, 104, 98, 101, 103];
    const two = [101, 99, 100, 104, 100];
    const floor = noiseFloor(pairedRatio(one, two));
    const swapped = noiseFloor(pairedRatio(two, one));
    expect(floor.floorPct ?? 0).toBeCloseTo(swapped.floorPct ?? 1, 9);
    // Far end of exp(mean ± 2.776445 s / √5) of the five log ratios, worked in a spreadsheet's arithmetic.
    const logs = one.map((x, i) => Math.log(x / (two[i] ?? 1)));
    const m = logs.reduce((s, x) => s + x) / 5;
    const s = Math.sqrt(logs.reduce((sum, x) => sum + (x - m) ** 2, 0) / 4);
    expect(floor.floorPct ?? 0).toBeCloseTo(
      100 * (Math.exp(Math.abs(m) + (2.776445105 * s) / Math.sqrt(5)) - 1),
      6,
    );
  });

  test("a bias between two copies is noise", () => {
    const floor = noiseFloor(pairedRatio([110, 110.1, 110.2], [100, 100, 100]));
    expect(floor.floorPct ?? 0).toBeGreaterThan(10);
  });

  test("no A/A ratio, no floor", () => {
    expect(noiseFloor(pairedRatio([1], [1]))).toEqual({ floorPct: null, rounds: 1 });
    const unbounded = { status: "measured", ciLow: 0, ciHigh: Infinity, rounds: 2 } as const;
    expect(noiseFloor(unbounded).floorPct).toBeNull();
  });
});
