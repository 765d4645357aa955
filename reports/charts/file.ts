import type { Workload } from "../../schemas/cell.ts";

export type ChartKind =
  | "latency"
  | "throughput"
  | "scalability"
  | "memory"
  | "capacity"
  | "books"
  | "soak"
  | "ratios";

/** A chart as a form refers to it. */
export interface ChartRef {
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
}

/** One chart, drawn for both themes. Written as `charts/<name>-light.svg` and `charts/<name>-dark.svg`. */
export interface ChartFile extends ChartRef {
  readonly svgLight: string;
  readonly svgDark: string;
}
