import { describe, expect, test } from "bun:test";
import { checkRounds } from "./drift.ts";
import { mannKendall, serialTrend } from "./mann-kendall.ts";
import { createRandom } from "./random.ts";
import { twoGroups } from "./two-groups.ts";

describe("mannKendall", () => {
  // scipy 1.17.1: scipy.stats.kendalltau(range(n), x, method="exact").pvalue and theilslopes(x)[0].
  test.each([
    [[1, 3, 2, 5, 4, 6, 8, 7], 0.0055059523809524, 1],
    [[5, 3, 8, 1, 2, 9], 1, 1 / 3],
    [[3, 1, 2, 5, 4, 7, 6, 8, 10, 9, 12, 11], 4.4129288920955584e-5, 1],
  ])("exact p and Sen's slope of %p", (values, p, slope) => {
    expect(mannKendall(values)?.p).toBeCloseTo(p, 10);
    expect(mannKendall(values)?.slope).toBeCloseTo(slope, 1);
  });

  test("ties: Gilbert's variance by hand", () => {
    // S of 1 1 2 3 3 5 4 8 is 24: 28 pairs, 2 tied, 1 falling. Var = (8·7·21 − 2·(2·1·9)) / 18 = 63.333, z = 23/7.958.
    const trend = mannKendall([1, 1, 2, 3, 3, 5, 4, 8]);
    expect(trend?.s).toBe(24);
    expect(trend?.p).toBeCloseTo(0.003853, 5);
  });

  test("reversal turns the sign and keeps p; a constant has no trend; three rounds say nothing", () => {
    const values = [1, 4, 2, 8, 5, 7];
    expect(mannKendall(values.toReversed())?.s).toBe(-(mannKendall(values)?.s ?? 0));
    expect(mannKendall(values.toReversed())?.p).toBe(mannKendall(values)?.p ?? 0);
    expect(mannKendall([2, 2, 2, 2])).toEqual({ s: 0, p: 1, slope: 0 });
    expect(mannKendall([1, 2, 3])).toBeNull();
  });
});

describe("serialTrend", () => {
  test("slope and interval of strangers: Gilbert's ranks by hand", () => {
    // All 66 pairs of 12 rise by 2 a step but for the noise, whose neighbours alternate: r is below 0 and widens nothing.
    const values = Array.from({ length: 12 }, (_, i) => 2 * i + (i % 2 === 0 ? 0.5 : -0.5));
    const trend = serialTrend(values);
    expect(trend?.slope).toBeCloseTo(2, 1);
    // Var S = 12·11·29/18 = 212.667, C = 1.96 · 14.583 = 28.58: the 18th smallest and the 48th smallest slope.
    const slopes = values
      .flatMap((y, j) => values.slice(0, j).map((x, i) => (y - x) / (j - i)))
      .sort((a, b) => a - b);
    expect(trend?.low).toBe(slopes[17] ?? 0);
    expect(trend?.high).toBe(slopes[48] ?? 0);
    expect(trend?.p).toBeLessThan(0.001);
  });

  test("a walk without a trend is called one far less often than independent values would allow it to be", () => {
    const random = createRandom(7);
    const found = Array.from({ length: 200 }, () => {
      let at = 0;
      return serialTrend(
        Array.from({ length: 40 }, () => {
          at = 0.8 * at + random.normal();
          return at;
        }),
      );
    });
    const wrong = found.filter((trend) => trend !== null && (trend.low > 0 || trend.high < 0)).length;
    // Mann and Kendall's own test, which takes them for strangers, calls 90 of these 200.
    expect(wrong).toBeLessThan(35);
  });

  test("nine values say nothing, and a constant has no trend", () => {
    expect(serialTrend([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBeNull();
    expect(serialTrend(Array.from({ length: 10 }, () => 3))).toEqual({ slope: 0, low: 0, high: 0, p: 1 });
  });
});

describe("twoGroups", () => {
  test("finds two groups and says where they are", () => {
    const random = createRandom(91);
    const values = Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? 20 : 10) + random.normal());
    const groups = twoGroups(values);
    expect(groups?.lower.count).toBe(13);
    expect(groups?.lower.mean).toBeCloseTo(10, 0);
    expect(groups?.upper.mean).toBeCloseTo(20, 0);
  });

  test("one or two outliers of twenty are not a group, nor is a flat spread, nor equal values", () => {
    expect(twoGroups([1, 1.1, 0.9, 1, 1.05, 0.95, 1, 1.1, 0.9, 30])).toBeNull();
    expect(twoGroups([...Array.from({ length: 18 }, (_, i) => Math.sin(i)), 40, 41])).toBeNull();
    expect(twoGroups(Array.from({ length: 100 }, (_, i) => i))).toBeNull();
    expect(twoGroups(new Array<number>(20).fill(3))).toBeNull();
    expect(twoGroups([1, 1, 1, 9, 9, 9])).toBeNull();
  });
});

describe("checkRounds", () => {
  const flat = [100, 103, 98, 101, 99, 102, 100, 97, 101, 100, 102, 99];

  test("rounds without a story raise nothing", () => {
    expect(checkRounds(flat, "lower")).toEqual({
      drift: null,
      firstRoundSlower: null,
      bimodal: null,
      outliers: [],
    });
  });

  test("a drift says what it adds up to", () => {
    const rising = flat.map((x, i) => x * 1.02 ** i);
    expect(checkRounds(rising, "lower").drift?.totalPct).toBeCloseTo(100 * (1.02 ** 11 - 1), -1);
    expect(checkRounds(rising.toReversed(), "lower").drift?.totalPct ?? 0).toBeLessThan(-15);
  });

  test("a first round is slower in the metric's own direction alone", () => {
    const late = flat.with(0, 130);
    expect(checkRounds(late, "lower").firstRoundSlower?.pct).toBeCloseTo(30, 0);
    expect(checkRounds(late, "higher").firstRoundSlower).toBeNull();
    expect(checkRounds(flat.with(0, 75), "higher").firstRoundSlower?.pct ?? 0).toBeGreaterThan(30);
    expect(checkRounds([null, ...late], "lower").firstRoundSlower).toBeNull();
    expect(checkRounds(late, "lower").outliers.map(({ round }) => round)).toEqual([0]);
    expect(checkRounds(late, "lower").outliers[0]?.value).toBeCloseTo(130, 9);
  });

  test("two modes are given in the metric's unit", () => {
    const modes = flat.map((x, i) => (i % 2 === 0 ? x : 3 * x));
    expect(checkRounds(modes, "lower").bimodal?.lower.mean).toBeCloseTo(100, -1);
    expect(checkRounds(modes, "lower").bimodal?.upper.mean).toBeCloseTo(300, -1);
  });

  test("values without a logarithm get no check but outliers", () => {
    const zeros = [0, 0, 0, 0, 0, 0, 7];
    expect(checkRounds(zeros, "lower").outliers.map(({ round }) => round)).toEqual([6]);
    expect(checkRounds(zeros, "lower").drift).toBeNull();
  });

  test("under sound noise a check warns in at most 1 series of 50", () => {
    const random = createRandom(92);
    let warned = 0;
    for (let i = 0; i < 3000; i += 1) {
      const check = checkRounds(
        Array.from({ length: 10 }, () => Math.exp(0.1 * random.normal())),
        "lower",
      );
      if (check.drift !== null || check.firstRoundSlower !== null || check.bimodal !== null) warned += 1;
    }
    expect(warned / 3000).toBeLessThan(0.02);
  });
});
