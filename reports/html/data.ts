import type { EChartsOption } from "echarts";
import type { Policy } from "../../schemas/policy.ts";
import type { Report } from "../../schemas/report.ts";
import type { ChartKind } from "../charts/file.ts";

/** A chart as the page gets it: the options of the SVGs. */
export interface PageChart {
  readonly kind: ChartKind | "time" | "resources";
  readonly height: number;
  /** Series of a single plot, which a narrow page names in a legend; null for a chart of several. */
  readonly lines: number | null;
  /** In the colours of `anyTheme`. */
  readonly option: EChartsOption;
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
