import { type MetricName, metricFamilies, metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { CellResult, Comparison } from "../../schemas/report.ts";
import { holm } from "../../stats/holm.ts";
import { type PairedRatio, pairedRatio, widened } from "../../stats/paired.ts";
import type { Collected } from "./collect.ts";
import { answerOf } from "./comparisons.ts";
import { comparedMetrics } from "./noise.ts";
import { resultFor, roundsOf } from "./ratio.ts";

/** Two cells of a run that differ in one thing. */
export interface CellPair {
  readonly from: PlannedCell;
  readonly to: PlannedCell;
}

/** One figure of one candidate in both cells: `to` ÷ `from`, paired by round and calibrated. */
export interface CellEffect<Pair extends CellPair> {
  readonly pair: Pair;
  readonly metric: MetricName;
  readonly candidate: string;
  readonly ratio: PairedRatio;
  /** `to` is `a`, and `from` is `b`. */
  readonly verdict: Comparison["verdict"];
}

/**
 * Metrics of two headline cells that are declared in the first and compared in the second: a tail too, that the second cell shows and is
 * not judged by, since two cells differ by far more than two candidates.
 */
export const sharedMetrics = ({ from, to }: CellPair): MetricName[] =>
  to.headline.length === 0 ? [] : from.headline.filter((metric) => comparedMetrics(to).includes(metric));

/**
 * What each candidate's declared figures do from one cell of a pair to the other. All of one kind of metric are one family
 * for Holm's correction: these are questions beside those of the candidates.
 */
export function effectsBetween<Pair extends CellPair>(
  plan: Plan,
  results: readonly CellResult[],
  pairs: readonly Pair[],
  factor: number,
  failures: Collected["failures"],
): CellEffect<Pair>[] {
  const measured = pairs.flatMap((pair) =>
    sharedMetrics(pair).flatMap((metric) =>
      plan.candidates
        .filter(({ replicateOf }) => replicateOf === null)
        .flatMap(({ name: candidate }) => {
          const of = (cell: PlannedCell) => ({
            result: resultFor(plan, results, candidate, cell.id),
            rounds: roundsOf(plan, results, candidate, cell.id, metric),
          });
          const [from, to] = [of(pair.from), of(pair.to)];
          if (from.result === undefined || to.result === undefined) return [];
          if (from.rounds === null || to.rounds === null) return [];
          const ratio = pairedRatio(to.rounds, from.rounds);
          const calibrated = ratio.status === "measured" ? widened(ratio, factor) : ratio;
          return [{ pair, metric, candidate, sides: { a: to.result, b: from.result }, ratio: calibrated }];
        }),
    ),
  );
  const corrected = metricFamilies.map((family) => {
    const ps = measured.map(({ metric, ratio }) =>
      metricKinds[metric].family === family && ratio.status === "measured" ? ratio.p : null,
    );
    return holm(ps, ps.filter((p) => p !== null).length);
  });
  return measured.map(({ pair, metric, candidate, sides, ratio }, i) => {
    const pHolm = corrected.find((ps) => ps[i] != null)?.[i] ?? 1;
    const verdict =
      ratio.status === "withheld"
        ? "withheld"
        : answerOf(plan, { metric, results: sides }, ratio, pHolm, failures).verdict;
    return { pair, metric, candidate, ratio, verdict };
  });
}
