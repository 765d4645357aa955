import type { Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import { decisiveFirst, shownReversals } from "../decision/labels.ts";
import { isOpenLoop } from "../view.ts";
import { costTables, sensitivity } from "./decision.ts";
import { folded, list, type Part, paragraph, type Section, section, strong } from "./document.ts";
import { headlineFigures } from "./headline.ts";

/** The chart of the first screen: latency of the feed, or the nearest thing to it. */
export function leadChart<T extends ChartRef>(charts: readonly T[]): T | undefined {
  const open = charts.filter((c) => c.workload !== null && isOpenLoop(c.workload));
  // What a soak shows is compared by nothing, and never stands first.
  return open.find((c) => c.kind === "latency") ?? open[0] ?? charts.find((c) => c.kind !== "soak");
}

/** One chart a headline: latency at the feed's rate, and throughput at saturation in the workload that the headline table reports on. */
export function headlineCharts<T extends ChartRef>(report: Report, charts: readonly T[]): T[] {
  const rates = charts.filter((c) => c.kind === "throughput");
  const workload = headlineFigures(report).find((c) => c.metric === "throughputHz")?.spec.workload;
  const rate = rates.find((c) => c.workload === workload) ?? rates[0];
  return [...new Set([leadChart(charts), rate].filter((c) => c !== undefined))];
}

/** The other charts. */
export function furtherCharts<T extends ChartRef>(report: Report, charts: readonly T[]): T[] {
  const shown = headlineCharts(report, charts);
  return charts.filter((c) => !shown.includes(c));
}

/** The reasons in figures. */
export const reasons = ({ decision: { because, policy } }: Report): Part =>
  because.length === 0 ? null : [paragraph(`Under the ${policy} policy:`), list(because)];

/** The reasons, and everything that would change the answer; beyond the first few changes they are folded. */
export function why(report: Report): Section | null {
  const changes = decisiveFirst(report.decision.reversals).map((r) => r.text);
  const rest = changes.slice(shownReversals);
  return section(
    "Why",
    reasons(report),
    changes.length === 0
      ? null
      : [
          paragraph(strong("What would change the answer")),
          list(changes.slice(0, shownReversals)),
          folded(`${rest.length} more`, list(rest)),
        ],
    sensitivity(report),
    costTables(report),
  );
}
