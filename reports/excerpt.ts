import type { Report } from "../schemas/report.ts";
import type { ChartRef } from "./charts/file.ts";
import { text } from "./markdown/element.ts";
import { markdownOf } from "./markdown/render.ts";
import { headlineCharts } from "./sections/answer.ts";
import { blocks, picture } from "./sections/document.ts";
import { headlineTable } from "./sections/headline.ts";
import { wholeAnswer } from "./wording.ts";

/**
 * The heart of a report, for a page that stands somewhere else: the answer, the headline table and its charts, whose files
 * lie in `folder` (a relative path, without a slash at its end).
 */
export function renderExcerpt(report: Report, charts: readonly ChartRef[], folder: string): string {
  const shown = blocks(headlineTable(report), headlineCharts(report, charts).map(picture));
  const href = (id: string): string => `${folder}/details.md#${id}`;
  return `> ${text(wholeAnswer(report.decision))}\n\n${markdownOf(shown, href, `${folder}/charts`)}`;
}
