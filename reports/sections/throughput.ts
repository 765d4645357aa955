import { type CellSpec, cellId, type Workload, workloads } from "../../schemas/cell.ts";
import { isLowerBound } from "../../schemas/lower-bound.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import { formatHeadroom } from "../format.ts";
import { cellsOf, flagged, ranked, resultsOf } from "../view.ts";
import { cellTitle, wordsOf } from "../workloads/index.ts";
import {
  folded,
  type Inline,
  line,
  type Part,
  paragraph,
  picture,
  type Section,
  section,
  strong,
  table,
} from "./document.ts";
import { absent, figure, roundsNote } from "./figure.ts";

const headroom = (result: CellResult): string =>
  result.headroom === null
    ? absent
    : `${formatHeadroom(result.headroom)}${isLowerBound("throughputHz", result) ? " ⚠" : ""}`;

function rates(report: Report, spec: CellSpec): Part {
  const results = ranked(resultsOf(report, cellId(spec)), "throughputHz").filter(
    (r) => r.metrics.throughputHz !== undefined,
  );
  if (results.length === 0) return null;
  const withBytes = results.some((r) => r.metrics.throughputBytesHz !== undefined);
  const rows = results.map((r): Inline[] => [
    flagged(r),
    figure(r, "throughputHz"),
    ...(withBytes ? [figure(r, "throughputBytesHz")] : []),
    headroom(r),
    figure(r, "cpuNsPerMessage"),
  ]);
  const heads = ["", "Messages/s", ...(withBytes ? ["Payload"] : []), "Headroom", "Server CPU per message"];
  return [table(heads, `l${"r".repeat(heads.length - 1)}`, rows), roundsNote(report, results)];
}

function workloadPart(report: Report, charts: readonly ChartRef[], workload: Workload): Part {
  const words = wordsOf[workload].throughput;
  if (words === null) return null;
  const tables = cellsOf(report, workload).flatMap((spec) => {
    const rows = rates(report, spec);
    return rows === null ? [] : [[paragraph(strong(cellTitle(spec))), rows]];
  });
  if (tables.length === 0) return null;
  const chart = charts.find((c) => c.kind === "throughput" && c.workload === workload);
  const figures = tables.length > 1 ? folded("The figures", tables) : tables;
  return [
    paragraph(line`${strong(`${words.name}.`)} ${words.intro}`),
    chart === undefined ? null : picture(chart),
    figures,
  ];
}

/** Ceilings: what a server answers, and what it sends, when nothing but replies holds it back. */
export function throughput(report: Report, charts: readonly ChartRef[]): Section | null {
  return section(
    ["Throughput", " (closed loop)"],
    ...workloads.map((workload) => workloadPart(report, charts, workload)),
  );
}
