import type { MetricName } from "../../schemas/metric.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { CellResult } from "../../schemas/report.ts";
import type { WithheldRatio } from "../../stats/log-ratios.ts";
import { type MeasuredRatio, pairedRatio } from "../../stats/paired.ts";

type Rounds = readonly (number | null)[];

/** The result that speaks for a candidate in a cell; the A/A replicate's where the reference itself has none. */
export function resultFor(
  plan: Plan,
  results: readonly CellResult[],
  name: string,
  cell: string,
): CellResult | undefined {
  const of = (candidate: string) => results.find((r) => r.candidate === candidate && r.cell === cell);
  const values = of(name);
  if (values !== undefined || name !== plan.reference) return values;
  const replicate = plan.candidates.find((c) => c.replicateOf === name);
  return replicate === undefined ? undefined : of(replicate.name);
}

/**
 * One metric of a candidate by round. The reference was measured twice, so that its figure of a round is the mean of the logs of
 * both copies, and that of one copy where the other has none. Null where the candidate has no such metric.
 */
export function roundsOf(
  plan: Plan,
  results: readonly CellResult[],
  name: string,
  cell: string,
  metric: MetricName,
): Rounds | null {
  const of = (candidate: string | undefined) =>
    results.find((r) => r.candidate === candidate && r.cell === cell)?.metrics[metric]?.perRound;
  const values = of(name);
  const replicate =
    name === plan.reference ? of(plan.candidates.find((c) => c.replicateOf === name)?.name) : undefined;
  if (values === undefined || replicate === undefined) return values ?? replicate ?? null;
  return values.map((value, round) => {
    const again = replicate[round] ?? null;
    if (value === null || again === null) return value ?? again;
    // What has no logarithm is for the pairing to refuse.
    return Math.min(value, again) <= 0 ? Math.min(value, again) : Math.sqrt(value * again);
  });
}

/** a ÷ b over the rounds that both have; null where either side has no such metric. */
export function ratioOf(a: Rounds | null, b: Rounds | null): MeasuredRatio | WithheldRatio | null {
  return a === null || b === null ? null : pairedRatio(a, b);
}
