import type { PolicyAxis } from "../../schemas/policy.ts";
import type { AxisReading, Outcome, Tie } from "../../schemas/report.ts";
import {
  advantage,
  type Edge,
  isAhead,
  knownShare,
  knownShareMin,
  type PairwiseEvidence,
} from "./pairwise.ts";
import type { Solution } from "./solve.ts";

/** A log advantage as percent: 0.182 is 20. */
export const toPct = (log: number): number => 100 * Math.expm1(log);

/** What the figures of an axis come to between two candidates. */
export function readingOf({ shown, differences }: Pick<Edge, "shown" | "differences">): AxisReading {
  if (differences.some((d) => d.shown)) return shown.mean < 0 ? "worse" : "better";
  const usable = differences.filter((d) => d.why !== "withheld");
  if (usable.length === 0) return "withheld";
  return usable.every((d) => d.why === "equal") ? "equal" : "undecided";
}

/** The others, nearest to the leader first. */
export function orderedBehind({ pairwise, shares }: Solution, leader: string): string[] {
  const lead = (c: string, of: "shown" | "measured") => advantage(pairwise, shares, leader, c, of).mean;
  return pairwise.candidates
    .filter((c) => c !== leader)
    .sort(
      (x, y) =>
        lead(x, "shown") - lead(y, "shown") || lead(x, "measured") - lead(y, "measured") || (x < y ? -1 : 1),
    );
}

/** Those that the leader is not ahead of, and how it stands to each; none where one is recommended. */
export function tiesOf(solution: Solution): Tie[] {
  const { pairwise, shares, worth, ranking } = solution;
  const { leader, recommended } = ranking;
  if (leader === null || recommended !== null) return [];
  return orderedBehind(solution, leader)
    .filter((c) => !isAhead(pairwise, shares, worth, leader, c))
    .map((c) => tieOf(solution, leader, c));
}

function tieOf({ pairwise, shares, worth }: Solution, leader: string, candidate: string): Tie {
  const { mean, low, high } = advantage(pairwise, shares, leader, candidate, "usable");
  const axesOf = (side: 1 | -1) => weighed(pairwise, shares, leader, candidate, side);
  const [better, worse] = [axesOf(1), axesOf(-1)];
  const edges = pairwise.axes.flatMap((axis) =>
    shares[axis] > 0 ? [pairwise.edge(axis, leader, candidate)] : [],
  );
  const isNarrow = edges.every(({ known }) => known === 1) && low > -worth && high < worth;
  const isEqual = isNarrow || (edges.length > 0 && edges.every((edge) => readingOf(edge) === "equal"));
  return {
    candidate,
    state: better.length > 0 && worse.length > 0 ? "trade-off" : isEqual ? "equal" : "undecided",
    byPct: toPct(mean),
    ciLowPct: toPct(low),
    ciHighPct: toPct(high),
    withinPct: toPct(Math.max(Math.abs(low), Math.abs(high))),
    // Its interval would lie wholly beyond the worth from here on.
    couldShowPct: toPct(worth + (high - low) / 2),
    better,
    worse,
  };
}

/** The weighed axes on which some shown difference goes one way; an axis of several cells may be among both. */
function weighed(
  pairwise: PairwiseEvidence,
  shares: Readonly<Record<PolicyAxis, number>>,
  a: string,
  b: string,
  side: 1 | -1,
): PolicyAxis[] {
  return pairwise.axes.filter(
    (axis) =>
      shares[axis] > 0 && pairwise.edge(axis, a, b).differences.some((d) => d.shown && d.mean * side > 0),
  );
}

/** What a decision comes to. `candidates` is the number of those measured, whether they are in the question or not. */
export function outcomeOf(solution: Solution, candidates: number, ties: readonly Tie[]): Outcome {
  const { ranking, pairwise, shares, unmatched, unjudged, unshown, covered } = solution;
  const { leader, recommended } = ranking;
  if (leader === null) return "nobody-qualifies";
  if (candidates < 2) return "single-candidate";
  if (recommended !== null) return "recommended";
  if (unmatched.length > 0) return "requirement-not-in-run";
  if (pairwise.candidates.length === 1) {
    if (unjudged.length > 0) return "others-not-judged";
    return unshown === undefined ? "others-did-not-run" : "limit-not-shown";
  }
  const nearest = ties[0]?.candidate ?? pairwise.candidates.find((c) => c !== leader);
  const isSilent = nearest === undefined || pairwise.axes.length === 0 || covered < knownShareMin;
  if (isSilent || knownShare(pairwise, shares, leader, nearest) < knownShareMin) return "too-little-evidence";
  if (ties.some((t) => t.state === "trade-off")) return "trade-off";
  return ties.some((t) => t.state === "undecided") ? "undecided" : "equal";
}
