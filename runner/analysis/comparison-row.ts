import { metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { Comparison } from "../../schemas/report.ts";

/** Of a comparison that has no ratio, or is not judged by one. */
export const noRatio = {
  ratio: null,
  ciLow: null,
  ciHigh: null,
  df: null,
  robustRatio: null,
  robustCiLow: null,
  robustCiHigh: null,
  detectablePct: null,
  equalWithinPct: null,
  minutesToDecide: null,
  spread: null,
} as const;

/** Outside the declared families there is no verdict. */
export const exploratory = {
  code: "exploratory",
  why: "exploratory: not declared before the run",
} as const;

/** What a comparison is of, before it is judged. */
export function headOf(
  plan: Plan,
  {
    a,
    b,
    cell,
    metric,
    declared,
  }: Pick<Comparison, "a" | "b" | "metric" | "declared"> & { readonly cell: PlannedCell },
  rounds: number,
) {
  const { thresholdPct, equalPct } = plan.margins[metricKinds[metric].family];
  const { workload, codec } = cell.spec;
  const margins = { marginPct: thresholdPct, equalMarginPct: equalPct };
  return { cell: cell.id, workload, codec, metric, a, b, rounds, declared, ...margins };
}
