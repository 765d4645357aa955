import type { Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import { renderCharts } from "../charts/svg.ts";
import type { ReportFile } from "../file.ts";
import { furtherCharts, headlineCharts, why } from "../sections/answer.ts";
import { blocks, type Inline, joined, link, paragraph, picture, type Section } from "../sections/document.ts";
import { evidence } from "../sections/evidence.ts";
import { factorLines } from "../sections/factors.ts";
import { warningsOnAnswer } from "../sections/findings.ts";
import { headlineTable } from "../sections/headline.ts";
import { marketOpen } from "../sections/market-open.ts";
import { keyFacts, opening } from "../sections/overview.ts";
import { repeat } from "../sections/repeat.ts";
import { markdownOf, sectionText } from "./render.ts";

export const detailsFile = "details.md";
const title = "Which server for this market data?";

/** What stands behind the answer. */
export const behind = (report: Report, charts: readonly ChartRef[]): Section[] =>
  [why(report), ...evidence(report, furtherCharts(report, charts))].filter((part) => part !== null);

/**
 * Text of report.md, which expects the charts as `charts/<name>-light.svg` and `-dark.svg` beside it: the answer, one table,
 * a chart a headline, how sure it is and what would change it. Everything else is in details.md beside it.
 */
export function renderMarkdown(
  report: Report,
  charts: readonly ChartRef[],
  sections: readonly Section[] = behind(report, charts),
): string {
  const href = (id: string): string => `${detailsFile}#${id}`;
  const again = repeat(report);
  const touching = warningsOnAnswer(report);
  const survival = marketOpen(report);
  const features = factorLines(report);
  const names = sections.map(({ id, name }): Inline => link(id, name));
  return `${[
    `# ${title}`,
    markdownOf(
      blocks(
        opening(report),
        headlineTable(report),
        headlineCharts(report, charts).map(picture),
        keyFacts(report).map(paragraph),
      ),
      href,
    ),
    ...(survival === null ? [] : [sectionText(survival, href)]),
    ...(features === null ? [] : [sectionText(features, href)]),
    ...(touching === null ? [] : [sectionText(touching, href)]),
    ...(again === null ? [] : [sectionText(again, href)]),
    "## Everything else",
    markdownOf([paragraph(joined(names, " · "))], href),
  ].join("\n\n")}\n`;
}

/** Text of details.md: the reasons, every table and chart that report.md has no room for, and what weakens them. */
export function renderDetails(
  report: Report,
  charts: readonly ChartRef[],
  sections: readonly Section[] = behind(report, charts),
): string {
  const href = (id: string): string => `#${id}`;
  return `${[
    "# Details",
    `Behind [the answer](report.md) of run ${report.run.id}.`,
    ...sections.map((part) => sectionText(part, href)),
  ].join("\n\n")}\n`;
}

/** report.md and details.md with the charts that they show. */
export function markdownFiles(report: Report): ReportFile[] {
  const charts = renderCharts(report);
  const svgs = charts.flatMap(({ name, svgLight, svgDark }) => [
    { path: `charts/${name}-light.svg`, content: svgLight },
    { path: `charts/${name}-dark.svg`, content: svgDark },
  ]);
  const sections = behind(report, charts);
  return [
    { path: "report.md", content: renderMarkdown(report, charts, sections) },
    { path: detailsFile, content: renderDetails(report, charts, sections) },
    ...svgs,
  ];
}
