import { type CellSpec, factsOf } from "../../schemas/cell.ts";
import { intactShare, rewritesJson } from "../../schemas/delivery.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import {
  againstReference,
  byRuntime,
  cellsOf,
  contenders,
  deliveryFlag,
  isMany,
  isOpenLoop,
  leadMeasure,
  rateOf,
  resultsOf,
  sharedRate,
  workloadsOf,
} from "../view.ts";
import { cellColumn } from "../workloads/index.ts";
import { blocks, table, text } from "./element.ts";
import { absent, figure, ratioFigure } from "./figure.ts";

/** A figure of a cell that stands in a column of its own. */
export interface Column {
  readonly spec: CellSpec;
  readonly cell: string;
  readonly metric: MetricName;
}

const columnsMax = 5;

/** The declared headline figures of one kind of loop, or the usual ones where none were declared. */
export function headlineColumns(report: Report, open: boolean): Column[] {
  const specs = new Map(report.results.map((r) => [r.cell, r.params]));
  const declared = new Map<string, Column>();
  for (const { cell, metric, declared: isDeclared, workload } of report.comparisons) {
    const spec = specs.get(cell);
    if (isDeclared && isOpenLoop(workload) === open && spec !== undefined) {
      declared.set(`${cell} ${metric}`, { spec, cell, metric });
    }
  }
  const fallback = () =>
    cellsOf(report, ...workloadsOf(open)).flatMap((spec) => {
      const [first] = report.results.filter((r) => r.params === spec);
      return first === undefined
        ? []
        : factsOf(spec.workload).headline.map((metric) => ({ spec, cell: first.cell, metric }));
    });
  const columns = declared.size > 0 ? [...declared.values()] : fallback();
  return columns.slice(0, columnsMax);
}

/** A latency says nothing without its rate, and nor does what a message costs where candidates set their own. */
const needsRate = (metric: MetricName): boolean =>
  metricKinds[metric].unit === "ns" && metric !== "startupNs";

/** Names the column, with the rate that all share: without it a latency says nothing. */
function head(report: Report, { spec, cell, metric }: Column): string {
  const rate = needsRate(metric) ? sharedRate(resultsOf(report, cell)) : null;
  return `${cellColumn(spec)}<br>${metricKinds[metric].label}${rate === null ? "" : `<br><sub>at ${rate}</sub>`}`;
}

function figureAtRate(report: Report, result: CellResult | undefined, { cell, metric }: Column): string {
  if (result === undefined) return absent;
  // The rate that a message's cost belongs to stands in the throughput's own column.
  const own =
    needsRate(metric) && metric !== "cpuNsPerMessage" && sharedRate(resultsOf(report, cell)) === null;
  const flag = deliveryFlag(result);
  const lack = flag === null ? "" : `<br><sub>⚠ ${flag}</sub>`;
  const reach = rewritesJson(result) ? `${lack}<br><sub>rewrites JSON</sub>` : lack;
  return `${figure(result, metric)}${own ? `<br><sub>at ${rateOf(result)}</sub>` : ""}${reach}`;
}

function against(report: Report, candidate: string, { cell, metric }: Column): string {
  if (candidate === report.run.reference) return "reference";
  const found = againstReference(report).find(
    (c) => c.cell === cell && c.metric === metric && c.a === candidate,
  );
  return found === undefined ? absent : ratioFigure(found);
}

/** Contenders by the lead column: best first, incomplete deliveries after complete ones, no figure last. */
export function rowOrder(report: Report, lead: Column): string[] {
  const sign = metricKinds[lead.metric].better === "lower" ? 1 : -1;
  const results = new Map(resultsOf(report, lead.cell).map((r) => [r.candidate, r]));
  const place = (id: string) => {
    const result = results.get(id);
    const value = result?.metrics[lead.metric]?.median;
    const intact = result === undefined || intactShare(result) === 1;
    return { late: value === undefined ? 2 : intact ? 0 : 1, value: sign * (value ?? 0) };
  };
  return contenders(report)
    .filter(({ status }) => status !== "unavailable")
    .map(({ id }) => ({ id, ...place(id) }))
    .toSorted((a, b) => a.late - b.late || a.value - b.value)
    .map(({ id }) => id);
}

/** The headline table of one kind of loop; null when the run had none. */
export function headlineTable(report: Report, open: boolean): string | null {
  const columns = headlineColumns(report, open);
  const lead = leadMeasure(report, columns);
  if (lead === undefined) return null;
  const title = open
    ? "**At the rate of the feed** (open loop; latency from the intended send time to receipt)"
    : "**Flat out** (closed loop; the most it answers, not how soon at a given rate)";
  const leadName = `${metricKinds[lead.metric].label.replace("latency ", "")}, ${cellColumn(lead.spec)}`;
  const heads = [
    "",
    ...columns.map((c) => head(report, c)),
    `against ${text(report.run.reference)}<br>${leadName}`,
  ];
  const row = (id: string) => [
    `**${text(id)}**`,
    ...columns.map((column) => {
      const result = resultsOf(report, column.cell).find((r) => r.candidate === id);
      return figureAtRate(report, result, column);
    }),
    against(report, id, lead),
  ];
  const rows = grouped(report, rowOrder(report, lead), columns.length + 1).map((entry) =>
    typeof entry === "string" ? row(entry) : [...entry],
  );
  return blocks(title, table(heads, `l${"r".repeat(columns.length + 1)}`, rows));
}

/** Sorted ids as they are, or where they are many under a row for each runtime, that of the best first. */
function grouped(report: Report, ids: readonly string[], columns: number): (string | readonly string[])[] {
  if (!isMany(report)) return [...ids];
  const runtimeOf = new Map(
    byRuntime(report).flatMap(({ runtime, ids: own }) => own.map((id) => [id, runtime])),
  );
  const groups = Map.groupBy(ids, (id) => runtimeOf.get(id) ?? "");
  return [...groups].flatMap(([runtime, own]) => [
    [`*${runtime}*`, ...Array<string>(columns).fill("")],
    ...own,
  ]);
}
