import type { Report } from "../../schemas/report.ts";
import { renderCharts } from "../charts/svg.ts";
import type { ReportFile } from "../file.ts";
import { behind, detailsFile, renderDetails, renderMarkdown } from "./markdown.ts";

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
