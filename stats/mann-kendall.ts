import { mean, median } from "./moments.ts";
import { normalCdf, normalQuantile } from "./normal.ts";

/** A trend over rounds. */
export interface Trend {
  /** Pairs of rounds that rise less pairs that fall. */
  readonly s: number;
  /** Two-sided p of "no trend". */
  readonly p: number;
  /** Sen's slope: median of (xⱼ − xᵢ)/(j − i), in the values' unit per round. */
  readonly slope: number;
}

/** Up to here, and without ties, p is counted out; beyond it the normal approximation is at home. */
const exactUpTo = 60;

/**
 * Mann–Kendall test of a monotone trend, with Sen's slope; null below 4 values, where no p under 8 % exists.
 * p is exact without ties (Kendall's distribution of inversions), else normal with the variance corrected for ties and a
 * continuity correction of 1.
 * Sources: Mann, Econometrica 13 (1945) 245–259; Kendall, Rank Correlation Methods (1975); Sen, JASA 63 (1968) 1379–1389.
 */
export function mannKendall(values: readonly number[]): Trend | null {
  const n = values.length;
  if (n < 4) return null;
  const { s, slopes } = pairsOf(values);
  const ties = tieCounts(values);
  const p = ties.length === 0 && n <= exactUpTo ? exactP(s, n) : approximateP(s, varianceOf(n, ties));
  return { s, p, slope: median(slopes) };
}

/** How far a trend may reach by chance. */
export interface TrendInterval {
  /** Sen's slope with its 95 % interval, in the values' unit per step. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided p of "no trend". */
  readonly p: number;
}

/**
 * Sen's slope of values that were taken one after the other, with its 95 % interval; null below 10 of them. Neighbours that resemble
 * each other, as the memory of one process does, carry less information than as many independent ones: the variance of S is multiplied by
 * (1 + r)/(1 − r), r being the lag-1 autocorrelation of what the trend leaves, where it is above 0.
 * Sources: Gilbert, Statistical Methods for Environmental Pollution Monitoring (1987), section 16.5; Yue and Wang, Water Resources
 * Management 18 (2004) 201–218, for a process of the first order.
 */
export function serialTrend(values: readonly number[]): TrendInterval | null {
  const n = values.length;
  if (n < 10) return null;
  const { s, slopes } = pairsOf(values);
  slopes.sort((a, b) => a - b);
  const slope = median(slopes);
  const r = lagOne(values.map((value, i) => value - slope * i));
  const variance = varianceOf(n, tieCounts(values)) * ((1 + r) / (1 - r));
  const reach = normalQuantile(0.975) * Math.sqrt(variance);
  // The ranks of Gilbert's interval, counted from 0; what lies beyond the ends is the widest that the pairs allow.
  const below = Math.max(0, Math.floor((slopes.length - reach) / 2) - 1);
  const above = Math.min(slopes.length - 1, Math.ceil((slopes.length + reach) / 2));
  return { slope, low: slopes[below]!, high: slopes[above]!, p: approximateP(s, variance) };
}

/** Pairs that rise less pairs that fall, and the slope of each pair. */
function pairsOf(values: readonly number[]): { s: number; slopes: number[] } {
  let s = 0;
  const slopes: number[] = [];
  for (const [j, later] of values.entries()) {
    for (const [i, earlier] of values.slice(0, j).entries()) {
      s += Math.sign(later - earlier);
      slopes.push((later - earlier) / (j - i));
    }
  }
  return { s, slopes };
}

/** Correlation of each value with the one before, from 0 to 0.95: at 1 the interval would have no end. */
function lagOne(values: readonly number[]): number {
  const centre = mean(values);
  let squares = 0;
  let shared = 0;
  for (const [i, value] of values.entries()) {
    squares += (value - centre) ** 2;
    if (i > 0) shared += (value - centre) * (values[i - 1]! - centre);
  }
  return squares === 0 ? 0 : Math.min(0.95, Math.max(0, shared / squares));
}

function tieCounts(values: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1);
}

/** P(|S| ≥ |s|): among random orders the falling pairs are a sum of independent uniforms on 0 … i, i < n. */
function exactP(s: number, n: number): number {
  const pairs = (n * (n - 1)) / 2;
  let mass = new Float64Array(pairs + 1);
  mass[0] = 1;
  for (let i = 1; i < n; i += 1) {
    const next = new Float64Array(pairs + 1);
    let window = 0;
    for (let k = 0; k <= pairs; k += 1) {
      window += (mass[k] ?? 0) - (k > i ? (mass[k - i - 1] ?? 0) : 0);
      next[k] = window / (i + 1);
    }
    mass = next;
  }
  const fewest = (pairs - Math.abs(s)) / 2;
  let tail = 0;
  for (let k = 0; k <= fewest; k += 1) tail += mass[k] ?? 0;
  return Math.min(1, 2 * tail);
}

/** Variance of S without a trend, corrected for ties. */
function varianceOf(n: number, ties: readonly number[]): number {
  const tied = ties.reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
  return (n * (n - 1) * (2 * n + 5) - tied) / 18;
}

function approximateP(s: number, variance: number): number {
  if (s === 0 || variance === 0) return 1;
  return Math.min(1, 2 * normalCdf(-(Math.abs(s) - 1) / Math.sqrt(variance)));
}
