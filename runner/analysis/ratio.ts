import type { MetricName } from "../../schemas/metric.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { CellResult } from "../../schemas/report.ts";
import type { WithheldRatio } from "../../stats/log-ratios.ts";
import { pairedRatio } from "../../stats/paired.ts";
import { type SequentialLook, sequentialRatio } from "../../stats/sequential.ts";

/** a ÷ b over the rounds of a run, by the statistics that the run's design allows. */
export interface Ratio {
  readonly status: "measured";
  readonly rounds: number;
  readonly ratio: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly p: number;
  /** Hodges–Lehmann's estimate with its interval; the ends are null where the rounds or the design allow none. */
  readonly robustRatio: number;
  readonly robustCiLow: number | null;
  readonly robustCiHigh: number | null;
  /** Standard deviation of the log ratios. */
  readonly logSd: number;
  /** How the interval shrank, from the first look with a bound; empty for a fixed number of rounds. */
  readonly looks: readonly SequentialLook[];
}

/** The ratio of one metric of two results; null where either has none. */
export function ratioOf(
  plan: Pick<Plan, "adaptive">,
  a: CellResult,
  b: CellResult,
  metric: MetricName,
): Ratio | WithheldRatio | null {
  const x = a.metrics[metric]?.perRound;
  const y = b.metrics[metric]?.perRound;
  if (x === undefined || y === undefined) return null;
  const fixed = pairedRatio(x, y);
  if (fixed.status === "withheld") return fixed;
  const { rounds, ratio, ciLow, ciHigh, p, logSd } = fixed;
  const { hodgesLehmann: robust } = fixed;
  const common = { status: "measured", robustRatio: robust.ratio, logSd } as const;
  if (!plan.adaptive) {
    const robustCi = { robustCiLow: robust.ciLow, robustCiHigh: robust.ciHigh };
    return { ...common, ...robustCi, rounds, ratio, ciLow, ciHigh, p, looks: [] };
  }
  // A run that stopped when it liked may only use what holds at every look.
  const sequential = sequentialRatio(x, y);
  if (sequential.status === "withheld") return sequential;
  const looks = sequential.looks.filter((look) => look.ciLow > 0 && Number.isFinite(look.ciHigh));
  if (looks.at(-1)?.rounds !== sequential.rounds) {
    const why = `an interval that holds at every look needs more than the ${sequential.rounds} rounds there are`;
    const { droppedRounds } = sequential;
    return { status: "withheld", code: "too-few-rounds", why, rounds: sequential.rounds, droppedRounds };
  }
  return {
    ...common,
    robustCiLow: null,
    robustCiHigh: null,
    rounds: sequential.rounds,
    ratio,
    ciLow: sequential.ciLow,
    ciHigh: sequential.ciHigh,
    p: sequential.p,
    looks,
  };
}
