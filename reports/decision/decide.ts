import { type Policy, policyAxes } from "../../schemas/policy.ts";
import type { Report, Undecided } from "../../schemas/report.ts";
import { writingAdvice } from "./broadcast-advice.ts";
import { type Cost, costOf } from "./cost.ts";
import { isChoice, measuredResults } from "./evidence.ts";
import { notMeasured } from "./limits.ts";
import { orderedBehind, outcomeOf, readingOf, tiesOf, toPct } from "./outcome.ts";
import { advantage, knownShareMin } from "./pairwise.ts";
import { reasons } from "./reasons.ts";
import { exclusionsOf } from "./requirements.ts";
import { limitReversals } from "./reversal/limits.ts";
import { codecReversals, fanoutReversals } from "./reversal/load.ts";
import { priceReversals } from "./reversal/prices.ts";
import { weightReversals } from "./reversal/weights.ts";
import { sensitivityOf } from "./sensitivity.ts";
import { type Solution, solve } from "./solve.ts";
import { without } from "./unmatched.ts";
import { answerText, type Findings } from "./words.ts";

export type Decision = Report["decision"];

/**
 * Takes the decision of a report under a policy: a pure function, so that a terminal, a gate and a page agree.
 *
 * Each axis compares two candidates by the mean of their log ratios over its figures, paired by round. A figure counts
 * only where its 95 % interval is wholly beyond the run's threshold; otherwise it counts as equal. The
 * weighted sum is the advantage, and its interval is the weighted sum of the intervals' ends, which holds however the axes
 * are correlated. A candidate is recommended when that interval, against every other, lies beyond `worthPct`, the
 * evidence on each pair speaks on at least half of the weight, and the figures as measured, shown or not, do not say otherwise.
 */
export function decide(report: Undecided, policy: Policy): Decision {
  const solution = solve(report, policy);
  const { ranking, pairwise, unmatched } = solution;
  const excluded = exclusionsOf(report, without(policy, unmatched));
  const ordered = ranking.leader === null ? [] : orderedBehind(solution, ranking.leader);
  const ties = tiesOf(solution);
  // Where most of what is weighed was not measured, no switch of what was would make an answer.
  const silent = unmatched.length > 0 || (solution.covered < knownShareMin && pairwise.candidates.length > 1);
  const reversals = silent
    ? []
    : [
        ...weightReversals(report, policy, solution).sort((x, y) => distance(x) - distance(y)),
        ...priceReversals(report, policy, solution),
        ...limitReversals(report, policy, solution),
        ...fanoutReversals(report, policy, solution),
        ...codecReversals(report, policy, solution),
      ];
  const findings: Findings = {
    report,
    policy,
    solution,
    excluded,
    runnerUp: ordered[0] ?? null,
    tied: ties,
    outcome: outcomeOf(solution, report.candidates.filter(isChoice).length, ties),
    costs: costsOf(report, policy, solution),
    sensitivity: sensitivityOf(solution),
    reversals,
    writing: writingAdvice(report, policy, ranking.leader),
  };
  return {
    policy: policy.name,
    recommended: ranking.recommended,
    outcome: findings.outcome,
    answer: answerText(findings),
    because: reasons(findings),
    notMeasured: notMeasured(report, policy, solution),
    policyUsed: policy,
    leader: ranking.leader,
    writing: findings.writing,
    tied: ties,
    excluded,
    runnerUp: runnerUpOf(solution, findings.runnerUp),
    scores: pairwise.candidates.map((c) => scoreOf(solution, c)),
    costs: [...findings.costs],
    reversals,
    sensitivity: [...findings.sensitivity],
  };
}

/** How far a weight has to move: the nearest switch is reported first. */
const distance = ({ at, from }: Decision["reversals"][number]): number => Math.abs((at ?? 0) - (from ?? 0));

function runnerUpOf({ pairwise, shares, ranking }: Solution, candidate: string | null): Decision["runnerUp"] {
  if (candidate === null || ranking.leader === null) return null;
  const { mean, low, high } = advantage(pairwise, shares, ranking.leader, candidate);
  return { candidate, byPct: toPct(mean), ciLowPct: toPct(low), ciHighPct: toPct(high) };
}

function scoreOf({ pairwise, shares, ranking }: Solution, candidate: string): Decision["scores"][number] {
  const { leader } = ranking;
  if (leader === null || leader === candidate) return { candidate, score: 1, axes: [] };
  const axes = policyAxes
    .filter((axis) => pairwise.axes.includes(axis))
    .map((axis) => {
      const edge = pairwise.edge(axis, leader, candidate);
      const isShown = edge.differences.some((d) => d.shown);
      // Beside a score that counts only differences that are shown stands what it counted.
      const { mean, low, high } = isShown ? edge.shown : edge.measured;
      return {
        axis,
        ratio: Math.exp(mean),
        ciLow: Math.exp(low),
        ciHigh: Math.exp(high),
        reads: readingOf(edge),
        ...(edge.bound === null ? {} : { bound: edge.bound }),
      };
    });
  return { candidate, score: Math.exp(-advantage(pairwise, shares, leader, candidate).mean), axes };
}

/** Costs in the cells that the cost axis is judged by, the first of those that a report lists coming first. */
function costsOf(report: Undecided, policy: Policy, { pairwise }: Solution): Cost[] {
  const cells = new Set(pairwise.items.filter((i) => i.axis === "cpuCost").map((i) => i.cell));
  return measuredResults(report).flatMap((result) => {
    if (!cells.has(result.cell) || !pairwise.candidates.includes(result.candidate)) return [];
    const cost = costOf(result, policy.prices);
    return cost === null ? [] : [cost];
  });
}
