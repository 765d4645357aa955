import { regularizedBeta } from "./beta.ts";
import { sum } from "./moments.ts";
import { createRandom } from "./random.ts";
import { studentReach } from "./student.ts";

/** Events counted over some time in one round: stalls, say, over the seconds that were watched. */
export interface RoundCount {
  readonly events: number;
  /** Above 0, in any unit that both sides share. */
  readonly exposure: number;
}

/** How the rate of `a` stands to that of `b`. */
export interface RateTest {
  /** `too-few` where even the most lopsided split of these events would be chance at 5 %. */
  readonly status: "measured" | "too-few";
  readonly events: { readonly a: number; readonly b: number };
  /** Events per unit of exposure. */
  readonly rates: { readonly a: number; readonly b: number };
  /** Rate of a ÷ rate of b: 0 where a has none, Infinity where b has none, NaN where neither has. */
  readonly ratio: number;
  /** 95 % interval of the ratio; 0 and Infinity are its widest ends. */
  readonly ciLow: number;
  readonly ciHigh: number;
  /** Two-sided p of "the rates are equal": the larger of the exact one and that of the permutation. */
  readonly p: number;
  /** The exact one alone, two-sided: all that so few rounds as 5 allow. */
  readonly exactP: number;
  /** How many times the variance of a Poisson count the rounds scatter by, 1 and above. */
  readonly dispersion: number;
}

const alpha = 0.05;
/** Up to this many rounds every exchange of sides is tried; beyond, as many as here at random, from a fixed seed. */
const exactRounds = 12;
const draws = 4096;

/**
 * Compares two rates of rare events, paired by round (`a[i]` and `b[i]` are of one round; null where a side has none).
 *
 * - Exact: of n = x + y Poisson events with exposures s and t, x is binomial with π = s/(s + t) where the rates are equal
 *   (Przyborowski and Wilenski, Biometrika 31, 1940, 313–323); p is twice the smaller tail. The interval is Clopper and
 *   Pearson's of π (Biometrika 26, 1934, 404–413), turned into a ratio by (π/(1 − π)) · t/s.
 * - Events that come in clusters are no Poisson counts and make both too sure of themselves. So p is no smaller than that of a
 *   permutation which exchanges the sides of a round (Edgington and Onghena, Randomization Tests, 4th ed., 2007, chapter 6), and
 *   the interval is widened on the log scale by √φ, φ = max(1, Pearson's χ² over its degrees of freedom) of the rounds about each
 *   side's own rate, with Student's t in place of the normal (McCullagh and Nelder, Generalized Linear Models, 2nd ed., 1989,
 *   section 6.2).
 */
export function rateTest(a: readonly (RoundCount | null)[], b: readonly (RoundCount | null)[]): RateTest {
  if (a.length !== b.length) throw new RangeError(`rounds differ: ${a.length} of a, ${b.length} of b`);
  const rounds = a.flatMap((x, i) => {
    const y = b[i] ?? null;
    return x === null || y === null ? [] : [{ a: x, b: y }];
  });
  const [x, y] = [sum(rounds, (r) => r.a.events), sum(rounds, (r) => r.b.events)];
  const [s, t] = [sum(rounds, (r) => r.a.exposure), sum(rounds, (r) => r.b.exposure)];
  const share = s / (s + t);
  const dispersion = dispersionOf(rounds, x / s, y / t);
  const stretch = widthOf(dispersion, 2 * (rounds.length - 1));
  const exactP = x + y === 0 ? 1 : binomialP(x, x + y, share);
  const { low, high } = clopperPearson(x, x + y, alpha);
  const ratioOf = (p: number) => ((p / (1 - p)) * t) / s;
  return {
    // The likelier side taking all of them is the least surprising of the two extremes.
    status: x + y === 0 || 2 * Math.min(share, 1 - share) ** (x + y) > alpha ? "too-few" : "measured",
    events: { a: x, b: y },
    rates: { a: x / s, b: y / t },
    ratio: x / s / (y / t),
    ciLow: widen(ratioOf(low), x / s / (y / t), stretch),
    ciHigh: widen(ratioOf(high), x / s / (y / t), stretch),
    p: x + y === 0 ? 1 : Math.max(exactP, permutationP(rounds)),
    exactP,
    dispersion,
  };
}

/** Twice the smaller tail of a binomial count, at most 1. P(X ≥ x) = I_π(x, n − x + 1) (Abramowitz and Stegun 26.5.24). */
function binomialP(x: number, n: number, share: number): number {
  const atLeast = x === 0 ? 1 : regularizedBeta(share, x, n - x + 1);
  const atMost = x === n ? 1 : 1 - regularizedBeta(share, x + 1, n - x);
  return Math.min(1, 2 * Math.min(atLeast, atMost));
}

function clopperPearson(x: number, n: number, level: number): { low: number; high: number } {
  return {
    low: x === 0 ? 0 : betaQuantile(level / 2, x, n - x + 1),
    high: x === n ? 1 : betaQuantile(1 - level / 2, x + 1, n - x),
  };
}

/** The p with I_p(a, b) = q, by bisection: the function is monotone, and 60 halvings are all that a double holds. */
function betaQuantile(q: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i += 1) {
    const middle = 0.5 * (low + high);
    if (regularizedBeta(middle, a, b) < q) low = middle;
    else high = middle;
  }
  return 0.5 * (low + high);
}

type Rounds = readonly { readonly a: RoundCount; readonly b: RoundCount }[];

/** Pearson's χ² of the rounds about each side's rate, over its degrees of freedom; 1 where it is less, or cannot be known. */
function dispersionOf(rounds: Rounds, rateA: number, rateB: number): number {
  if (rounds.length < 2) return 1;
  let chi2 = 0;
  for (const { a, b } of rounds) {
    for (const [{ events, exposure }, rate] of [
      [a, rateA],
      [b, rateB],
    ] as const) {
      const expected = rate * exposure;
      if (expected > 0) chi2 += (events - expected) ** 2 / expected;
    }
  }
  return Math.max(1, chi2 / (2 * (rounds.length - 1)));
}

/** By how much an interval on the log scale is stretched: √φ, and Student's reach over the normal's where φ had to be estimated. */
function widthOf(dispersion: number, df: number): number {
  if (dispersion === 1) return 1;
  return (Math.sqrt(dispersion) * studentReach(0.95, df)) / 1.959963984540054;
}

function widen(end: number, ratio: number, stretch: number): number {
  if (stretch === 1 || end === 0 || end === Infinity) return end;
  // Without events on a side there is no estimate to stretch about; 1 is where the two would be equal.
  const centre = ratio === 0 || !Number.isFinite(ratio) ? 1 : ratio;
  return centre * (end / centre) ** stretch;
}

/** Share of exchanges of sides within rounds whose rates lie as far apart as those measured, on the log scale of rates. */
function permutationP(rounds: Rounds): number {
  const distance = (swapped: (round: number) => boolean): number => {
    let [x, y, s, t] = [0, 0, 0, 0];
    for (const [i, { a, b }] of rounds.entries()) {
      const [one, other] = swapped(i) ? [b, a] : [a, b];
      x += one.events;
      s += one.exposure;
      y += other.events;
      t += other.exposure;
    }
    return Math.abs(x / s - y / t);
  };
  const seen = distance(() => false) * (1 - 1e-12);
  const n = rounds.length;
  let as = 0;
  if (n <= exactRounds) {
    for (let mask = 0; mask < 2 ** n; mask += 1)
      if (distance((i) => ((mask >> i) & 1) === 1) >= seen) as += 1;
    return as / 2 ** n;
  }
  const random = createRandom(20_041);
  for (let i = 0; i < draws; i += 1) {
    const flips = rounds.map(() => random.uniform() < 0.5);
    if (distance((round) => flips[round] === true) >= seen) as += 1;
  }
  // The measured assignment is one of those that could have been drawn.
  return (as + 1) / (draws + 1);
}
