import { type CellSpec, cellId } from "../../schemas/cell.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import type { ChartFile } from "../charts/file.ts";
import { formatNs } from "../format.ts";
import { cellsOf, cellTitle, latencyPercentiles, ranked, resultsOf } from "../view.ts";
import { leadChart } from "./answer.ts";
import { blocks, folded, picture, type Section, section, table } from "./element.ts";
import { atItsRate, figure, roundsNote } from "./figure.ts";

const shortLabel = (metric: MetricName): string => metricKinds[metric].label.replace("latency ", "");

/** The generator's own lateness and stalls, beside every tail that they could have made. */
function ownStalls(results: readonly CellResult[]): string | null {
  const worst = (read: (r: CellResult) => number | null) => {
    const known = results.map(read).filter((ns) => ns !== null);
    return known.length === 0 ? null : formatNs(Math.max(...known));
  };
  const lateness = worst((r) => r.generator.latenessNsP99);
  const hiccup = worst((r) => r.generator.hiccupNsMax);
  const wait = worst((r) => r.generator.waitNs);
  const parts = [
    lateness === null ? null : `generator's lateness p99 ${lateness}`,
    hiccup === null ? null : `longest stall of its loop ${hiccup}`,
    wait === null ? null : `its wait for the core in a window ${wait}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : `<sub>The machine's own share, worst case: ${parts.join(", ")}.</sub>`;
}

/** Share of samples beyond each percentile; beyond less than one sample lies nothing but the maximum under another name. */
const tails: Partial<Record<MetricName, number>> = { latencyNsP999: 1e-3, latencyNsP9999: 1e-4 };

/** The percentiles that the rounds of some result have a sample beyond. */
function percentilesOfRounds(results: readonly CellResult[]): (typeof latencyPercentiles)[number][] {
  const samples = Math.max(...results.map((r) => r.ledger.due / Math.max(r.rounds, 1)));
  return latencyPercentiles.filter((metric) => samples * (tails[metric] ?? 1) >= 1);
}

function percentiles(report: Report, spec: CellSpec): string | null {
  const results = ranked(resultsOf(report, cellId(spec)), "latencyNsP99").filter(
    (r) => r.metrics.latencyNsP50 !== undefined,
  );
  if (results.length === 0) return null;
  const shown = percentilesOfRounds(results);
  const rows = results.map((r) => [atItsRate(r), ...shown.map((metric) => figure(r, metric))]);
  return blocks(
    table(["", ...shown.map(shortLabel)], `l${"r".repeat(shown.length)}`, rows),
    roundsNote(report, results),
    ownStalls(results),
  );
}

function cell(report: Report, spec: CellSpec, charts: readonly ChartFile[], open: boolean): string | null {
  const rows = percentiles(report, spec);
  if (rows === null) return null;
  const chart = charts.find((c) => c.kind === "latency" && c.cell === cellId(spec));
  const drawn = chart === undefined || chart === leadChart(charts) ? null : picture(chart);
  return open ? blocks(`**${cellTitle(spec)}**`, drawn, rows) : folded(cellTitle(spec), blocks(drawn, rows));
}

/** Percentiles of one workload, sorted by p99; its first cell lies open, the others are folded. */
function percentilesOf(workload: "feed" | "echo", heading: readonly [string, string], what: string) {
  return (report: Report, charts: readonly ChartFile[]): Section | null => {
    const cells = cellsOf(report, workload)
      .map((spec, i) => cell(report, spec, charts, i === 0))
      .filter((part) => part !== null);
    return cells.length === 0 ? null : section(heading, what, ...cells);
  };
}

export const feedLatency = percentilesOf(
  "feed",
  ["Latency of the feed", " (open loop)"],
  "From the time a message was due to its receipt by a subscriber, at the same offered rate for every candidate. The rate below each name is deliveries per second. Tables and curves give the median of the rounds, with its 95 % interval.",
);

export const echoLatency = percentilesOf(
  "echo",
  ["Round trips", " (closed loop)"],
  "The next message waits for a reply, so each candidate sets its own rate: that of round trips, below each name. Read these with the throughput, not against the feed's latencies.",
);
