import { type FactorEffect, type LoadFactor, loadFactors } from "../../schemas/factor.ts";
import { type MetricName, metricFamilies, metricKinds } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { CellResult, Comparison } from "../../schemas/report.ts";
import { holm } from "../../stats/holm.ts";
import { type PairedRatio, pairedRatio, widened } from "../../stats/paired.ts";
import { decideVerdict } from "../../stats/verdict.ts";
import { atLoad, loadOf } from "../plan/loads.ts";
import type { Collected } from "./collect.ts";
import { heldByLimits, limitOf } from "./lower-bound.ts";
import { resultFor, roundsOf } from "./ratio.ts";
import { failureOf, withheldReason } from "./withheld.ts";

/** How `a` reads beside `b`. */
const readings = {
  "a-better": "better",
  "b-better": "worse",
  equal: "equal",
  undecided: "undecided",
  withheld: "withheld",
} as const satisfies Record<Comparison["verdict"], FactorEffect["verdict"]>;

/**
 * What each factor does to each declared figure of each candidate. Features of a server are declared pairs of the plan, so that
 * their comparisons are taken as they stand; levels of the load are two cells of one candidate, a family of their own.
 */
export function factorsOf(
  plan: Plan,
  results: readonly CellResult[],
  comparisons: readonly Comparison[],
  factor: number,
  failures: Collected["failures"],
): FactorEffect[] {
  return [...featuresOf(plan, comparisons), ...loadsOf(plan, results, factor, failures)];
}

function featuresOf({ candidates }: Plan, comparisons: readonly Comparison[]): FactorEffect[] {
  return candidates
    .filter(({ twinOf }) => twinOf === null)
    .flatMap(({ name, contrasts = [] }) =>
      contrasts.flatMap(({ factor, against }) =>
        comparisons
          .filter(({ a, b, declared }) => a === name && b === against && declared)
          .map(({ cell, workload, metric, rounds, ratio, ciLow, ciHigh, verdict }): FactorEffect => {
            const head = { factor, candidate: against, cell, workload, metric, rounds };
            const levels = { from: "off", to: "on" } as const;
            return { ...head, ...levels, ratio, low: ciLow, high: ciHigh, verdict: readings[verdict] };
          }),
      ),
    );
}

/** Two cells that differ in the level of one parameter of the load; the first level that was asked for is `from`. */
interface LoadPair {
  readonly factor: LoadFactor;
  readonly from: PlannedCell;
  readonly to: PlannedCell;
  readonly levels: { readonly from: number; readonly to: number };
}

function loadPairs({ cells }: Plan): LoadPair[] {
  return loadFactors.flatMap((factor) => {
    const bare = ({ spec }: PlannedCell) => JSON.stringify(atLoad(spec, factor, 0));
    const groups = Map.groupBy(
      cells.filter(({ spec }) => loadOf(spec, factor) !== null),
      bare,
    );
    return [...groups.values()].flatMap(([from, ...others]) =>
      others.flatMap((to): LoadPair[] => {
        if (from === undefined) return [];
        const [low, high] = [loadOf(from.spec, factor), loadOf(to.spec, factor)];
        return low === null || high === null ? [] : [{ factor, from, to, levels: { from: low, to: high } }];
      }),
    );
  });
}

interface Measured {
  readonly pair: LoadPair;
  readonly metric: MetricName;
  readonly candidate: string;
  readonly of: { readonly from: CellResult; readonly to: CellResult };
  readonly ratio: PairedRatio;
}

function loadsOf(
  plan: Plan,
  results: readonly CellResult[],
  factor: number,
  failures: Collected["failures"],
): FactorEffect[] {
  const measured = loadPairs(plan).flatMap((pair) =>
    pair.from.headline
      .filter((metric) => pair.to.headline.includes(metric))
      .flatMap((metric) =>
        plan.candidates
          .filter(({ twinOf }) => twinOf === null)
          .flatMap(({ name }): Measured[] => {
            const [from, to] = [pair.from, pair.to].map(({ id }) => resultFor(plan, results, name, id));
            const [before, after] = [pair.from, pair.to].map(({ id }) =>
              roundsOf(plan, results, name, id, metric),
            );
            if (from === undefined || to === undefined || before == null || after == null) return [];
            const ratio = pairedRatio(after, before);
            const calibrated = ratio.status === "measured" ? widened(ratio, factor) : ratio;
            return [{ pair, metric, candidate: name, of: { from, to }, ratio: calibrated }];
          }),
      ),
  );
  const corrected = metricFamilies.map((family) => {
    const ps = measured.map(({ metric, ratio }) =>
      metricKinds[metric].family === family && ratio.status === "measured" ? ratio.p : null,
    );
    return holm(ps, ps.filter((p) => p !== null).length);
  });
  return measured.map((one, i) =>
    loadEffect(plan, one, corrected.find((ps) => ps[i] != null)?.[i] ?? 1, failures),
  );
}

function loadEffect(
  plan: Plan,
  { pair, metric, candidate, of, ratio }: Measured,
  pHolm: number,
  failures: Collected["failures"],
): FactorEffect {
  const { factor, to, levels } = pair;
  const { workload } = to.spec;
  const head = { factor, candidate, cell: to.id, workload, metric, ...levels, rounds: ratio.rounds };
  const withheld = { ...head, ratio: null, low: null, high: null, verdict: "withheld" } as const;
  if (ratio.status === "withheld") return withheld;
  const { family, better } = metricKinds[metric];
  const mayNot = [of.from, of.to].some(
    (side) => failureOf(failures, side) !== null || withheldReason(metric, side) !== null,
  );
  const { verdict } = heldByLimits(
    decideVerdict(ratio.log, { pHolm, better, ...plan.margins[family] }),
    ratio,
    { a: limitOf(metric, of.to), b: limitOf(metric, of.from) },
  );
  const figures = { ratio: ratio.ratio, low: ratio.ciLow, high: ratio.ciHigh };
  return { ...head, ...figures, verdict: mayNot ? "withheld" : readings[verdict] };
}
