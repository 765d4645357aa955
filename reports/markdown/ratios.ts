import { metricKinds } from "../../schemas/metric.ts";
import type { Comparison, Report } from "../../schemas/report.ts";
import type { ChartFile } from "../charts/file.ts";
import { digits3, formatDetectable, formatRatio, formatRatioInterval } from "../format.ts";
import { againstReference, families, isMany, isOpenLoop, verdictWords } from "../view.ts";
import { blocks, code, folded, picture, section, table, text } from "./element.ts";
import { absent } from "./figure.ts";

const pair = ({ a, b }: { a: string; b: string }): string => `${text(a)}<br>÷ ${text(b)}`;

function ratioWithInterval({ bound, ciLow, ciHigh }: Comparison, ratio: number): string {
  const interval = formatRatioInterval(ciLow, ciHigh);
  const value = formatRatio(ratio, bound);
  return interval === null ? value : `${value}<br><sub>${interval}</sub>`;
}

/** Below 0.001 the digits of a p say nothing more. */
const formatP = (p: number): string => (p < 0.001 ? "&lt; 0.001" : digits3(p));

function row(c: Comparison, first: boolean): string[] {
  const { label, better } = metricKinds[c.metric];
  return [
    first ? `${code(c.cell)}<br>${label}<br><sub>${better} is better</sub>` : "",
    pair(c),
    c.ratio === null ? absent : ratioWithInterval(c, c.ratio),
    c.pHolm === null ? absent : formatP(c.pHolm),
    c.detectablePct === null ? absent : formatDetectable(c.detectablePct),
    text(verdictWords(c)),
  ];
}

function ratioTable(comparisons: readonly Comparison[]): string | null {
  if (comparisons.length === 0) return null;
  const rows = families(comparisons).flatMap((family) => family.map((c, i) => row(c, i === 0)));
  return table(["Measure", "Pair", "Ratio", "p (Holm)", "Detectable", "Reads"], "llrrrl", rows);
}

function bothLoops(comparisons: readonly Comparison[]): string | null {
  const open = ratioTable(comparisons.filter((c) => isOpenLoop(c.workload)));
  const closed = ratioTable(comparisons.filter((c) => !isOpenLoop(c.workload)));
  const body = blocks(
    open === null ? null : `Open loop:\n\n${open}`,
    closed === null ? null : `Closed loop:\n\n${closed}`,
  );
  return body === "" ? null : body;
}

/** Ratios against the reference with their intervals; what was not declared before the run is folded. */
export function ratios(report: Report, charts: readonly ChartFile[]): string | null {
  const comparisons = againstReference(report);
  const declared = bothLoops(comparisons.filter((c) => c.declared));
  const explored = bothLoops(comparisons.filter((c) => !c.declared));
  return section(
    `Ratios against ${text(report.run.reference)}`,
    comparisons.length === 0
      ? null
      : "Paired by round, mean of log ratios, 95 % interval. A verdict needs the whole interval beyond the noise floor and Holm's correction over the comparisons declared before the run. “Detectable” is the smallest true difference that this many rounds with this noise would have given a verdict in four runs of five.",
    ...charts.filter((c) => c.kind === "ratios").map(picture),
    declared !== null && isMany(report) ? folded("Every declared ratio", declared) : declared,
    explored === null ? null : folded("Exploratory ratios, without verdicts", explored),
  );
}
