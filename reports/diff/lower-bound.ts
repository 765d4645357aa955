import type { MetricName } from "../../schemas/metric.ts";
import type { CellResult } from "../../schemas/report.ts";
import { formatMetric } from "../format.ts";
import { headroomMin, headroomText, isLowerBound } from "../view.ts";

/** Figures that the generator can hold down. What a message costs the server it cannot. */
const limitable: ReadonlySet<MetricName> = new Set(["throughputHz", "throughputBytesHz"]);

/**
 * Why a figure is a lower bound, so that it cannot be shown to be too low; null where it is a measurement. A rate whose
 * ceiling was never measured is one too, since the generator may have been the limit.
 */
export function boundReason(metric: MetricName, result: CellResult): string | null {
  if (!limitable.has(metric)) return null;
  const { headroom } = result;
  if (headroom === null) return "the generator's own ceiling was not measured";
  if (!isLowerBound(result)) return null;
  return `headroom ${headroomText(headroom)}, below ${headroomMin}: the generator may have been the limit`;
}

/** `801 k/s`, or `at least 801 k/s` where it is a lower bound. */
export function boundedValue(metric: MetricName, value: number, isBound: boolean): string {
  return `${isBound ? "at least " : ""}${formatMetric(metric, value)}`;
}
