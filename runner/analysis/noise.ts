import { formatRatio, formatRatioInterval } from "../../reports/format.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { CellResult, Report, RunWarning } from "../../schemas/report.ts";
import { holm } from "../../stats/holm.ts";
import { noiseFloor } from "../../stats/noise.ts";
import { familyAlpha } from "../../stats/verdict.ts";
import { ratioOf } from "./ratio.ts";

export type Noise = Report["noise"]["aa"][number];

/** Metrics compared in every cell that has them, beside the declared ones; shown without a verdict. */
const exploratoryMetrics: readonly MetricName[] = [
  "throughputHz",
  "latencyNsP50",
  "latencyNsP99",
  "lastLatencyNsP99",
  "cpuNsPerMessage",
  "rssBytesPeak",
];

/** What a cell's candidates are compared by, declared metrics first. */
export function comparedMetrics({ headline }: PlannedCell): MetricName[] {
  return [...new Set([...headline, ...exploratoryMetrics])];
}

/**
 * A/A separation of each headline metric of each headline cell.
 */
export function noiseOf(plan: Plan, results: readonly CellResult[]): Noise[] {
  return pairsOf(plan, results).flatMap(({ cell, metric, a, b }) => {
    const ratio = ratioOf(a, b, metric);
    if (ratio === null) return [];
    const measured = ratio.status === "measured" ? ratio : null;
    return {
      cell: cell.id,
      metric,
      ratio: measured?.ratio ?? null,
      ciLow: measured?.ciLow ?? null,
      ciHigh: measured?.ciHigh ?? null,
      floorPct: noiseFloor(ratio).floorPct,
    };
  });
}

/**
 * The A/A pairs that differ by more than chance. One in twenty has an interval without 1 by chance alone, so that Holm counts
 * all of them.
 */
export function aaWarnings(plan: Plan, results: readonly CellResult[]): RunWarning[] {
  const measured = pairsOf(plan, results).flatMap((pair) => {
    const ratio = ratioOf(pair.a, pair.b, pair.metric);
    return ratio?.status === "measured" ? [{ ...pair, ratio }] : [];
  });
  const pHolm = holm(measured.map(({ ratio }) => ratio.p));
  return measured.flatMap(({ cell, metric, a, ratio: { ratio, ciLow, ciHigh } }, i): RunWarning[] => {
    const p = pHolm[i] ?? 1;
    if (p > familyAlpha) return [];
    const cause = `${metricKinds[metric].label} of one program under two names: ${formatRatio(ratio)} (${formatRatioInterval(ciLow, ciHigh)}), p = ${p.toPrecision(2)} after Holm over ${measured.length} A/A pairs`;
    const nextStep =
      "the noise floor holds it, so that no verdict rests on less; repeat with another --seed, and look for what sets two starts of one server apart";
    return [{ code: "aa-pair-differs", cause, nextStep, cell: `${a.candidate} ${cell.id}` }];
  });
}

/** The reference and its twin on each metric of each cell that both have results of. */
function pairsOf(plan: Plan, results: readonly CellResult[]) {
  const twin = plan.candidates.find((c) => c.twinOf !== null);
  if (twin === undefined) return [];
  const find = (name: string | null, cell: PlannedCell) =>
    results.find((r) => r.candidate === name && r.cell === cell.id);
  return plan.cells.flatMap((cell) => {
    const [a, b] = [find(twin.name, cell), find(twin.twinOf, cell)];
    if (a === undefined || b === undefined) return [];
    return comparedMetrics(cell).map((metric) => ({ cell, metric, a, b }));
  });
}
