import { type CellSpec, factsOf, fanOutOf, isOpenLoop, type Workload, workloads } from "../schemas/cell.ts";
import { correctShare, rewritesJson } from "../schemas/delivery.ts";
import { attributedMetrics, type MetricName, metricKinds } from "../schemas/metric.ts";
import type { CandidateReport, CellResult, Comparison, Report } from "../schemas/report.ts";
import { type RunWarning, type Touched, type WarningCode, warningCodes } from "../schemas/warning.ts";
import { formatInteger, formatMetric, formatReach } from "./format.ts";

/** Open loop: messages leave on a schedule. Its figures never share a table with a closed loop's. */
export { isOpenLoop } from "../schemas/cell.ts";

/** Every candidate but the A/A replicates, which exist for calibration alone. */
export const comparedCandidates = (report: Report): CandidateReport[] =>
  report.candidates.filter((candidate) => candidate.replicateOf === null);

/** Beyond this many candidates a table is read by runtime, and what can be folded is. */
const manyOver = 6;

/** Whether a report has so many candidates that its tables are grouped and folded. */
export const isMany = (report: Report): boolean => comparedCandidates(report).length > manyOver;

/** Compared candidates' ids by the runtime that they name first (`bun` of `bun/serve`), in the run's order. */
export function byRuntime(report: Report): { runtime: string; ids: string[] }[] {
  const known: Record<string, string> = { bun: "Bun", node: "Node", python: "Python" };
  const groups = Map.groupBy(comparedCandidates(report), ({ program }) => {
    const [first = ""] = program.split("/");
    return known[first] ?? "servers of your own";
  });
  return [...groups].map(([runtime, all]) => ({ runtime, ids: all.map(({ id }) => id) }));
}

/** The distinct cells that candidates have results for, in the run's order. */
export function cellsOf(report: Report, ...workloads: Workload[]): CellSpec[] {
  const specs = new Map<string, CellSpec>();
  for (const { cell, params, workload } of report.results) {
    if (workloads.includes(workload) && !specs.has(cell)) specs.set(cell, params);
  }
  return [...specs.values()];
}

type ByCell = { readonly candidates: Report["candidates"]; readonly cells: Map<string, CellResult[]> };
/** Compared results by cell, of reports at hand: one is asked for every one of its cells, many times. */
const compared = new WeakMap<readonly CellResult[], ByCell>();

/** The candidates' results of one cell, in the run's order. */
export function resultsOf(report: Report, cell: string): readonly CellResult[] {
  const { candidates, results } = report;
  let known = compared.get(results);
  if (known?.candidates !== candidates) {
    const names = new Set(comparedCandidates(report).map(({ id }) => id));
    const ofCompared = results.filter(({ candidate }) => names.has(candidate));
    known = { candidates, cells: Map.groupBy(ofCompared, (result) => result.cell) };
    compared.set(results, known);
  }
  return known.cells.get(cell) ?? [];
}

/** The workloads of one kind of loop, in the order reports show them. */
export const workloadsOf = (open: boolean): Workload[] => workloads.filter((w) => isOpenLoop(w) === open);

/** Best median first; incomplete deliveries after every complete one, and results without the metric last. */
export function ranked(results: readonly CellResult[], metric: MetricName): CellResult[] {
  const sign = metricKinds[metric].better === "lower" ? 1 : -1;
  const place = (result: CellResult) =>
    result.metrics[metric] === undefined ? 2 : correctShare(result) < 1 ? 1 : 0;
  return results.toSorted(
    (a, b) =>
      place(a) - place(b) ||
      sign * ((a.metrics[metric]?.median ?? 0) - (b.metrics[metric]?.median ?? 0)) ||
      a.candidate.localeCompare(b.candidate, "en"),
  );
}

/** Candidate's name for a chart's label, marked where deliveries are missing. */
export const marked = (result: CellResult): string =>
  correctShare(result) < 1 ? `${result.candidate} ⚠` : result.candidate;

/** `reach 99.98 %` where deliveries are missing, `correct 99.5 %` where some came twice, out of order or changed; null for neither. */
export function deliveryFlag(result: CellResult): string | null {
  if (result.reach < 1) return `reach ${formatReach(result.reach)}`;
  const correct = correctShare(result);
  return correct < 1 ? `correct ${formatReach(correct)}` : null;
}

/** Candidate's name, with what its deliveries lack, and whether its JSON is other bytes than it was sent. */
export function flagged(result: CellResult): string {
  const flag = deliveryFlag(result);
  const name = rewritesJson(result) ? `${result.candidate} (rewrites JSON)` : result.candidate;
  return flag === null ? name : `${name} ⚠ ${flag}`;
}

/** Messages a second that a latency belongs to: published where the cell says how many, else delivered or answered. */
function rateHz({ params, workload, metrics }: CellResult): number | null {
  return fanOutOf(params)?.rateHz ?? metrics[factsOf(workload).rateMetric]?.median ?? null;
}

/** The rate of one result, e.g. `27.8 k/s`. */
export function rateOf(result: CellResult): string {
  const hz = rateHz(result);
  if (hz === null) return "an unknown rate";
  const isAsked = fanOutOf(result.params) !== null && Number.isInteger(hz);
  return isAsked ? `${formatInteger(hz)} /s` : formatMetric("deliveriesHz", hz);
}

/** The one rate of all results, where they lie within 2 % of each other as an offered rate makes them; else null. */
export function sharedRate(results: readonly CellResult[]): string | null {
  const rates = results.map(rateHz).filter((hz) => hz !== null);
  if (rates.length === 0 || rates.length < results.length) return null;
  const sorted = rates.toSorted((a, b) => a - b);
  const [low] = sorted;
  if (sorted.at(-1)! > low! * 1.02) return null;
  return formatMetric("deliveriesHz", sorted[sorted.length >> 1]!);
}

/** Rounds from which an interval of a median is distribution-free. */
const roundsOfNoShape = 6;

/** Whether these are few rounds in a run of more, as exploratory cells have. Where all are few, a warning says so once. */
export const isShort = ({ run }: Report, { rounds }: { readonly rounds: number }): boolean =>
  rounds > 1 && rounds < roundsOfNoShape && run.roundsRun >= roundsOfNoShape;

/** The comparisons with the run's reference; a newer version's with an older one have their own table. */
export const againstReference = ({ comparisons, run }: Report): Comparison[] =>
  comparisons.filter((c) => c.b === run.reference);

/** What the A/A replicate says of the run's intervals, as a clause. */
export function calibrationWords({ noise: { calibration } }: Report): string {
  const { contrasts, factor } = calibration;
  if (contrasts === 0) return "no server ran against itself, so the intervals are not calibrated";
  const made =
    factor === 1
      ? "differs by no more than its intervals say"
      : `makes all intervals ${factor.toFixed(2)} × as wide`;
  return `a server measured against itself (${contrasts} figures) ${made}`;
}

/** The measure that a reader asks for first, tail latency or throughput: the first of them that is not withheld for all. */
export function leadMeasure<T extends { readonly cell: string; readonly metric: MetricName }>(
  report: Report,
  measures: readonly T[],
): T | undefined {
  const asked = measures.filter(({ metric }) => metric === "latencyNsP99" || metric === "throughputHz");
  const withVerdict = asked.find(({ cell, metric }) =>
    againstReference(report).some((c) => c.cell === cell && c.metric === metric && c.verdict !== "withheld"),
  );
  return withVerdict ?? asked[0] ?? measures[0];
}

/** The declared comparisons of the one measure of each kind of loop that a reader asks for first. */
export function leadComparisons(report: Report): Comparison[] {
  return [true, false].flatMap((open) => {
    const declared = againstReference(report).filter((c) => c.declared && isOpenLoop(c.workload) === open);
    const lead = leadMeasure(report, declared);
    return declared.filter((c) => c.cell === lead?.cell && c.metric === lead.metric);
  });
}

/** Whether the declared family gave a verdict for one side. */
export const isDecided = (c: Comparison): boolean => c.verdict === "a-better" || c.verdict === "b-better";

/** Comparisons by cell and metric, in the run's order; within each the best ratio first, and withheld ones last. */
export function families(comparisons: readonly Comparison[]): Comparison[][] {
  const last = (c: Comparison) => Number(c.verdict === "withheld" || c.ratio === null);
  return [...Map.groupBy(comparisons, (c) => `${c.cell} ${c.metric}`).values()].map((family) =>
    family.toSorted((a, b) => {
      const sign = metricKinds[a.metric].better === "lower" ? 1 : -1;
      return last(a) - last(b) || sign * ((a.ratio ?? 0) - (b.ratio ?? 0));
    }),
  );
}

/** Whether a figure is missing since it could not be known whose processes do the work. */
export function isUnattributed({ unattributed }: CellResult, metric: MetricName): boolean {
  return unattributed !== undefined && attributedMetrics.includes(metric);
}

/** The warnings that touch one thing, a code each in the order of their table, with all of that code. */
export function warningsByCode(
  { warnings }: Pick<Report, "warnings">,
  touches: Touched,
): (readonly [WarningCode, readonly [RunWarning, ...RunWarning[]]])[] {
  return warningCodes.flatMap((code) => {
    const [first, ...others] = warnings.filter((w) => w.touches === touches && w.code === code);
    return first === undefined ? [] : [[code, [first, ...others]] as const];
  });
}

/** What a machine's others do to windows, which are then discarded. */
const disturbances = ["foreign-cpu", "steal"] as const;

/** What disturbed each window of a run that has no figure at all for that alone; null for any other run. */
export function whollyDisturbed({
  results,
  failures,
  warnings,
}: {
  readonly results: readonly CellResult[];
  readonly failures: readonly unknown[];
  readonly warnings: readonly Pick<RunWarning, "code">[];
}): (typeof disturbances)[number] | null {
  if (results.length > 0 || failures.length > 0) return null;
  return disturbances.find((code) => warnings.some((warning) => warning.code === code)) ?? null;
}
