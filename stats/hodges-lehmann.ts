import { ascending, medianOfSorted } from "./moments.ts";
import { normalQuantile } from "./normal.ts";

/** The pseudo-median of a sample with its distribution-free interval. */
export interface HodgesLehmann {
  readonly estimate: number;
  /** Ends of the interval; null below six values, where no pair of Walsh averages covers 95 %. */
  readonly low: number | null;
  readonly high: number | null;
  /** Coverage the interval really has under symmetric noise: the smallest at or above the wish; null without one. */
  readonly coverage: number | null;
}

/** Largest sample whose signed-rank distribution is counted out; beyond it the normal approximation is at home. */
const exactUpTo = 100;

/**
 * Median of the n(n + 1)/2 Walsh averages (xᵢ + xⱼ)/2, i ≤ j, with the interval that the signed-rank test does not reject:
 * the k-th smallest and k-th largest average, k the largest with 2 P(V ≤ k − 1) ≤ 5 %.
 * Sources: Hodges and Lehmann, Ann. Math. Statist. 34 (1963) 598–611; Hollander, Wolfe and Chicken, Nonparametric
 * Statistical Methods, 3rd ed. (2014), sections 3.2 and 3.3. NaN of nothing.
 */
export function hodgesLehmann(values: readonly number[]): HodgesLehmann {
  const walsh = walshAverages(values);
  const estimate = medianOfSorted(walsh);
  const { k, coverage } = signedRankDepth(values.length, 0.05);
  const low = walsh[k - 1];
  const high = walsh[walsh.length - k];
  if (k === 0 || low === undefined || high === undefined)
    return { estimate, low: null, high: null, coverage: null };
  return { estimate, low, high, coverage };
}

function walshAverages(values: readonly number[]): number[] {
  const averages: number[] = [];
  for (const [i, x] of values.entries()) {
    for (let j = i; j < values.length; j += 1) averages.push(0.5 * (x + (values[j] ?? Number.NaN)));
  }
  return ascending(averages);
}

/** The depth k of the interval and the coverage it has; k 0 where even the extremes cover too little. */
function signedRankDepth(n: number, alpha: number): { k: number; coverage: number } {
  if (n > exactUpTo) {
    // V has mean n(n + 1)/4 and variance n(n + 1)(2n + 1)/24; the half is the continuity correction.
    const spread = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
    const k = Math.floor((n * (n + 1)) / 4 + 0.5 + normalQuantile(alpha / 2) * spread);
    return { k, coverage: 1 - alpha };
  }
  const mass = signedRankMass(n);
  let below = 0;
  let k = 0;
  while (k < mass.length && below + (mass[k] ?? 0) <= alpha / 2) {
    below += mass[k] ?? 0;
    k += 1;
  }
  return { k, coverage: 1 - 2 * below };
}

/** P(V = v) for v = 0 … n(n + 1)/2: each rank is added or not, with equal chance. */
function signedRankMass(n: number): Float64Array {
  const mass = new Float64Array((n * (n + 1)) / 2 + 1);
  mass[0] = 1;
  for (let rank = 1, top = 0; rank <= n; rank += 1) {
    top += rank;
    for (let v = top; v >= 0; v -= 1) {
      mass[v] = 0.5 * ((mass[v] ?? 0) + (v >= rank ? (mass[v - rank] ?? 0) : 0));
    }
  }
  return mass;
}
