import type { WritingEffect } from "../../schemas/broadcast-effects.ts";
import { factsOf, workloads } from "../../schemas/cell.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Policy } from "../../schemas/policy.ts";
import type { Report, Undecided } from "../../schemas/report.ts";

type Advice = NonNullable<Report["decision"]["writing"]>;

/** The metric that the latency tail of a workload is judged by. */
const tailMetrics = new Map(
  workloads.flatMap((workload) => {
    const tail = factsOf(workload).evidence.find(({ axis }) => axis === "latencyTail");
    return tail === undefined ? [] : [[workload, tail.metric] as const];
  }),
);

/**
 * How a candidate should write: the discipline whose latency tail is shown to be the best of those that it was measured under,
 * or the plain one where none is. Null where the run has no such effect on it, or the policy does not weigh latency.
 */
export function writingAdvice(report: Undecided, policy: Policy, candidate: string | null): Advice | null {
  if (candidate === null || policy.weights.latencyTail === 0) return null;
  const advice = report.writing.effects
    .filter((e) => e.candidate === candidate && tailMetrics.get(e.workload) === e.metric)
    .flatMap((effect) => adviceOf(effect) ?? []);
  const [better, ...others] = advice.filter(({ reads }) => reads === "better");
  if (better === undefined) return advice[0] ?? null;
  return others.reduce((best, next) => (next.ratio > best.ratio ? next : best), better);
}

/** The effect as an advice: how many times as good the named discipline is, whichever of the two that is. */
function adviceOf(effect: WritingEffect): Advice | null {
  const { candidate, metric, cells, from, to, reads, ratio, ciLow, ciHigh } = effect;
  if (reads === "withheld") return null;
  const towards = reads === "better";
  // Goodness of the named one over the other: the ratio itself where more is better and it is `to` that is named, and so on.
  const straight = towards === (metricKinds[metric].better === "higher");
  const good = straight
    ? { ratio, ciLow, ciHigh }
    : { ratio: 1 / ratio, ciLow: 1 / ciHigh, ciHigh: 1 / ciLow };
  return {
    candidate,
    metric,
    broadcast: towards ? to : from,
    against: towards ? from : to,
    cell: towards ? cells.to : cells.from,
    ...good,
    reads: reads === "worse" ? "better" : reads,
  };
}
