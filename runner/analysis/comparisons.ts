import type { MetricName } from "../../schemas/metric.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { CellResult, Comparison } from "../../schemas/report.ts";
import { detectableEffectPct } from "../../stats/detectable.ts";
import { holm } from "../../stats/holm.ts";
import type { PairedRatio } from "../../stats/paired.ts";
import { decideVerdict } from "../../stats/verdict.ts";
import { declaredPairs, familySizeOf, type PlannedPair } from "../plan/comparison-plan.ts";
import type { Collected } from "./collect.ts";
import { heldByLimits, limitOf } from "./lower-bound.ts";
import { comparedMetrics, type Noise } from "./noise.ts";
import { ratioOf } from "./ratio.ts";
import { failedReason, objectionTo, voidedReason } from "./withheld.ts";

interface Pair {
  readonly cell: PlannedCell;
  readonly metric: MetricName;
  readonly a: CellResult;
  readonly b: CellResult;
  readonly declared: boolean;
  readonly ratio: PairedRatio;
}

/**
 * Every pair of the plan. The declared family (headline metrics of headline cells) is fixed by the plan, corrected by
 * Holm and given verdicts; the rest is shown with its interval and none.
 */
export function comparisonsOf(
  plan: Plan,
  results: readonly CellResult[],
  noise: readonly Noise[],
  { series, failures }: Pick<Collected, "series" | "failures">,
): Comparison[] {
  const pairs = declaredPairs(plan).flatMap((pair) =>
    plan.cells.flatMap((cell) => pairsOf(results, pair, cell)),
  );
  const familySize = familySizeOf(plan);
  // Exploratory pairs are no members of the family, so that they neither get a p nor make the others' larger.
  const pHolm = holm(
    pairs.map(({ declared, ratio }) => (declared && ratio.status === "measured" ? ratio.p : null)),
    familySize,
  );
  const measured = pairs.map((pair, index) => {
    const floor = noise.find((n) => n.cell === pair.cell.id && n.metric === pair.metric)?.floorPct ?? null;
    const failed = failedReason(failures, pair.a) ?? failedReason(failures, pair.b);
    return comparisonOf(plan, pair, pHolm[index] ?? null, floor, familySize, failed);
  });
  return [...measured, ...voidedComparisons(plan, results, series)];
}

/** Declared comparisons that cannot be made, since every trial of a side was void: they are answered with the reason. */
function voidedComparisons(
  plan: Plan,
  results: readonly CellResult[],
  series: Collected["series"],
): Comparison[] {
  return declaredPairs(plan).flatMap(({ a, b }) =>
    plan.cells.flatMap((cell) => {
      const reasonOf = (name: string) => voidedReason(series, name, cell.id);
      const hasEvidence = (name: string) =>
        find(results, name, cell.id) !== undefined || reasonOf(name) !== null;
      const why = reasonOf(a) ?? reasonOf(b);
      if (why === null || !hasEvidence(a) || !hasEvidence(b)) return [];
      const head = headOf(cell, { a, b, rounds: 0, declared: true, floorPct: null });
      return cell.headline.map((metric): Comparison => ({ ...head, metric, ...noRatio, why }));
    }),
  );
}

const noRatio = {
  ratio: null,
  ciLow: null,
  ciHigh: null,
  robustRatio: null,
  robustCiLow: null,
  robustCiHigh: null,
  detectablePct: null,
  pHolm: null,
  verdict: "withheld",
} as const;

function headOf<T extends object>({ id, spec }: PlannedCell, rest: T) {
  return { cell: id, workload: spec.workload, codec: spec.codec, ...rest };
}

function pairsOf(results: readonly CellResult[], pair: PlannedPair, cell: PlannedCell): Pair[] {
  const a = find(results, pair.a, cell.id);
  const b = find(results, pair.b, cell.id);
  if (a === undefined || b === undefined) return [];
  return comparedMetrics(cell).flatMap((metric) => {
    const ratio = ratioOf(a, b, metric);
    return ratio === null ? [] : [{ cell, metric, a, b, declared: cell.headline.includes(metric), ratio }];
  });
}

function comparisonOf(
  plan: Plan,
  pair: Pair,
  pHolm: number | null,
  floorPct: number | null,
  familySize: number,
  failed: string | null,
): Comparison {
  const { cell, metric, a, b, declared, ratio } = pair;
  const names = { a: a.candidate, b: b.candidate };
  const head = headOf(cell, { metric, ...names, rounds: ratio.rounds, declared, floorPct });
  if (ratio.status === "withheld") return { ...head, ...noRatio, why: ratio.why };
  const thresholdPct = plan.threshold * 100;
  const judged = decideVerdict({
    ratio: ratio.ratio,
    ciLow: ratio.ciLow,
    ciHigh: ratio.ciHigh,
    pHolm,
    floorPct,
    thresholdPct,
    better: metricKinds[metric].better,
    withhold: failed ?? objectionTo(metric, a) ?? objectionTo(metric, b),
  });
  return {
    ...head,
    ratio: ratio.ratio,
    ciLow: ratio.ciLow,
    ciHigh: ratio.ciHigh,
    pHolm,
    robustRatio: ratio.hodgesLehmann.ratio,
    robustCiLow: ratio.hodgesLehmann.ciLow,
    robustCiHigh: ratio.hodgesLehmann.ciHigh,
    detectablePct: detectableEffectPct(ratio, {
      marginPct: Math.max(floorPct ?? 0, thresholdPct),
      familySize,
    }),
    ...heldByLimits(judged, ratio, { a: limitOf(metric, a), b: limitOf(metric, b) }),
  };
}

function find(results: readonly CellResult[], candidate: string, cell: string): CellResult | undefined {
  return results.find((r) => r.candidate === candidate && r.cell === cell);
}
