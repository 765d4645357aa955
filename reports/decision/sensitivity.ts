import type { PolicyAxis, PolicyWeights } from "../../schemas/policy.ts";
import { winnerOf } from "./pairwise.ts";
import type { Solution } from "./solve.ts";

/** Weightings looked at. At this many a share is within one percent of the exact one. */
const points = 4096;

export interface Share {
  candidate: string | null;
  sharePct: number;
}

/**
 * How much the weights matter: the share of all weightings, spread evenly over the simplex of the axes with evidence, that
 * each candidate wins, and (as null) the share that shows no difference. Largest first.
 */
export function sensitivityOf({ pairwise, shares, worth }: Solution): Share[] {
  if (pairwise.candidates.length < 2 || pairwise.axes.length === 0) return [];
  const wins = new Map<string | null, number>(pairwise.candidates.map((c) => [c, 0]));
  wins.set(null, 0);
  const none: PolicyWeights = { ...shares, latencyTail: 0, throughput: 0, cpuCost: 0, memory: 0, startup: 0 };
  const steps = stepsOf(pairwise.axes.length - 1);
  for (let i = 1; i <= points; i += 1) {
    const winner = winnerOf(pairwise, weighting(pairwise.axes, steps, i, none), worth);
    wins.set(winner, (wins.get(winner) ?? 0) + 1);
  }
  return [...wins]
    .map(([candidate, won]) => ({ candidate, sharePct: round((100 * won) / points) }))
    .sort((x, y) => y.sharePct - x.sharePct || ((x.candidate ?? "~") < (y.candidate ?? "~") ? -1 : 1));
}

const round = (pct: number): number => Math.round(pct * 10) / 10;

/**
 * Weighting `i`, of a sequence that fills the simplex evenly: the gaps between sorted points of the unit interval are uniform
 * over the simplex, and the points are those of Roberts' sequence R_d. A lattice in steps of 10 % would not do: a switch
 * between two of its steps, or the many of its points on the simplex's edge, can move a share by more than ten percent.
 */
function weighting(
  axes: readonly PolicyAxis[],
  steps: readonly number[],
  i: number,
  given: PolicyWeights,
): PolicyWeights {
  const cuts = steps.map((step) => (0.5 + i * step) % 1);
  const ends = [0, ...cuts.sort((x, y) => x - y), 1];
  const shares = axes.map((axis, k) => [axis, (ends[k + 1] ?? 1) - (ends[k] ?? 0)]);
  return { ...given, ...Object.fromEntries(shares) };
}

/** The steps of R_d: powers of 1 ÷ x, where x is the positive root of x^(d+1) = x + 1, the golden ratio for d of 1. */
function stepsOf(d: number): number[] {
  let x = 2;
  for (let i = 0; i < 40; i += 1) x = (1 + x) ** (1 / (d + 1));
  return Array.from({ length: d }, (_, k) => x ** -(k + 1));
}
