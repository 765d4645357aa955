import type { MetricName } from "./metric.ts";

/** Below this ratio of the generator's ceiling to a candidate's rate, the generator may have been the limit. */
export const headroomMin = 1.5;

/**
 * The rates that say how much a server can do. What an open loop delivers is what was offered, and what a message costs the
 * server is the server's limit: the generator limits neither.
 */
const capacities: ReadonlySet<MetricName> = new Set([
  "throughputHz",
  "throughputBytesHz",
  "connectionsHz",
  "capacityHz",
  "capacitySubscribers",
]);

/** Why a rate is no measurement of the server: the generator's ceiling is too near, or was not measured. */
export type RateLimit = "generator-limit" | "ceiling-unknown";

/** What makes a figure of a result a lower bound; null where the server limits it. `headroom` is ceiling ÷ rate. */
export function rateLimit(
  metric: MetricName,
  { headroom }: { readonly headroom: number | null },
): RateLimit | null {
  if (!capacities.has(metric)) return null;
  if (headroom === null) return "ceiling-unknown";
  return headroom < headroomMin ? "generator-limit" : null;
}

/** Whether a figure of a result reads "at least". */
export const isLowerBound = (metric: MetricName, result: { readonly headroom: number | null }): boolean =>
  rateLimit(metric, result) !== null;
