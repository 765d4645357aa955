import { type PolicyAxis, type PolicyWeights, policyAxes } from "../../../schemas/policy.ts";
import type { Reversal } from "../../../schemas/report.ts";
import { axisLabels } from "../labels.ts";
import type { Solution } from "../solve.ts";
import { knownShareMin, type Standing, winnerOf } from "../standing.ts";
import { becomesText, type Change, changesAlong } from "./answer.ts";

/**
 * Where the answer switches as one weight moves and the others keep their proportions. Every advantage is linear in the
 * weight, so the switches are exact: they can only lie where some condition of being ahead turns.
 */
export function weightReversals(solution: Solution): Reversal[] {
  const { standing, shares, ranking } = solution;
  if (standing.candidates.length < 2 || standing.axes.length < 2) return [];
  return standing.axes.flatMap((axis) => {
    const from = shares[axis];
    const cuts = crossings(solution, axis);
    const answerAt = (share: number) =>
      winnerOf(standing, withShare(shares, standing, axis, share), solution.worth);
    const above = stretches(from, [...cuts.filter((c) => c > from), 1], answerAt);
    const below = stretches(from, [...cuts.filter((c) => c < from).reverse(), 0], answerAt);
    return [
      ...changesAlong(ranking.recommended, above).map((c) => reversal(axis, from, c, "above")),
      ...changesAlong(ranking.recommended, below).map((c) => reversal(axis, from, c, "below")),
    ];
  });
}

/** The weights with `axis` at `share` of 1 and the others in their old proportions (equal where they had none). */
export function withShare(
  shares: PolicyWeights,
  standing: Standing,
  axis: PolicyAxis,
  share: number,
): PolicyWeights {
  const others = standing.axes.filter((a) => a !== axis);
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
function crossings({ standing, shares, worth }: Solution, axis: PolicyAxis): number[] {
  const found = new Set<number>();
  const alone = withShare(shares, standing, axis, 0);
  const cross = (of: (axis: PolicyAxis) => number, level: number) => {
    const own = of(axis);
    const rest = policyAxes.reduce((sum, k) => sum + alone[k] * of(k), 0);
    const at = (level - rest) / (own - rest);
    if (at > 0 && at < 1) found.add(at);
  };
  for (const a of standing.candidates) {
    for (const b of standing.candidates) {
      if (a === b) continue;
      cross((k) => standing.edge(k, a, b).shown.low, worth);
      cross((k) => standing.edge(k, a, b).known, knownShareMin);
      cross((k) => standing.edge(k, a, b).usable.mean, 0);
    }
  }
  return [...found].sort((x, y) => x - y);
}

/** The stretches from `from` over the cuts to the end, each with its beginning and the answer in its middle. */
function stretches(
  from: number,
  cuts: readonly number[],
  answerAt: (share: number) => string | null,
): Change[] {
  return cuts.map((end, i) => {
    const at = cuts[i - 1] ?? from;
    return { at, becomes: answerAt((at + end) / 2) };
  });
}

function reversal(axis: PolicyAxis, from: number, change: Change, side: "above" | "below"): Reversal {
  const share = (x: number) => `${(100 * x).toFixed(x > 0 && x < 0.01 ? 1 : 0)} %`;
  const text = `Weight of ${axisLabels[axis]} ${side} ${share(change.at ?? from)} (now ${share(from)}, the others in proportion): ${becomesText(change.becomes)}.`;
  return { kind: "weight", what: axis, from, at: change.at, becomes: change.becomes, text };
}
