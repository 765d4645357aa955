import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createRandom } from "./random.ts";
import { type SearchRange, ThresholdSearch } from "./threshold-search.ts";

const range: SearchRange = { start: 1_000, min: 10, max: 1e6, ratio: 1.05 };

/** Runs a search to its end; what it found, and how many probes that took. */
function run(holds: (level: number) => boolean, of = range) {
  const search = new ThresholdSearch(of);
  let probes = 0;
  for (let { level } = search; level !== null; level = search.level) {
    search.note(holds(level));
    probes += 1;
  }
  return { low: search.low, high: search.high, probes };
}

describe("a threshold without noise", () => {
  test("lies in a bracket of the ratio asked for, whatever it is", () => {
    fc.assert(
      fc.property(fc.double({ min: 20, max: 5e5, noNaN: true }), (threshold) => {
        const { low, high } = run((level) => level <= threshold);
        expect(low!).toBeLessThanOrEqual(threshold);
        expect(high!).toBeGreaterThan(threshold);
        expect(high! / low!).toBeLessThanOrEqual(1.05);
      }),
    );
  });

  test("of whole levels is found to the unit where that is nearer", () => {
    const whole = { start: 50, min: 1, max: 2_000, ratio: 1.0001, whole: true };
    expect(run((level) => level <= 137, whole)).toMatchObject({ low: 137, high: 138 });
  });

  test("beyond what may be tried has no upper end, and below it no lower one", () => {
    expect(run(() => true)).toMatchObject({ low: 1e6, high: null });
    expect(run(() => false)).toMatchObject({ low: null, high: 10 });
  });

  test("takes two probes a level", () => {
    // 1,000 … 8,000 hold, 16,000 fails; the bracket of 2 is halved four times to 2^(1/16) = 1.044.
    expect(run((level) => level <= 10_000).probes).toBe(2 * (5 + 4));
  });
});

test("the next level's probes are numbered, so that each can have a draw of its own", () => {
  const search = new ThresholdSearch(range);
  const seen: (readonly [number | null, number])[] = [];
  for (const holds of [true, false, true, true]) {
    seen.push([search.level, search.attempt]);
    search.note(holds);
  }
  expect(seen).toEqual([
    [1_000, 0],
    [1_000, 1],
    [1_000, 2],
    [2_000, 0],
  ]);
});

describe("with probes that are wrong now and then", () => {
  const threshold = 10_000;
  const searches = 2_000;
  const wrong = 0.05;

  /** Share of searches whose result is more than 10 % off, and their mean number of probes; each answer is taken `times` over. */
  function errors(times: 1 | 2) {
    const random = createRandom(7);
    let off = 0;
    let probes = 0;
    for (let i = 0; i < searches; i += 1) {
      const start = 1_000 * 2 ** (random.uniform() - 0.5);
      let asked = 0;
      let answer = false;
      const found = run(
        (level) => {
          if (asked % times === 0) answer = level <= threshold !== random.uniform() < wrong;
          asked += 1;
          return answer;
        },
        { ...range, start },
      );
      probes += found.probes / times / searches;
      if (found.low === null || Math.abs(Math.log(found.low / threshold)) > 0.1) off += 1 / searches;
    }
    return { off, probes };
  }

  test("a search of nine levels goes wrong in 6 % of the cases, and takes 19 probes", () => {
    const { off, probes } = errors(1);
    // 1 − (1 − 0.00725)⁹ = 6.3 %; an error at the last level moves it by less than 10 %.
    expect(off).toBeLessThan(0.07);
    expect(probes).toBeGreaterThan(17);
    expect(probes).toBeLessThan(20);
  });

  test("which single probes would do over four times as often", () => {
    expect(errors(2).off).toBeGreaterThan(0.25);
  });
});
