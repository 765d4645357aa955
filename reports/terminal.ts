import { type MetricName, metricKinds } from "../schemas/metric.ts";
import type { CellResult, Report } from "../schemas/report.ts";
import { formatCount, formatDuration, formatFigure, formatInterval } from "./format.ts";
import { headlineColumns } from "./markdown/headline.ts";
import { contenders, flagged, resultsOf } from "./view.ts";
import { profileWords, warningCounts, wholeAnswer } from "./wording.ts";

/** What a run says on a terminal: the answer, the headline figures, what to distrust, and where the report is. */
export function renderTerminal(report: Report, folder: string): string {
  const { run, decision, failures } = report;
  const note = profileWords(report);
  const parts = [
    wholeAnswer(decision),
    ...[true, false].flatMap((open) => headline(report, open)),
    warningCounts(report),
    ...(note === null ? [] : [note]),
    ...(failures.length === 0
      ? []
      : [`${formatCount(failures.length, "trial")} failed; see Failures in the report.`]),
    `${formatCount(run.roundsRun, "round")}, seed ${run.seed}, ${formatDuration(run.durationMs)}${run.interrupted ? ", interrupted" : ""}. Report: ${folder}/report.md`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function headline(report: Report, open: boolean): string[] {
  const columns = headlineColumns(report, open);
  if (columns.length === 0) return [];
  const title = open
    ? "At the feed's rate (open loop, latency from the intended send time; 95 % intervals)"
    : "Flat out (closed loop; 95 % intervals)";
  const rows = contenders(report).flatMap(({ id }) => {
    const found = columns.map((c) => resultsOf(report, c.cell).find((r) => r.candidate === id));
    const first = found.find((r) => r !== undefined);
    if (first === undefined) return [];
    return [[flagged(first), ...columns.map((c, i) => figure(found[i], c.metric))]];
  });
  if (rows.length === 0) return [];
  const heads = [
    ["", ...columns.map((c) => c.cell)],
    ["", ...columns.map((c) => metricKinds[c.metric].label)],
  ];
  return [`${title}\n\n${columnar([...heads, ...rows])}`];
}

function figure(result: CellResult | undefined, metric: MetricName): string {
  const measured = result?.metrics[metric];
  if (result === undefined || measured === undefined) return "-";
  const interval = formatInterval(metric, measured);
  return `${formatFigure(metric, result, measured)}${interval === null ? "" : ` (${interval})`}`;
}

function columnar(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    )
    .map((line) => line.trimEnd())
    .join("\n");
}
