import { type Policy, type PolicyAxis, type PolicyWeights, policyAxes } from "../../../schemas/policy.ts";
import type { Reversal, Undecided } from "../../../schemas/report.ts";
import { axisLabels } from "../labels.ts";
import { knownShare, knownShareMin, type PairwiseEvidence, winnerOf } from "../pairwise.ts";
import { type Solution, solve } from "../solve.ts";
import { becomesText, type Change, changesAlong } from "./answer.ts";

/**
 * Where the answer switches as one weight moves and the others keep their proportions. Every advantage is linear in the
 * weight, so the switches are exact: they can only lie where some condition of being ahead turns.
 */
export function weightReversals(report: Undecided, policy: Policy, solution: Solution): Reversal[] {
  const { pairwise, shares, ranking } = solution;
  if (pairwise.candidates.length < 2 || pairwise.axes.length < 2) return [];
  return pairwise.axes.flatMap((axis) => {
    const there = elsewhere(report, policy, solution, axis);
    if (there === null) return [];
    const from = shares[axis];
    const cuts = crossings(there, shares, axis);
    const answerAt = (share: number) =>
      answerOf(there, withShare(shares, pairwise, axis, share), ranking.recommended);
    const above = stretches(from, [...cuts.filter((c) => c > from), 1], answerAt);
    const below = stretches(from, [...cuts.filter((c) => c < from).reverse(), 0], answerAt);
    return [
      ...changesAlong(ranking.recommended, above).map((c) => reversal(axis, from, c, "over")),
      ...changesAlong(ranking.recommended, below).map((c) => reversal(axis, from, c, "under")),
    ];
  });
}

/**
 * The solution that holds all along the way of a weight. It is the one at hand, but where an axis begins or ceases to be weighed:
 * a candidate without its figures is then left out, or no longer. Null where that leaves other axes, whose shares are not these.
 */
function elsewhere(report: Undecided, policy: Policy, solution: Solution, axis: PolicyAxis): Solution | null {
  const { pairwise, shares } = solution;
  if (shares[axis] > 0 && shares[axis] < 1) return solution;
  const there = solve(report, { ...policy, weights: weightsAt(policy, solution, axis, 0.5) });
  const { axes, candidates } = there.pairwise;
  const same = axes.length === pairwise.axes.length && axes.every((a) => pairwise.axes.includes(a));
  return same && candidates.length > 1 && there.covered >= knownShareMin ? there : null;
}

/** The policy's weights with an axis at `share` of those that have evidence; what the run is silent on keeps its own. */
export function weightsAt(
  { weights }: Policy,
  { pairwise, shares }: Pick<Solution, "pairwise" | "shares">,
  axis: PolicyAxis,
  share: number,
): PolicyWeights {
  const total = pairwise.axes.reduce((sum, a) => sum + weights[a], 0);
  const moved = withShare(shares, pairwise, axis, share);
  return { ...weights, ...Object.fromEntries(pairwise.axes.map((a) => [a, total * moved[a]])) };
}

type Answer = Omit<Change, "at">;

function answerOf({ pairwise, worth }: Solution, shares: PolicyWeights, current: string | null): Answer {
  const becomes = winnerOf(pairwise, shares, worth);
  const lacking =
    current !== null &&
    pairwise.candidates.some(
      (b) => b !== current && knownShare(pairwise, shares, current, b) < knownShareMin,
    );
  return { becomes, lacking };
}

/** The weights with `axis` at `share` of 1 and the others in their old proportions (equal where they had none). */
export function withShare(
  shares: PolicyWeights,
  pairwise: PairwiseEvidence,
  axis: PolicyAxis,
  share: number,
): PolicyWeights {
  const others = pairwise.axes.filter((a) => a !== axis);
  const rest = others.reduce((sum, a) => sum + shares[a], 0);
  const next = { ...shares, [axis]: share };
  for (const other of others) {
    next[other] = (1 - share) * (rest > 0 ? shares[other] / rest : 1 / others.length);
  }
  return next;
}

/**
 * The shares in (0, 1) at which one of the three conditions of being ahead turns: a lower bound equals the worth, the evidence on a
 * pair covers just enough, or the two are level as measured.
 */
function crossings({ pairwise, worth }: Solution, shares: PolicyWeights, axis: PolicyAxis): number[] {
  const found = new Set<number>();
  const alone = withShare(shares, pairwise, axis, 0);
  const cross = (of: (axis: PolicyAxis) => number, level: number) => {
    const onAxis = of(axis);
    const rest = policyAxes.reduce((sum, k) => sum + alone[k] * of(k), 0);
    const at = (level - rest) / (onAxis - rest);
    if (at > 0 && at < 1) found.add(at);
  };
  for (const a of pairwise.candidates) {
    for (const b of pairwise.candidates) {
      if (a === b) continue;
      cross((k) => pairwise.edge(k, a, b).shown.low, worth);
      cross((k) => pairwise.edge(k, a, b).known, knownShareMin);
      cross((k) => pairwise.edge(k, a, b).usable.mean, 0);
    }
  }
  return [...found].sort((x, y) => x - y);
}

/** The stretches from `from` over the cuts to the end, each with its beginning and the answer in its middle. */
function stretches(from: number, cuts: readonly number[], answerAt: (share: number) => Answer): Change[] {
  return cuts.map((end, i) => {
    const at = cuts[i - 1] ?? from;
    return { at, ...answerAt((at + end) / 2) };
  });
}

function reversal(axis: PolicyAxis, from: number, change: Change, over: "over" | "under"): Reversal {
  const share = (x: number) => `${(100 * x).toFixed(x > 0 && x < 0.01 ? 1 : 0)} %`;
  const { at, becomes } = change;
  const text = `If ${axisLabels[axis]} weighs ${over} ${share(at ?? from)} instead of ${share(from)}, ${becomesText(change)}.`;
  const side = over === "over" ? "above" : "below";
  return {
    kind: "weight",
    what: axis,
    from,
    at,
    side,
    becomes,
    lacking: becomes === null && change.lacking === true,
    text,
  };
}
