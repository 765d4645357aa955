import { correctShare } from "../../schemas/delivery.ts";
import { matchesGlobs } from "../../schemas/glob.ts";
import { isLowerBound } from "../../schemas/lower-bound.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import { type Policy, type PolicyAxis, policyAxes } from "../../schemas/policy.ts";
import type { CandidateReport, CellResult, Comparison, Undecided } from "../../schemas/report.ts";
import { tailInstead } from "../../schemas/tail.ts";
import { logMargin } from "../../stats/margin.ts";
import { costPerRound } from "./cost.ts";

/** One figure in one cell that an axis is judged by. */
export interface Item {
  readonly axis: PolicyAxis;
  readonly cell: string;
  readonly metric: MetricName;
  /** Whether the figure is money made from several metrics rather than the metric itself. */
  readonly priced: boolean;
  /** Logarithm of goodness by candidate and round: higher is better whatever the metric. */
  readonly goodness: ReadonlyMap<string, readonly (number | null)[]>;
  /** Smallest log difference that matters, by the run's threshold for such a metric. */
  readonly margin: number;
  /** Log difference within which two are called equal. */
  readonly equalMargin: number;
  /** How many times as wide an interval has to be as its rounds say, by the run's A/A replicate. */
  readonly widening: number;
  /** Candidates whose rate the generator may have limited, those that are not to be chosen among them. */
  readonly limited: ReadonlySet<string>;
  /** Candidates that did not deliver all that was due in the cell, once, in order and unchanged, whose other figures are those of less work. */
  readonly lossy: ReadonlySet<string>;
  readonly comparisons: readonly Comparison[];
}

/**
 * Whether a candidate is one to choose: not the A/A replicate, which is one of them under a second name, nor one that is run
 * with a feature beside the same without it.
 */
export const isChoice = ({ replicateOf, contrasts = [] }: CandidateReport): boolean =>
  replicateOf === null && contrasts.length === 0;

/** Candidates that may be recommended in principle. */
export function namesOf(report: Undecided): string[] {
  return report.candidates
    .filter(isChoice)
    .map((c) => c.id)
    .sort();
}

const measured = new WeakMap<Undecided, readonly CellResult[]>();

/** Results that hold a measurement, in a fixed order, so that the order of the report changes nothing. */
export function measuredResults(report: Undecided): readonly CellResult[] {
  const known = measured.get(report);
  if (known !== undefined) return known;
  const results = report.results
    .filter((r) => r.rounds > 0)
    .sort((a, b) => order(a.cell, b.cell) || order(a.candidate, b.candidate));
  measured.set(report, results);
  return results;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The items every one of `candidates` was measured on, by axis. Where an axis has items in cells whose comparisons were
 * declared before the run, those alone speak for it: the exploratory cells have fewer rounds, and choosing among them
 * afterwards would be choosing the answer. `keep` narrows the cells, e.g. to one fan-out.
 */
export function itemsOf(
  report: Undecided,
  policy: Policy,
  candidates: readonly string[],
  keep: (cell: CellResult) => boolean = isHeadline(report),
): Item[] {
  const results = measuredResults(report).filter((r) => candidates.includes(r.candidate));
  return policyAxes.flatMap((axis) => {
    const all = policy.evidence[axis].flatMap(({ metric: asked, cells }) =>
      cellsOf(results)
        .filter((cell) => matchesGlobs(cell, cells))
        .flatMap((cell) => {
          const metric = judgedBy(report, cell, asked);
          const matching = results.filter((r) => r.cell === cell && r.metrics[metric] !== undefined);
          const complete = candidates.every((c) => matching.some((r) => r.candidate === c));
          return complete
            ? [{ item: itemOf(report, policy, axis, metric, matching), sample: matching[0] }]
            : [];
        }),
    );
    const kept = all.filter(({ sample }) => sample !== undefined && keep(sample));
    return (kept.length > 0 ? kept : all).map(({ item }) => item);
  });
}

function cellsOf(results: readonly CellResult[]): string[] {
  return [...new Set(results.map((r) => r.cell))];
}

/** The metric that a cell is judged by where a policy asks for one: of a tail as deep as was declared for the cell. */
export function judgedBy(report: Undecided, cell: string, asked: MetricName): MetricName {
  return tailInstead(asked, declaredIn(report).get(cell) ?? []);
}

const declaredMetrics = new WeakMap<Undecided, ReadonlyMap<string, ReadonlySet<MetricName>>>();

/** The metrics that comparisons were declared of, by cell. */
function declaredIn(report: Undecided): ReadonlyMap<string, ReadonlySet<MetricName>> {
  const known = declaredMetrics.get(report);
  if (known !== undefined) return known;
  const byCell = Map.groupBy(
    report.comparisons.filter(({ declared }) => declared),
    ({ cell }) => cell,
  );
  const found = new Map([...byCell].map(([cell, of]) => [cell, new Set(of.map(({ metric }) => metric))]));
  declaredMetrics.set(report, found);
  return found;
}

/** Whether a cell's comparisons are declared or exploratory. */
export function isHeadline(report: Undecided): (cell: CellResult) => boolean {
  const declared = declaredIn(report);
  return (result) => declared.has(result.cell);
}

function itemOf(
  report: Undecided,
  policy: Policy,
  axis: PolicyAxis,
  metric: MetricName,
  results: readonly CellResult[],
): Item {
  const cell = results[0]?.cell ?? "";
  const priced = axis === "cpuCost" && metric === "cpuNsPerMessage";
  const everyone = measuredResults(report).filter((r) => r.cell === cell);
  const limited = everyone.filter((r) => isLowerBound(metric, r));
  const { thresholdPct, equalPct } = report.run.margins[metricKinds[metric].family];
  return {
    axis,
    cell,
    metric,
    priced,
    goodness: new Map(
      results.map((r) => [r.candidate, goodnessOf(r, metric, priced ? policy.prices : null)]),
    ),
    margin: logMargin(thresholdPct),
    equalMargin: logMargin(equalPct),
    widening: report.noise.calibration.factor,
    limited: new Set(limited.map((r) => r.candidate)),
    lossy: new Set(everyone.filter((r) => correctShare(r) < 1).map((r) => r.candidate)),
    comparisons: report.comparisons.filter((c) => c.cell === cell && c.metric === metric),
  };
}

/** The same item at other prices. */
export function repriced(item: Item, report: Undecided, prices: Policy["prices"]): Item {
  const results = measuredResults(report).filter(
    (r) => r.cell === item.cell && item.goodness.has(r.candidate),
  );
  return {
    ...item,
    goodness: new Map(results.map((r) => [r.candidate, goodnessOf(r, item.metric, prices)])),
  };
}

function goodnessOf(
  result: CellResult,
  metric: MetricName,
  prices: Policy["prices"] | null,
): (number | null)[] {
  const values = prices === null ? result.metrics[metric]?.perRound : costPerRound(result, prices);
  const sign = metricKinds[metric].better === "higher" ? 1 : -1;
  return (values ?? []).map((v) => (v === null || v <= 0 ? null : sign * Math.log(v)));
}
