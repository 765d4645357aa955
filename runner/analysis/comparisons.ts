import type { MetricName } from "../../schemas/metric.ts";
import { metricFamilies, metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { CellResult, Comparison } from "../../schemas/report.ts";
import { detectableEffectPct } from "../../stats/detectable.ts";
import { holm } from "../../stats/holm.ts";
import { moderate } from "../../stats/moderation.ts";
import { roundsToDecide } from "../../stats/needed.ts";
import { type MeasuredRatio, type PairedRatio, restated, widened } from "../../stats/paired.ts";
import { decideVerdict, equalWithinPct } from "../../stats/verdict.ts";
import { declaredPairs, familySizeOf, type PlannedPair } from "../plan/comparison-plan.ts";
import type { Collected } from "./collect.ts";
import { exploratory, headOf, noRatio } from "./comparison-row.ts";
import { type Answer, heldByLimits, limitOf } from "./lower-bound.ts";
import { comparedMetrics } from "./noise.ts";
import { ratioOf, resultFor, roundsOf } from "./ratio.ts";
import { spreadOf } from "./spread.ts";
import { stallComparisons } from "./stalls.ts";
import { failureOf, voidedReason, withheldReason } from "./withheld.ts";

interface Pair extends PlannedPair {
  readonly cell: PlannedCell;
  readonly metric: MetricName;
  /** The results that speak for both sides. */
  readonly results: { readonly a: CellResult; readonly b: CellResult };
  readonly declared: boolean;
  readonly ratio: PairedRatio;
  /** Of a round's log ratio, by its own rounds and before calibration. */
  readonly variance: number;
}

/**
 * Every pair of the plan. The declared families (headline metrics of headline cells, by the kind of metric) are fixed by the
 * plan; their errors lend each other strength, and they are corrected by Holm each on its own and given verdicts. The rest is shown
 * with its own interval and none. `factor` is what the A/A replicate widens every interval by, `durationMs` what the run took.
 */
export function comparisonsOf(
  plan: Plan,
  results: readonly CellResult[],
  { factor, durationMs }: { readonly factor: number; readonly durationMs: number },
  { series, failures }: Pick<Collected, "series" | "failures">,
): Comparison[] {
  const measuredPairs = declaredPairs(plan).flatMap((pair) =>
    plan.cells.flatMap((cell) => pairsOf(plan, results, pair, cell)),
  );
  const pairs = moderatedByFamily(measuredPairs).map((pair) =>
    pair.ratio.status === "measured" ? { ...pair, ratio: widened(pair.ratio, factor) } : pair,
  );
  const pHolm = holmByFamily(plan, pairs);
  const measured = pairs.map((pair, index) =>
    comparisonOf(plan, pair, pHolm[index] ?? null, { series, failures }, durationMs),
  );
  return [
    ...measured,
    ...stallComparisons(plan, results, { series, failures }),
    ...voidedComparisons(plan, results, series),
  ];
}

/**
 * The declared pairs with the errors of their family (see `moderate`), each family on its own. Pairs of one figure in one cell
 * against one reference are a group; figures and cells differ in noise by more than candidates do.
 */
function moderatedByFamily(pairs: readonly Pair[]): readonly Pair[] {
  const judged = new Map<Pair, Pair>();
  for (const family of metricFamilies) {
    const members = pairs.flatMap((pair) => {
      const { declared, metric, ratio, cell, b } = pair;
      if (!declared || metricKinds[metric].family !== family || ratio.status === "withheld") return [];
      return [{ pair, ratio, group: `${cell.id}\n${metric}\n${b}`, logs: ratio.byRound }];
    });
    const { estimates } = moderate(members);
    for (const [i, { pair, ratio }] of members.entries()) {
      const log = estimates[i];
      if (log !== undefined) judged.set(pair, { ...pair, ratio: restated(ratio, log) });
    }
  }
  return pairs.map((pair) => judged.get(pair) ?? pair);
}

/** Exploratory pairs are no members of a family, so that they neither get a p nor make the others' larger. */
function holmByFamily(plan: Plan, pairs: readonly Pair[]): (number | null)[] {
  const adjusted = metricFamilies.map((family) =>
    holm(
      pairs.map(({ metric, declared, ratio }) =>
        declared && metricKinds[metric].family === family && ratio.status === "measured" ? ratio.p : null,
      ),
      familySizeOf(plan, family),
    ),
  );
  return pairs.map((_, i) => adjusted.find((ps) => ps[i] !== null)?.[i] ?? null);
}

/** Declared comparisons that cannot be made, since every trial of a side was void: they are answered with the reason. */
function voidedComparisons(
  plan: Plan,
  results: readonly CellResult[],
  series: Collected["series"],
): Comparison[] {
  return declaredPairs(plan).flatMap(({ a, b }) =>
    plan.cells.flatMap((cell) => {
      const reasonOf = (name: string) =>
        resultFor(plan, results, name, cell.id) === undefined ? voidedReason(series, name, cell.id) : null;
      const hasEvidence = (name: string) =>
        resultFor(plan, results, name, cell.id) !== undefined || reasonOf(name) !== null;
      const why = reasonOf(a) ?? reasonOf(b);
      if (why === null || !hasEvidence(a) || !hasEvidence(b)) return [];
      return cell.headline.map((metric): Comparison => {
        const head = headOf(plan, { a, b, cell, metric, declared: true }, 0);
        return { ...head, ...noRatio, pHolm: null, verdict: "withheld", code: "all-trials-void", why };
      });
    }),
  );
}

function pairsOf(
  plan: Plan,
  results: readonly CellResult[],
  { a, b }: PlannedPair,
  cell: PlannedCell,
): Pair[] {
  const [one, other] = [a, b].map((name) => resultFor(plan, results, name, cell.id));
  if (one === undefined || other === undefined) return [];
  return comparedMetrics(cell).flatMap((metric): Pair[] => {
    const rounds = (name: string) => roundsOf(plan, results, name, cell.id, metric);
    const ratio = ratioOf(rounds(a), rounds(b));
    if (ratio === null) return [];
    const declared = cell.headline.includes(metric);
    const variance = ratio.status === "measured" ? ratio.logSd ** 2 : 0;
    return [{ a, b, cell, metric, results: { a: one, b: other }, declared, ratio, variance }];
  });
}

function comparisonOf(
  plan: Plan,
  pair: Pair,
  pHolm: number | null,
  { series, failures }: Pick<Collected, "series" | "failures">,
  durationMs: number,
): Comparison {
  const { metric, declared, ratio } = pair;
  const head = headOf(plan, pair, ratio.rounds);
  if (ratio.status === "withheld") {
    const { code, why } = ratio;
    return { ...head, ...noRatio, pHolm: null, verdict: "withheld", code, why };
  }
  const { family } = metricKinds[metric];
  const familySize = familySizeOf(plan, family);
  const answer = answerOf(plan, pair, ratio, pHolm, failures);
  const isOpen = answer.verdict === "undecided";
  const needed = isOpen
    ? roundsToDecide(ratio.log, { ...plan.margins[family], familySize, rounds: ratio.rounds })
    : null;
  return {
    ...head,
    ...noRatio,
    ratio: ratio.ratio,
    ciLow: ratio.ciLow,
    ciHigh: ratio.ciHigh,
    df: ratio.log.df,
    pHolm: declared ? pHolm : null,
    robustRatio: ratio.hodgesLehmann.ratio,
    robustCiLow: ratio.hodgesLehmann.ciLow,
    robustCiHigh: ratio.hodgesLehmann.ciHigh,
    detectablePct: detectableEffectPct(ratio.log, { marginPct: head.marginPct, familySize }),
    equalWithinPct: equalWithinPct(ratio.log),
    minutesToDecide: needed === null || durationMs === 0 ? null : minutesOf(durationMs, needed, ratio.rounds),
    spread: isOpen
      ? spreadOf(plan, pair.cell, metric, series, { a: pair.a, b: pair.b, variance: pair.variance })
      : null,
    ...answer,
  };
}

/** What a run like this one would take to have so many rounds of a comparison. */
function minutesOf(durationMs: number, needed: number, had: number): number {
  return (durationMs / 60_000) * Math.max(1, needed / had);
}

/** What a ratio of two results answers: withheld where one of them may not be judged, else its verdict, held by what limits a rate. */
export function answerOf(
  plan: Plan,
  { metric, results: { a, b } }: Pick<Pair, "metric" | "results">,
  ratio: MeasuredRatio,
  pHolm: number | null,
  failures: Collected["failures"],
): Answer {
  const withheld =
    failureOf(failures, a) ??
    failureOf(failures, b) ??
    withheldReason(metric, a) ??
    withheldReason(metric, b);
  if (withheld !== null) return { verdict: "withheld", ...withheld };
  const { family, better } = metricKinds[metric];
  const answer: Answer =
    pHolm === null
      ? { verdict: "withheld", ...exploratory }
      : decideVerdict(ratio.log, { pHolm, better, ...plan.margins[family] });
  return heldByLimits(answer, ratio, { a: limitOf(metric, a), b: limitOf(metric, b) });
}
