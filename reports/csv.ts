import { metricKinds } from "../schemas/metric.ts";
import type { Report } from "../schemas/report.ts";
import { formatVersion } from "./format.ts";

/** What each row begins with, so that files of several runs can be put together and each row still says where it is from. */
const origin = ["run", "startedAt", "toolVersion", "profile", "cpu", "cores", "os"];

const originOf = ({ run, host }: Report): string[] => [
  run.id,
  run.startedAt,
  run.toolVersion,
  run.profile,
  host.cpu,
  String(host.cores),
  host.os,
];

/** Versions of a candidate's runtime and framework. */
function versionsOf({ candidates }: Report, id: string): string[] {
  const found = candidates.find((c) => c.id === id);
  return found === undefined ? ["", ""] : [formatVersion(found.runtime), formatVersion(found.framework)];
}

const line = (fields: readonly string[]): string => fields.map(csvField).join(",");

const columns = [
  ...[...origin, "candidate", "runtime", "framework"],
  ...["workload", "codec", "cell", "round", "metric", "value", "unit"],
];

/**
 * results.csv, a part for each result: tidy data, one row for each candidate, cell, round and metric, in stored units; rounds count from 1,
 * and a round without a value has no row. RFC 4180: comma, CRLF, quotes only where a field needs them.
 */
export function* csvParts(report: Report): Generator<string, void, void> {
  const from = originOf(report);
  yield csvText([line(columns)]);
  for (const { candidate, workload, codec, cell, metrics } of report.results) {
    // What the rows of a result share is written once: there are thousands of them.
    const head = line([...from, candidate, ...versionsOf(report, candidate), workload, codec, cell]);
    for (const [metric, { perRound, unit }] of Object.entries(metrics)) {
      let rows = "";
      for (let i = 0; i < perRound.length; i += 1) {
        const value = perRound[i]!;
        if (value !== null) rows += `${head},${i + 1},${metric},${value},${unit}\r\n`;
      }
      yield rows;
    }
  }
}

const csvText = (lines: readonly string[]): string => `${lines.join("\r\n")}\r\n`;

const ratioColumns = [
  ...[...origin, "a", "b", "workload", "codec", "cell", "metric", "better", "declared", "rounds"],
  ...["ratio", "ciLow", "ciHigh", "bound", "pHolm", "verdict", "code"],
];

/** Text of ratios.csv: one row a comparison, a ÷ b, with those that were not declared before the run and have no verdict. */
export function renderRatiosCsv(report: Report): string {
  const from = originOf(report);
  const number = (x: number | null): string => (x === null ? "" : String(x));
  const rows = report.comparisons.map((c) => [
    ...[...from, c.a, c.b, c.workload, c.codec, c.cell, c.metric, metricKinds[c.metric].better],
    ...[String(c.declared), String(c.rounds), number(c.ratio), number(c.ciLow), number(c.ciHigh)],
    ...[c.bound ?? "", number(c.pHolm), c.verdict, c.code],
  ]);
  return csvText([ratioColumns, ...rows].map(line));
}

/** A field as RFC 4180 section 2 wants it. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
