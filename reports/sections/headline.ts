import { type CellSpec, factsOf } from "../../schemas/cell.ts";
import { correctShare, rewritesJson } from "../../schemas/delivery.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { Report } from "../../schemas/report.ts";
import {
  againstReference,
  cellsOf,
  comparedCandidates,
  deliveryFlag,
  isDecided,
  isOpenLoop,
  leadMeasure,
  rateOf,
  resultsOf,
  sharedRate,
  workloadsOf,
} from "../view.ts";
import { profileWords, shortStatement } from "../wording.ts";
import { cellColumn } from "../workloads/index.ts";
import { type Block, blocks, type Inline, note, small, stacked, strong, table } from "./document.ts";
import { absent, medianText } from "./figure.ts";

/** A figure of a cell that stands in its own column. */
export interface Column {
  readonly spec: CellSpec;
  readonly cell: string;
  readonly metric: MetricName;
}

/** Columns of the one table that a reader sees first. */
const figuresMax = 6;

/** The declared headline figures of one kind of loop, or the usual ones where none were declared. */
function declaredColumns(report: Report, open: boolean): Column[] {
  const specs = new Map(report.results.map((r) => [r.cell, r.params]));
  const declared = new Map<string, Column>();
  for (const { cell, metric, declared: isDeclared, workload } of report.comparisons) {
    const spec = specs.get(cell);
    if (isDeclared && isOpenLoop(workload) === open && spec !== undefined) {
      declared.set(`${cell} ${metric}`, { spec, cell, metric });
    }
  }
  if (declared.size > 0) return [...declared.values()];
  return cellsOf(report, ...workloadsOf(open)).flatMap((spec) => {
    const [first] = report.results.filter((r) => r.params === spec);
    return first === undefined
      ? []
      : factsOf(spec.workload).headline.map((metric) => ({ spec, cell: first.cell, metric }));
  });
}

/** The throughput that the answer rests on, if it rests on one; else the one that a reader asks for first. */
function decidingRate(report: Report, rates: readonly Column[]): Column | undefined {
  const { leader, runnerUp } = report.decision;
  const pair = [leader, runnerUp?.candidate];
  const decides = ({ cell, metric }: Column) =>
    report.comparisons.some(
      (c) =>
        c.cell === cell && c.metric === metric && isDecided(c) && pair.includes(c.a) && pair.includes(c.b),
    );
  return rates.find(decides) ?? leadMeasure(report, rates);
}

/** The figures that a reader sees first, those at a fixed rate before saturation, and the throughput at the end. */
export function headlineFigures(report: Report): Column[] {
  const [open, flat] = [declaredColumns(report, true), declaredColumns(report, false)];
  const rate = decidingRate(
    report,
    flat.filter((c) => c.metric === "throughputHz"),
  );
  const last = rate === undefined ? [] : [rate];
  return [...[...open, ...flat.filter((c) => c !== rate)].slice(0, figuresMax - last.length), ...last];
}

/** The column that rows are sorted by: the measure at a fixed rate that a reader asks for first, where there is one. */
export function leadColumn(report: Report, columns: readonly Column[]): Column | undefined {
  const open = columns.filter(({ spec }) => isOpenLoop(spec.workload));
  return leadMeasure(report, open.length > 0 ? open : columns);
}

/** Where a runtime is measured and no server nothing is sent, and there is no rate. */
const hasRate = ({ spec }: Column): boolean => factsOf(spec.workload).ofRuntime !== true;

/** A latency says nothing without its rate, and nor does what a message costs where candidates set their own. */
const needsRate = (column: Column): boolean =>
  hasRate(column) && metricKinds[column.metric].unit === "ns" && column.metric !== "startupNs";

/** What a column's figures were measured at; null where its candidates each had their own, or there is no such thing. */
function loadOf(report: Report, column: Column): string | null {
  if (!hasRate(column)) return null;
  if (!isOpenLoop(column.spec.workload)) return "at saturation";
  const rate = needsRate(column) ? sharedRate(resultsOf(report, column.cell)) : null;
  return rate === null ? null : `at ${rate}`;
}

/** Names the column, with the rate that all share: without it a latency says nothing. */
export function headOf(report: Report, column: Column): Inline {
  const load = loadOf(report, column);
  const { label } = metricKinds[column.metric];
  return stacked(cellColumn(column.spec), label, load === null ? null : small(load));
}

/** Compared candidates by the lead column: best first, incomplete deliveries after complete ones, no figure last. */
export function rowOrder(report: Report, lead: Column): string[] {
  const sign = metricKinds[lead.metric].better === "lower" ? 1 : -1;
  const results = new Map(resultsOf(report, lead.cell).map((r) => [r.candidate, r]));
  const place = (id: string) => {
    const result = results.get(id);
    const value = result?.metrics[lead.metric]?.median;
    const correct = result === undefined || correctShare(result) === 1;
    return { late: value === undefined ? 2 : correct ? 0 : 1, value: sign * (value ?? 0) };
  };
  return comparedCandidates(report)
    .filter(({ status }) => status !== "unavailable")
    .map(({ id }) => ({ id, ...place(id) }))
    .toSorted((a, b) => a.late - b.late || a.value - b.value)
    .map(({ id }) => id);
}

/** The best median of a column among those whose deliveries were correct. */
function bestOf(report: Report, { cell, metric }: Column): number | undefined {
  const medians = resultsOf(report, cell)
    .filter((r) => correctShare(r) === 1)
    .flatMap((r) => r.metrics[metric]?.median ?? []);
  if (medians.length < 2) return undefined;
  return metricKinds[metric].better === "lower" ? Math.min(...medians) : Math.max(...medians);
}

/** A candidate's figure, the best of its column in bold, with what it was measured at where that differs. */
export function figureOf(report: Report, id: string, column: Column): Inline {
  const { cell, metric } = column;
  const results = resultsOf(report, cell);
  const result = results.find((r) => r.candidate === id);
  if (result === undefined) return absent;
  // The rate that a message's cost belongs to is the throughput's own figure.
  const statesRate = needsRate(column) && metric !== "cpuNsPerMessage" && sharedRate(results) === null;
  const flag = deliveryFlag(result);
  const median = medianText(result, metric);
  const isBest = result.metrics[metric]?.median === bestOf(report, column);
  return stacked(
    isBest ? strong(median) : median,
    statesRate ? small(`at ${rateOf(result)}`) : null,
    flag === null ? null : small(`⚠ ${flag}`),
  );
}

/** The same, and how it compares with the reference. */
function cellOf(report: Report, id: string, column: Column): Inline {
  const found = againstReference(report).find(
    (c) => c.cell === column.cell && c.metric === column.metric && c.a === id && c.declared,
  );
  const figure = figureOf(report, id, column);
  return found === undefined ? figure : stacked(figure, ...shortStatement(found).map(small));
}

/** A candidate's name, with what a reader has to know of it. */
export function nameOf(report: Report, id: string): Inline {
  const rewrites = headlineFigures(report).some(({ cell }) =>
    resultsOf(report, cell).some((r) => r.candidate === id && rewritesJson(r)),
  );
  return stacked(
    id === report.decision.recommended ? strong(id) : id,
    id === report.run.reference ? small("reference") : null,
    rewrites ? small("rewrites JSON") : null,
  );
}

/** What a reader may take from the table. */
function legend(report: Report): string {
  return `Medians over rounds; bold is a column's best. Below each: the ratio to ${report.run.reference} with its 95 % interval. “Not decided”: no difference beyond the threshold is shown, once corrected for the number of comparisons; an interval can leave out 1 and still decide nothing. “Equal within 7 %”: a larger difference is ruled out. “At least”: the load generator may have been the limit. —: not served, not measured or failed.`;
}

/** The one table that a reader sees first, sorted by its lead column; none where nothing was measured. */
export function headlineTable(report: Report): Block[] {
  const columns = headlineFigures(report);
  const lead = leadColumn(report, columns);
  if (lead === undefined) return [];
  const rows = rowOrder(report, lead).map((id) => [
    nameOf(report, id),
    ...columns.map((column) => cellOf(report, id, column)),
  ]);
  const words = profileWords(report);
  const heads = ["", ...columns.map((c) => headOf(report, c))];
  return blocks(
    table(heads, `l${"r".repeat(columns.length)}`, rows),
    note(legend(report)),
    words === null ? null : note(words),
  );
}
