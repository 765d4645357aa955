import type { ChartRef } from "../reports/charts/file.ts";
import { text } from "../reports/markdown/element.ts";
import { markdownOf } from "../reports/markdown/render.ts";
import { type Block, blocks, note, picture, table } from "../reports/sections/document.ts";
import {
  figureOf,
  headlineFigures,
  headOf,
  leadColumn,
  nameOf,
  rowOrder,
} from "../reports/sections/headline.ts";
import { slideCharts } from "../reports/slides/deck.ts";
import { wholeAnswer } from "../reports/wording.ts";
import { metricKinds } from "../schemas/metric.ts";
import type { Report } from "../schemas/report.ts";

const rowsMax = 5;

/**
 * The answer of a report for a page elsewhere, such as a README: the answer, the chart of what decides it, and a small table.
 * The charts are in `folder` (a relative path, without a slash at its end).
 */
export function renderExcerpt(report: Report, charts: readonly ChartRef[], folder: string): string {
  const { deciding } = slideCharts(report, charts);
  const shown = blocks(deciding === undefined ? null : picture(deciding), figures(report));
  const href = (id: string): string => `${folder}/details.md#${id}`;
  return `> ${text(wholeAnswer(report.decision))}\n\n${markdownOf(shown, href, `${folder}/charts`)}`;
}

/** The headline figures without their intervals: one column a metric, the first candidates of the report's own table. */
function figures(report: Report): Block[] {
  const all = headlineFigures(report);
  const lead = leadColumn(report, all);
  if (lead === undefined) return [];
  const columns = [...Map.groupBy(all, ({ metric }) => metric).values()].flatMap(([first]) => first ?? []);
  const ids = rowOrder(report, lead);
  const rows = ids
    .slice(0, rowsMax)
    .map((id) => [nameOf(report, id), ...columns.map((column) => figureOf(report, id, column))]);
  const rest =
    ids.length > rowsMax
      ? ` The first ${rowsMax} of ${ids.length} candidates, by ${metricKinds[lead.metric].label}.`
      : "";
  return blocks(
    table(["", ...columns.map((column) => headOf(report, column))], `l${"r".repeat(columns.length)}`, rows),
    note(
      `Medians over rounds; bold is a column's best. A difference counts only where the report shows it.${rest}`,
    ),
  );
}
