import type { Report } from "../../schemas/report.ts";
import type { ChartFile } from "../charts/file.ts";
import { answer } from "./answer.ts";
import { blocks, headed } from "./element.ts";
import { evidence } from "./evidence.ts";

/**
 * Text of report.md, which expects the charts as `charts/<name>-light.svg` and `-dark.svg` beside it. The answer
 * comes first and fits a screen; after it the evidence, what weakens it, and how to repeat it.
 */
export function renderMarkdown(report: Report, charts: readonly ChartFile[]): string {
  return `${blocks(answer(report, charts), ...evidence(report, charts).map(headed))}\n`;
}
