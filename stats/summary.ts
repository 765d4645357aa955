import { logGamma } from "./beta.ts";
import { meanInterval } from "./mean-interval.ts";
import { ascending, medianOfSorted } from "./moments.ts";

/** How a median's interval was made; "none" where fewer than three rounds leave nothing worth printing. */
export type MedianMethod = "hettmansperger-sheather" | "student-log" | "student" | "none";

/** A metric over its rounds, in the metric's own unit. */
export interface Summary {
  readonly median: number;
  /** 95 % interval of the median; null with method "none". */
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly method: MedianMethod;
  readonly rounds: number;
}

/** Order statistics cannot reach 95 % below six values: between the two extremes of five lies only 1 − 2 · 2⁻⁵ = 93.75 %. */
export const roundsForOrderStatistics = 6;

/** With one degree of freedom Student's interval is 12.7 standard errors wide either way: right, and of no use to anybody. */
const roundsForStudent = 3;

/**
 * Median over rounds with its 95 % interval, or null where no round has a finite value.
 *
 * From 6 rounds: interpolated order statistics, which assume no shape of the noise.
 * From 3 to 5 rounds: Student's interval, on logarithms where every value is positive ("student-log": timings and rates
 * vary by factors), else on the values ("student"). It assumes noise that is symmetric on that scale, which so few
 * rounds cannot check. Of values without a negative one no end lies below 0: no metric can, and an interval that leaves out
 * what cannot be covers as much.
 */
export function summarize(perRound: readonly (number | null)[]): Summary | null {
  const sorted = ascending(
    perRound.filter((value): value is number => value !== null && Number.isFinite(value)),
  );
  const rounds = sorted.length;
  if (rounds === 0) return null;
  const centre = medianOfSorted(sorted);
  if (rounds < roundsForStudent) return { median: centre, ciLow: null, ciHigh: null, method: "none", rounds };
  if (rounds >= roundsForOrderStatistics) {
    const [ciLow, ciHigh] = orderStatisticInterval(sorted);
    return { median: centre, ciLow, ciHigh, method: "hettmansperger-sheather", rounds };
  }
  const least = sorted[0] ?? 0;
  if (least > 0) {
    const { low, high } = meanInterval(sorted.map(Math.log));
    return { median: centre, ciLow: Math.exp(low), ciHigh: Math.exp(high), method: "student-log", rounds };
  }
  const { low, high } = meanInterval(sorted);
  const ciLow = least < 0 ? low : Math.max(0, low);
  return { median: centre, ciLow, ciHigh: high, method: "student", rounds };
}

/**
 * Interval of the median from values sorted ascending, interpolated between the two order-statistic intervals
 * [X(k), X(n+1−k)] whose exact coverages γ(k) = 1 − 2 P(B ≤ k − 1), B binomial(n, ½), lie either side of the wish:
 * I = (γ(k) − γ) / (γ(k) − γ(k+1)), λ = (n − k) I / (k + (n − 2k) I), ends (1 − λ) X(k) + λ X(k+1) and its mirror.
 * Source: Hettmansperger and Sheather, "Confidence intervals based on interpolated order statistics",
 * Statistics & Probability Letters 4 (1986) 75–79.
 */
function orderStatisticInterval(sorted: readonly number[]): [number, number] {
  const n = sorted.length;
  let below = coinMass(n, 0);
  for (let k = 1; ; k += 1) {
    const covered = 1 - 2 * below;
    below += coinMass(n, k);
    const next = 1 - 2 * below;
    if (next >= 0.95) continue;
    const share = (covered - 0.95) / (covered - next);
    const lambda = ((n - k) * share) / (k + (n - 2 * k) * share);
    const low = (1 - lambda) * at(sorted, k) + lambda * at(sorted, k + 1);
    const high = (1 - lambda) * at(sorted, n - k + 1) + lambda * at(sorted, n - k);
    return [low, high];
  }
}

/** P(B = k) for B binomial(n, ½). */
function coinMass(n: number, k: number): number {
  return Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) - n * Math.LN2);
}

/** The i-th smallest value, counted from 1. */
function at(sorted: readonly number[], i: number): number {
  return sorted[i - 1] ?? Number.NaN;
}
