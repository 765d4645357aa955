import { metricKinds } from "../../schemas/metric.ts";
import type { Report } from "../../schemas/report.ts";
import { formatCount, formatRatio, formatRatioInterval } from "../format.ts";
import { calibrationWords, isOpenLoop } from "../view.ts";
import {
  code,
  type Inline,
  joined,
  line,
  paragraph,
  type Section,
  section,
  stacked,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";

type Pair = Report["noise"]["aa"][number];

const row = ({ cell, metric, ratio, ciLow, ciHigh, p }: Pair): Inline[] => [
  stacked(code(cell), metricKinds[metric].label),
  ratio === null ? absent : formatRatio(ratio),
  formatRatioInterval(ciLow, ciHigh) ?? absent,
  p === null ? absent : p.toPrecision(2),
];

/** What separates a server from itself, and what follows for every interval. */
export function noise(report: Report): Section | null {
  const { aa, contaminatedTrials, retriedTrials } = report.noise;
  const replicates = report.candidates.filter((c) => c.replicateOf !== null);
  const who = replicates.map((c) => line`${code(c.replicateOf ?? c.program)} also ran as ${code(c.id)}`);
  const open = new Set(report.results.filter((r) => isOpenLoop(r.workload)).map((r) => r.cell));
  const isOpen = (pair: Pair) => open.has(pair.cell);
  const tables = [aa.filter(isOpen), aa.filter((pair) => !isOpen(pair))].filter((pairs) => pairs.length > 0);
  const words = line`${joined(who, "; ")}${who.length === 0 ? "" : ": "}${calibrationWords(report)}.`;
  const trials = `${formatCount(contaminatedTrials, "trial")} lost CPU time to other processes or the hypervisor; ${retriedTrials} ${retriedTrials === 1 ? "was" : "were"} repeated.`;
  const heads = ["Measure", "Ratio to itself", "95 % interval", "p"];
  return section(
    "Noise",
    paragraph(line`${words} ${trials}`),
    ...tables.map((pairs) => table(heads, "lrrr", pairs.map(row))),
  );
}
