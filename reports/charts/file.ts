import type { Workload } from "../../schemas/cell.ts";

export type ChartKind = "latency" | "throughput" | "scalability" | "ratios";

/** One chart, drawn for both themes. Written as `charts/<name>-light.svg` and `charts/<name>-dark.svg`. */
export interface ChartFile {
  /** File name without theme and ending: lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly kind: ChartKind;
  /** Null for a chart over several workloads. */
  readonly workload: Workload | null;
  /** Cell it shows, or null for several. */
  readonly cell: string | null;
  readonly title: string;
  /** What the chart says, for who cannot see it. */
  readonly alt: string;
  readonly svgLight: string;
  readonly svgDark: string;
  /** What stands for it in a page that draws it itself: one block of HTML. */
  readonly place?: string;
}
