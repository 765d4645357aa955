import { type FactorEffect, type LoadFactor, loadFactors } from "../../schemas/factor.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import { type CellResult, type Comparison, readings } from "../../schemas/report.ts";
import { atLoad, loadOf } from "../plan/loads.ts";
import { type CellPair, effectsBetween } from "./cell-pairs.ts";
import type { Collected } from "./collect.ts";

/**
 * What each factor does to each declared figure of each candidate. Features of a server are declared pairs of the plan, so that
 * their comparisons are taken as they stand; levels of the load are two cells of one candidate, a separate family.
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
  const coresOf = (name: string) => candidates.find((c) => c.name === name)?.levels?.cores ?? 1;
  return candidates
    .filter(({ replicateOf }) => replicateOf === null)
    .flatMap(({ name, contrasts = [] }) =>
      contrasts.flatMap(({ factor, against }) =>
        comparisons
          .filter(({ a, b, declared }) => a === name && b === against && declared)
          .map(({ cell, workload, metric, rounds, ratio, ciLow, ciHigh, verdict }): FactorEffect => {
            const head = { factor, candidate: against, cell, workload, metric, rounds };
            const levels =
              factor === "cores"
                ? { from: coresOf(against), to: coresOf(name) }
                : ({ from: "off", to: "on" } as const);
            return { ...head, ...levels, ratio, low: ciLow, high: ciHigh, verdict: readings[verdict] };
          }),
      ),
    );
}

/** Two cells that differ in the level of one parameter of the load; the first level that was asked for is `from`. */
interface LoadPair extends CellPair {
  readonly factor: LoadFactor;
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

function loadsOf(
  plan: Plan,
  results: readonly CellResult[],
  factor: number,
  failures: Collected["failures"],
): FactorEffect[] {
  return effectsBetween(plan, results, loadPairs(plan), factor, failures).map(
    ({ pair, metric, candidate, ratio, verdict }): FactorEffect => {
      const { to, levels } = pair;
      const { workload } = to.spec;
      const figures =
        ratio.status === "withheld"
          ? { ratio: null, low: null, high: null }
          : { ratio: ratio.ratio, low: ratio.ciLow, high: ratio.ciHigh };
      return {
        ...{ factor: pair.factor, candidate, cell: to.id, workload, metric, ...levels },
        ...{ rounds: ratio.rounds, ...figures, verdict: readings[verdict] },
      };
    },
  );
}
