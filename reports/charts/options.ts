import { workloads } from "../../schemas/cell.ts";
import type { Report } from "../../schemas/report.ts";
import { cellsOf, workloadsOf } from "../view.ts";
import type { ChartSpec } from "./base.ts";
import { bookCharts } from "./books.ts";
import { capacityChart } from "./capacity.ts";
import { latencyChart } from "./latency.ts";
import { memoryChart } from "./memory.ts";
import { byPanels } from "./panels.ts";
import { ratioCharts } from "./ratios.ts";
import { scalabilityCharts } from "./scalability.ts";
import { soakCharts } from "./soak.ts";
import { throughputChart } from "./throughput.ts";

export type { ChartSpec } from "./base.ts";
export { dark, light, type Theme } from "./palette.ts";

/** The charts of reports at hand: several forms show the same. */
const known = new WeakMap<Report, readonly ChartSpec[]>();

/** Every chart that a report has figures for, in reading order. */
export function chartSpecs(report: Report): readonly ChartSpec[] {
  const specs = known.get(report) ?? specsOf(report);
  known.set(report, specs);
  return specs;
}

function specsOf(report: Report): ChartSpec[] {
  const cells = [...cellsOf(report, ...workloadsOf(true)), ...cellsOf(report, ...workloadsOf(false))];
  const panels = (spec: ChartSpec | null) => (spec === null ? null : byPanels(report, spec));
  return [
    ...cells.map((spec) => panels(latencyChart(report, spec))),
    ...scalabilityCharts(report).map(panels),
    ...cells.map((spec) => panels(capacityChart(report, spec))),
    ...cells.map((spec) => panels(memoryChart(report, spec))),
    ...bookCharts(report).map(panels),
    ...soakCharts(report).map(panels),
    ...workloads.map((workload) => throughputChart(report, workload)),
    ...ratioCharts(report),
  ].filter((chart) => chart !== null);
}
