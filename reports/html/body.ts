import type { Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import { furtherCharts, headlineCharts, reasons } from "../sections/answer.ts";
import { costTables } from "../sections/decision.ts";
import { picture, type Section, section } from "../sections/document.ts";
import { evidence, type PageCharts } from "../sections/evidence.ts";
import { headlineTable } from "../sections/headline.ts";
import { marketOpen } from "../sections/market-open.ts";
import { repeat } from "../sections/repeat.ts";

/**
 * The sections below the decision: those of report.md and details.md. What would change the answer is left to the panel of
 * the policy, which tells it anew; two charts that only the page has join them.
 */
export const bodySections = (report: Report, charts: readonly ChartRef[], page: PageCharts): Section[] =>
  [
    section("Headline figures", headlineTable(report), headlineCharts(report, charts).map(picture)),
    marketOpen(report),
    section("Why", reasons(report), costTables(report)),
    ...evidence(report, furtherCharts(report, charts), page),
    repeat(report),
  ].filter((part) => part !== null);
