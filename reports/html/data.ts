import type { EChartsOption } from "echarts";
import type { Policy } from "../../schemas/policy.ts";
import type { Report } from "../../schemas/report.ts";
import type { ChartKind } from "../charts/file.ts";

/** A chart as the page gets it: the options of the SVGs, for either theme. */
export interface PageChart {
  readonly kind: ChartKind | "time" | "resources";
  readonly height: number;
  readonly light: EChartsOption;
  readonly dark: EChartsOption;
}

/** What the page's program reads out of the page: the report without its histograms, and the charts by name. */
export interface PageData {
  readonly report: Report;
  readonly policy: Policy;
  readonly policies: readonly Policy[];
  readonly charts: Readonly<Record<string, PageChart>>;
}

/** Id of the element that holds it. */
export const pageDataId = "report-data";
