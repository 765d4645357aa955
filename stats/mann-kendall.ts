import { median } from "./moments.ts";
import { normalCdf } from "./normal.ts";

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
  let s = 0;
  const slopes: number[] = [];
  for (const [j, later] of values.entries()) {
    for (const [i, earlier] of values.slice(0, j).entries()) {
      s += Math.sign(later - earlier);
      slopes.push((later - earlier) / (j - i));
    }
  }
  const ties = tieCounts(values);
  const p = ties.length === 0 && n <= exactUpTo ? exactP(s, n) : approximateP(s, n, ties);
  return { s, p, slope: median(slopes) };
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

function approximateP(s: number, n: number, ties: readonly number[]): number {
  const tied = ties.reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
  const variance = (n * (n - 1) * (2 * n + 5) - tied) / 18;
  if (s === 0 || variance === 0) return 1;
  return 2 * normalCdf(-(Math.abs(s) - 1) / Math.sqrt(variance));
}
