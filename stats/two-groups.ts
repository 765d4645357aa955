import { ascending, mean } from "./moments.ts";

/** Two groups of rounds with a gulf between them. */
export interface TwoGroups {
  /** Means of the lower and the upper group, and how many values each has. */
  readonly lower: { readonly mean: number; readonly count: number };
  readonly upper: { readonly mean: number; readonly count: number };
  /** Share of the sum of squares left within the groups: 0 is two points. */
  readonly within: number;
}

/** Below this, any sample splits well somewhere. */
const fewest = 10;

/**
 * Whether values fall into two groups rather than spread around one middle; null where they do not, or are under 10.
 *
 * The best split of the sorted values in two, each at least a fifth of all (and 2), leaves W of the sum of squares T
 * within the groups. For normal values W/T tends to 1 − 2/π; two groups are called where W/T ≤ min(0.15,
 * 1 − 2/π − 1/√n), which normal noise passes in under 1 run of 200 from 10 rounds on (simulated, docs/SIMULATIONS.md).
 * 0.15 is a distance of 4.8 standard deviations between equal groups; it keeps a flat distribution (W/T = 0.25) out.
 * Source: Engelman and Hartigan, "Percentage points of a test for clusters", JASA 64 (1969) 1647–1648.
 */
export function twoGroups(values: readonly number[]): TwoGroups | null {
  const n = values.length;
  if (n < fewest) return null;
  const sorted = ascending(values);
  const total = squaresAbout(sorted);
  if (total === 0) return null;
  const least = Math.max(2, Math.ceil(n / 5));
  let best: { cut: number; within: number } = { cut: 0, within: Infinity };
  for (let cut = least; cut <= n - least; cut += 1) {
    const within = (squaresAbout(sorted.slice(0, cut)) + squaresAbout(sorted.slice(cut))) / total;
    if (within < best.within) best = { cut, within };
  }
  if (best.within > Math.min(0.15, 1 - 2 / Math.PI - 1 / Math.sqrt(n))) return null;
  const group = (part: readonly number[]) => ({ mean: mean(part), count: part.length });
  return {
    lower: group(sorted.slice(0, best.cut)),
    upper: group(sorted.slice(best.cut)),
    within: best.within,
  };
}

function squaresAbout(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
