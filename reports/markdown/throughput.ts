import { type CellSpec, cellId, type Workload } from "../../schemas/cell.ts";
import { isLowerBound } from "../../schemas/lower-bound.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import type { ChartFile } from "../charts/file.ts";
import { formatHeadroom } from "../format.ts";
import { cellsOf, cellTitle, flagged, ranked, resultsOf } from "../view.ts";
import { blocks, folded, picture, type Section, section, table, text } from "./element.ts";
import { absent, figure, roundsNote } from "./figure.ts";

const headroom = (result: CellResult): string =>
  result.headroom === null
    ? absent
    : `${formatHeadroom(result.headroom)}${isLowerBound("throughputHz", result) ? " ⚠" : ""}`;

function rates(report: Report, spec: CellSpec): string | null {
  const results = ranked(resultsOf(report, cellId(spec)), "throughputHz").filter(
    (r) => r.metrics.throughputHz !== undefined,
  );
  if (results.length === 0) return null;
  const withBytes = results.some((r) => r.metrics.throughputBytesHz !== undefined);
  const rows = results.map((r) => [
    text(flagged(r)),
    figure(r, "throughputHz"),
    ...(withBytes ? [figure(r, "throughputBytesHz")] : []),
    headroom(r),
    figure(r, "cpuNsPerMessage"),
  ]);
  const heads = [
    "",
    "Messages/s",
    ...(withBytes ? ["Payload"] : []),
    "Headroom",
    "Server CPU<br>per message",
  ];
  return blocks(table(heads, `l${"r".repeat(heads.length - 1)}`, rows), roundsNote(report, results));
}

function workloadPart(report: Report, charts: readonly ChartFile[], workload: Workload, what: string) {
  const tables = cellsOf(report, workload).flatMap((spec) => {
    const rows = rates(report, spec);
    return rows === null ? [] : [`**${cellTitle(spec)}**\n\n${rows}`];
  });
  if (tables.length === 0) return null;
  const chart = charts.find((c) => c.kind === "throughput" && c.workload === workload);
  const figures = tables.length > 1 ? folded("The figures", blocks(...tables)) : blocks(...tables);
  return blocks(what, chart === undefined ? null : picture(chart), figures);
}

/** Ceilings: echo with messages in flight, and the server's own push. */
export function throughput(report: Report, charts: readonly ChartFile[]): Section | null {
  return section(
    ["Throughput", " (closed loop)"],
    workloadPart(
      report,
      charts,
      "echo",
      "**Echo.** Messages answered per second. Headroom is the generator's ceiling against a null server ÷ this rate: below 1.5 the server's own limit was out of sight, and the rate reads “at least”; the order among such rows says nothing.",
    ),
    workloadPart(report, charts, "push", "**Push.** Messages that the server itself generates and sends."),
  );
}
