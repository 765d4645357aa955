import { headroomMin, type RateLimit, rateLimit } from "../schemas/lower-bound.ts";
import type { MetricName } from "../schemas/metric.ts";
import { formatHeadroom } from "./format.ts";

/** A rate that is a lower bound: what limited it, and the headroom that says so. */
export interface LowerBound {
  readonly limit: RateLimit;
  readonly headroom: number | null;
}

/** What makes a figure of a result a lower bound; null for a measurement. */
export function lowerBoundOf(
  metric: MetricName,
  { headroom }: { readonly headroom: number | null },
): LowerBound | null {
  const limit = rateLimit(metric, { headroom });
  return limit === null ? null : { limit, headroom };
}

/** Why a rate is a lower bound, as a clause. */
export function lowerBoundWords({ headroom }: LowerBound): string {
  return headroom === null
    ? "the generator's own ceiling was not measured"
    : `headroom ${formatHeadroom(headroom)}, below ${formatHeadroom(headroomMin)}: the generator may have been the limit`;
}
