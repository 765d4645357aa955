import type { Workload } from "../../schemas/cell.ts";
import type { MetricName } from "../../schemas/metric.ts";

/**
 * How one figure stands to one gate.
 * - `pass`: the whole interval is on the right side, or at least does not reach the wrong one's limit.
 * - `unclear`: the interval holds the limit, so that neither can be said; a gate does not fail on it.
 * - `withheld`: the evidence does not carry a judgement, for the reason the text gives.
 * - `suspect`: the whole interval is on the wrong side; a repeat has to agree before it counts.
 * - `failed`: and the repeat agreed.
 * - `not-repeated`: and the repeat did not.
 */
export type Outcome = "pass" | "unclear" | "withheld" | "suspect" | "failed" | "not-repeated";

export interface Finding {
  readonly kind: "assertion" | "regression";
  /** The gate as it was asked for: `regression:5%`, or an assertion. */
  readonly gate: string;
  /** What was judged; all three null where a gate found nothing to judge. */
  readonly candidate: string | null;
  readonly cell: string | null;
  readonly metric: MetricName | null;
  readonly outcome: Outcome;
  /** What was found, in figures. */
  readonly text: string;
}

/** What is reported for a figure that a gate asks for and no trial gave. */
export const notMeasured = "no trial of it counts, so there is no figure to judge; see the run's warnings";

/** A candidate in a cell that the run set out to measure. */
export interface Planned {
  readonly candidate: string;
  readonly cell: string;
  readonly workload: Workload;
}

/** Names a finding's subject, so that a repeat's finding can be put beside it. */
export const subjectOf = ({ gate, candidate, cell, metric }: Finding): string =>
  JSON.stringify([gate, candidate, cell, metric]);
