import type { Report } from "../../schemas/report.ts";
import { cellsOf } from "../view.ts";
import type { ChartSpec } from "./base.ts";
import { latencyChart } from "./latency.ts";
import { byPanels } from "./panels.ts";
import { ratioCharts } from "./ratios.ts";
import { scalabilityCharts } from "./scalability.ts";
import { throughputChart } from "./throughput.ts";

export type { ChartSpec } from "./base.ts";
export { dark, light, type Theme } from "./palette.ts";

/** Every chart that a report has figures for, in reading order. */
export function chartSpecs(report: Report): ChartSpec[] {
  const latency = [...cellsOf(report, "feed"), ...cellsOf(report, "echo")].map((spec) =>
    latencyChart(report, spec),
  );
  const panels = (spec: ChartSpec | null) => (spec === null ? null : byPanels(report, spec));
  return [
    ...latency.map(panels),
    ...scalabilityCharts(report).map(panels),
    throughputChart(report, "echo"),
    throughputChart(report, "push"),
    ...ratioCharts(report),
  ].filter((chart) => chart !== null);
}
