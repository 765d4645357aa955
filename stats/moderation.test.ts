import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type FamilyMember, moderate } from "./moderation.ts";
import { mean, variance } from "./moments.ts";
import { createRandom } from "./random.ts";

const own = ({ logs }: FamilyMember) => logs.filter((log) => log !== null);

/** `groups` of `members` comparisons each, noise of its own for each member, and a share of every round that a group has in common. */
function family(
  seed: number,
  { groups = 3, members = 5, rounds = 8, unlike = 0, common = 0 } = {},
): FamilyMember[] {
  const random = createRandom(seed);
  return Array.from({ length: groups }, (_, group) => {
    const together = Array.from({ length: rounds }, () => common * random.normal());
    return Array.from({ length: members }, () => {
      const sd = (0.1 + 0.1 * group) * Math.exp(unlike * random.normal());
      return { group: `${group}`, logs: together.map((x) => sd * (x + random.normal())) };
    });
  }).flat();
}

describe("moderate", () => {
  test("a family whose members are unrelated: Smyth's formulas, computed with scipy 1.17.1", () => {
    const members = [
      ["one", [0.29, -0.41, -0.02, 0.16, 0.22]],
      ["one", [0.2, 0.04, 0.07, 0.02, -0.14]],
      ["one", [0.03, -0.04, 0.09, 0.09, 0.12]],
      ["one", [0.14, -0.09, -0.08, 0.01, 0.03]],
      ["two", [-0.34, 0.07, -0.17, 0.24, 0.08]],
      ["two", [0.1, 0.41, -0.07, 0.5, -0.24]],
      ["two", [-0.25, 0.22, 0.01, -0.31, 0.72]],
      ["two", [-0.04, 0.13, 0.59, -0.05, 0.24]],
    ] as const;
    const { priorDf, shared, estimates } = moderate(members.map(([group, logs]) => ({ group, logs })));
    expect(priorDf).toBeCloseTo(8.181608553572326, 9);
    expect(shared).toBe(0);
    // (d₀s₀² + ds²)/(d₀ + d), s₀² = 0.016486785 and 0.102306749, where it is above s².
    const errors = estimates.map(({ error }) => error);
    expect(errors[2]).toBeCloseTo(0.04981879541390035, 10);
    expect(errors[3]).toBeCloseTo(0.05282588763528068, 10);
    expect(errors[4]).toBeCloseTo(0.13114472933680688, 10);
    expect(estimates[2]?.df).toBeCloseTo(12.181608553572326, 9);
    // s² is above: the error stays its own, and d₀ counts by s₀²/s².
    expect(estimates[0]?.df).toBeCloseTo(
      4 + (8.181608553572326 * 0.016486785488480406) / 0.07876999999999999,
      9,
    );
    expect(errors[0]).toBeCloseTo(Math.sqrt(0.07876999999999999 / 5), 12);
    expect(estimates.map((e) => e.mean)[0]).toBeCloseTo(0.048, 12);
  });

  test("a group that shares its rounds lends no more than it knows: scipy again", () => {
    const logs = [
      [-0.03, 0.25, 0.05, 0.09, -0.18, 0],
      [-0.07, 0.23, 0.14, 0.06, -0.08, -0.01],
      [-0.05, 0.27, 0.13, 0.1, -0.13, 0.07],
      [-0.07, 0.14, 0.02, 0.03, -0.12, 0.03],
    ];
    const { priorDf, shared, estimates } = moderate(logs.map((of) => ({ group: "", logs: of })));
    expect(priorDf).toBeCloseTo(19.62127490121965, 8);
    expect(shared).toBeCloseTo(0.8583466509732309, 12);
    // 20 degrees of freedom of four that vary together are worth 20/(1 + 3 × 0.858).
    expect(estimates[3]?.df).toBeCloseTo(5.594343074030889, 10);
    expect(estimates[3]?.error).toBeCloseTo(0.03911414574118094, 10);
  });

  test("variances that are all alike are pooled, those that are not keep their own", () => {
    const [alike, unlike] = [0, 2].map((size) => moderate(family(1, { groups: 6, unlike: size })));
    expect(alike?.priorDf ?? 0).toBeGreaterThan(20);
    expect(unlike?.priorDf ?? 0).toBeLessThan(3);
  });

  test("an error lies between its own and the group's, and never below its own; the mean stays", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom(0, 0.3, 1),
        fc.constantFrom(0, 1, 3),
        (seed, unlike, common) => {
          const members = family(seed, { unlike, common });
          const largest = Math.max(...members.map((m) => variance(own(m))));
          for (const [i, { mean: centre, error, df }] of moderate(members).estimates.entries()) {
            const logs = own(members[i]!);
            expect(centre).toBeCloseTo(mean(logs), 12);
            expect(error ** 2 * logs.length).toBeGreaterThanOrEqual(variance(logs) * (1 - 1e-12));
            expect(error ** 2 * logs.length).toBeLessThanOrEqual(2 * largest);
            expect(df).toBeGreaterThanOrEqual(7);
            expect(df).toBeLessThanOrEqual(5 * 7);
          }
        },
      ),
      { seed: 52, numRuns: 200 },
    );
  });

  test("the order of comparisons changes nothing, and a common scale scales every error", () => {
    const members = family(3, { unlike: 0.5, common: 0.5 });
    const { estimates } = moderate(members);
    const order = createRandom(4).shuffle(members.map((_, i) => i));
    const shuffled = moderate(order.map((i) => members[i]!)).estimates;
    for (const [place, i] of order.entries()) {
      expect(shuffled[place]?.error).toBeCloseTo(estimates[i]!.error, 12);
      expect(shuffled[place]?.df).toBeCloseTo(estimates[i]!.df, 9);
    }
    const tenfold = moderate(members.map(({ group, logs }) => ({ group, logs: logs.map((x) => 10 * x!) })));
    for (const [i, { error }] of tenfold.estimates.entries())
      expect(error / estimates[i]!.error).toBeCloseTo(10, 9);
  });

  test("what a comparison cannot be lent: too small a family, a group of one, counters without spread", () => {
    const plain = ({ logs }: FamilyMember) => ({
      mean: mean(own({ group: "", logs })),
      error: Math.sqrt(variance(own({ group: "", logs })) / own({ group: "", logs }).length),
      df: own({ group: "", logs }).length - 1,
    });
    const few = family(5, { groups: 1, members: 3 });
    expect(moderate(few)).toEqual({ priorDf: 0, shared: 0, estimates: few.map(plain) });
    const alone: FamilyMember = { group: "alone", logs: [0.1, null, 0.3, 0.15, 0.2] };
    const exact: FamilyMember = { group: "0", logs: [0.5, 0.5, 0.5, 0.5] };
    const { estimates } = moderate([...family(6), alone, exact]);
    expect(estimates.at(-2)).toEqual(plain(alone));
    expect(estimates.at(-1)).toEqual({ mean: 0.5, error: 0, df: 3 });
    expect(estimates[0]?.df).toBeGreaterThan(7);
    expect(moderate([]).estimates).toEqual([]);
  });

  test("rounds that a member lacks are left out of it alone", () => {
    const members = family(7);
    const holed = members.map((m, i) =>
      i === 2 ? { ...m, logs: m.logs.map((x, round) => (round < 3 ? null : x)) } : m,
    );
    const { estimates } = moderate(holed);
    expect(estimates[2]?.mean).toBeCloseTo(mean(own(holed[2]!)), 12);
    expect(estimates.every(({ error, df }) => error > 0 && df >= 4)).toBe(true);
  });
});
