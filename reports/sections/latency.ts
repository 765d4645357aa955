import { type CellSpec, cellId } from "../../schemas/cell.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { latencyPercentiles } from "../../schemas/workloads/workload.ts";
import type { ChartRef } from "../charts/file.ts";
import { formatNs } from "../format.ts";
import { cellsOf, ranked, resultsOf, workloadsOf } from "../view.ts";
import { cellTitle, wordsOf } from "../workloads/index.ts";
import {
  type Block,
  folded,
  note,
  type Part,
  paragraph,
  picture,
  type Section,
  section,
  strong,
  table,
} from "./document.ts";
import { atItsRate, figure, roundsNote } from "./figure.ts";

const shortLabel = (metric: MetricName): string => metricKinds[metric].label.replace("latency ", "");

/** The generator's own lateness and stalls, beside every tail that they could have made. */
function generatorStalls(results: readonly CellResult[]): Block | null {
  const worst = (read: (r: CellResult) => number | null) => {
    const known = results.map(read).filter((ns) => ns !== null);
    return known.length === 0 ? null : formatNs(Math.max(...known));
  };
  const lateness = worst((r) => r.generator.latenessNsP99);
  const hiccup = worst((r) => r.generator.hiccupNsMax);
  const wait = worst((r) => r.generator.waitNs);
  const parts = [
    lateness === null ? null : `lateness p99 ${lateness}`,
    hiccup === null ? null : `longest stall ${hiccup}`,
    wait === null ? null : `${wait} a window of waiting for its core`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : note(`Load generator, at worst: ${parts.join(", ")}.`);
}

/** Share of samples beyond each percentile; beyond less than one sample lies nothing but the maximum under another name. */
const tails: Partial<Record<MetricName, number>> = { latencyNsP999: 1e-3, latencyNsP9999: 1e-4 };

/** The percentiles that the rounds of some result have a sample beyond. */
function percentilesOfRounds(results: readonly CellResult[]): (typeof latencyPercentiles)[number][] {
  const samples = Math.max(...results.map((r) => r.ledger.due / Math.max(r.rounds, 1)));
  return latencyPercentiles.filter((metric) => samples * (tails[metric] ?? 1) >= 1);
}

function percentiles(report: Report, spec: CellSpec): Part {
  const results = ranked(resultsOf(report, cellId(spec)), "latencyNsP99").filter(
    (r) => r.metrics.latencyNsP50 !== undefined,
  );
  if (results.length === 0) return null;
  const shown = percentilesOfRounds(results);
  const rows = results.map((r) => [atItsRate(r), ...shown.map((metric) => figure(r, metric))]);
  return [
    table(["", ...shown.map(shortLabel)], `l${"r".repeat(shown.length)}`, rows),
    roundsNote(report, results),
    generatorStalls(results),
  ];
}

function cell(report: Report, spec: CellSpec, charts: readonly ChartRef[], open: boolean): Part {
  const rows = percentiles(report, spec);
  if (rows === null) return null;
  const chart = charts.find((c) => c.kind === "latency" && c.cell === cellId(spec));
  const drawn = chart === undefined ? null : picture(chart);
  return open ? [paragraph(strong(cellTitle(spec))), drawn, rows] : folded(cellTitle(spec), drawn, rows);
}

/** Percentiles of the workloads of one kind of loop, sorted by p99; of each the first cell lies open, the others are folded. */
export function latency(report: Report, charts: readonly ChartRef[], open: boolean): Section[] {
  return workloadsOf(open).flatMap((workload) => {
    const words = wordsOf[workload].latency;
    if (words === null) return [];
    const cells = cellsOf(report, workload)
      .map((spec, i) => cell(report, spec, charts, i === 0))
      .filter((part) => part !== null);
    const part = cells.length === 0 ? null : section(words.section, paragraph(words.intro), ...cells);
    return part === null ? [] : [part];
  });
}
