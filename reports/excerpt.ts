import type { Report } from "../schemas/report.ts";
import type { ChartFile } from "./charts/file.ts";
import { headlineNote, leadChart } from "./markdown/answer.ts";
import { blocks, picture, text } from "./markdown/element.ts";
import { headlineTable } from "./markdown/headline.ts";
import { wholeAnswer } from "./wording.ts";

/**
 * The heart of a report, for a page that stands somewhere else: the answer, the headline tables and two charts, whose files
 * lie in `folder` (a relative path, without a slash at its end).
 */
export function renderExcerpt(report: Report, charts: readonly ChartFile[], folder: string): string {
  const lead = leadChart(charts);
  const throughput = charts.find((c) => c.kind === "throughput");
  const shown = (chart: ChartFile | undefined) =>
    chart === undefined ? null : picture(chart).replaceAll('"charts/', `"${folder}/charts/`);
  return blocks(
    `> ${text(wholeAnswer(report.decision))}`,
    headlineTable(report, true),
    shown(lead),
    headlineTable(report, false),
    headlineNote,
    shown(throughput),
  );
}
