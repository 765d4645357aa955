import { z } from "zod";
import { metricName } from "./metric.ts";

/** Whether a server comes through what the market's open brings; `not-known` where it was not measured, or not to an end. */
export const survival = z.enum(["yes", "no", "not-known"]);
export type Survival = z.infer<typeof survival>;

/**
 * What has to hold. `storm`: all who come back at once are served, and memory comes back when they leave. `bursts`: every message of
 * the presets of market data arrives once, in order. `slow-subscribers`: the declared policy is kept, and the others notice nothing.
 * `back-pressure`: a publisher of more than the server can take is held back, and nothing is lost. `books`: who was cut off has a right
 * order book again, and nothing stops on live sockets. `service-level`: some rate is served within the service level that was asked for.
 */
export const openCriteria = [
  "storm",
  "bursts",
  "slow-subscribers",
  "back-pressure",
  "books",
  "service-level",
] as const;
export const openCriterion = z.enum(openCriteria);
export type OpenCriterion = z.infer<typeof openCriterion>;

/** Why: the first that applies. */
export const openReasons = [
  "not-measured",
  "disturbed",
  "failed",
  "held",
  "not-observed",
  "not-served",
  "memory-grows",
  "messages-lost",
  "policy-deviates",
  "buffers",
  "books-wrong",
  "level-missed",
] as const;
export const openReason = z.enum(openReasons);
export type OpenReason = z.infer<typeof openReason>;

export const openFinding = z.strictObject({
  criterion: openCriterion,
  survives: survival,
  reason: openReason,
  /** Cell that it rests on, the worst of several; null where none was measured. */
  cell: z.string().nullable(),
  /** What it costs: medians of the cell's figures. */
  price: z.array(z.strictObject({ metric: metricName, value: z.number() })),
});
export type OpenFinding = z.infer<typeof openFinding>;

/** Each candidate's way through the market's open: `no` where one criterion fails, `yes` where every one holds. */
export const marketOpen = z.array(
  z.strictObject({ candidate: z.string(), survives: survival, findings: z.array(openFinding) }),
);
export type MarketOpen = z.infer<typeof marketOpen>;
