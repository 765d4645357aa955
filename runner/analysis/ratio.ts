import type { MetricName } from "../../schemas/metric.ts";
import type { CellResult } from "../../schemas/report.ts";
import { type PairedRatio, pairedRatio } from "../../stats/paired.ts";

/** a ÷ b of one metric of two results over the rounds that both have; null where either has none. */
export function ratioOf(a: CellResult, b: CellResult, metric: MetricName): PairedRatio | null {
  const x = a.metrics[metric]?.perRound;
  const y = b.metrics[metric]?.perRound;
  return x === undefined || y === undefined ? null : pairedRatio(x, y);
}
