import type { MetricName } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { CellResult, Decomposition } from "../../schemas/report.ts";
import { type DecompositionCell, decompose } from "../../stats/decomposition.ts";
import { limitOf } from "./lower-bound.ts";
import { resultFor, roundsOf } from "./ratio.ts";
import { withheldReason } from "./withheld.ts";

/**
 * Splits each headline difference between two candidates that share neither runtime nor framework into the runtime's and
 * the framework's factor, where a third candidate bridges the two.
 */
export function decompositionsOf(
  plan: Plan,
  results: readonly CellResult[],
  factor: number,
): Decomposition[] {
  return plan.cells.flatMap((cell) =>
    cell.headline.flatMap((metric) => splitCell(plan, results, cell, metric, factor)),
  );
}

function splitCell(
  plan: Plan,
  results: readonly CellResult[],
  cell: PlannedCell,
  metric: MetricName,
  factor: number,
): Decomposition[] {
  const placed = plan.candidates.flatMap((candidate): DecompositionCell[] => {
    const result = resultFor(plan, results, candidate.name, cell.id);
    const perRound = roundsOf(plan, results, candidate.name, cell.id, metric);
    if (candidate.replicateOf !== null || result === undefined || perRound === null) return [];
    // What no verdict may rest on is no corner of a split either, nor is a bound, whose true factor is not known.
    if ((withheldReason(metric, result) ?? limitOf(metric, result)) !== null) return [];
    const { runtime, framework } = candidate;
    return [{ candidate: candidate.name, runtime, framework, perRound }];
  });
  return placed.flatMap((a, i) =>
    placed.slice(i + 1).flatMap((b) => {
      if (a.runtime === b.runtime || a.framework === b.framework) return [];
      const split = decompose(a, b, placed, factor);
      if (split.status === "withheld") return [];
      const { status: _, ...figures } = split;
      return [
        {
          cell: cell.id,
          workload: cell.spec.workload,
          codec: cell.spec.codec,
          metric,
          a: a.candidate,
          b: b.candidate,
          ...figures,
          path: [...split.path],
        },
      ];
    }),
  );
}
