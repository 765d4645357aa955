import { z } from "zod";
import { qualityCode } from "../../schemas/load.ts";
import { metricName } from "../../schemas/metric.ts";
import { prose } from "../../schemas/prose.ts";
import { trialPhase } from "../../schemas/trial-phase.ts";
import { warningCode } from "../../schemas/warning.ts";
import { progress, runId, runSummary } from "./run.ts";

/** `id` is the number of the event's line in the run's record, from 1: it stays what it is, whoever asks and when. */
const stamp = { id: z.int().positive(), at: z.iso.datetime() };
const place = { candidate: z.string(), cell: z.string(), round: z.int().nonnegative() };

/** What a page needs of an event of a run's record. */
export const liveEvent = z.discriminatedUnion("type", [
  z.strictObject({
    ...stamp,
    type: z.literal("run-started"),
    rounds: z.int(),
    candidates: z.array(z.string()),
    cells: z.array(z.strictObject({ id: z.string(), headline: z.array(metricName) })),
    expectedMs: z.number().nullable(),
  }),
  z.strictObject({ ...stamp, type: z.literal("run-resumed") }),
  z.strictObject({
    ...stamp,
    type: z.literal("server-started"),
    candidate: z.string(),
    round: z.int().nonnegative(),
    startupNs: z.number().nullable(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal("ceiling-measured"),
    cell: z.string(),
    round: z.int().nonnegative(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal("window-finished"),
    ...place,
    windowMs: z.number(),
    counted: z.boolean(),
    /** What speaks against it; null for a clean one. */
    doubt: qualityCode.nullable(),
    metrics: z.partialRecord(metricName, z.number()),
  }),
  z.strictObject({ ...stamp, type: z.literal("trial-finished"), ...place, missing: z.int().nonnegative() }),
  z.strictObject({
    ...stamp,
    type: z.literal("trial-failed"),
    candidate: z.string(),
    cell: z.string().nullable(),
    round: z.int().nonnegative(),
    phase: trialPhase,
    reason: prose,
  }),
  z.strictObject({
    ...stamp,
    type: z.literal("candidate-unavailable"),
    candidate: z.string(),
    reason: prose,
    nextStep: prose,
  }),
  z.strictObject({ ...stamp, type: z.literal("warning"), code: warningCode }),
  z.strictObject({
    ...stamp,
    type: z.literal("run-finished"),
    durationMs: z.number(),
    interrupted: z.boolean(),
  }),
]);
export type LiveEvent = z.infer<typeof liveEvent>;

/**
 * What `WS /api/v1/runs/:id/live?since=N` sends: the run at once and whenever its state changes; and the events after N, at most
 * one message a second, so that whoever watches does not disturb what is measured. After a broken connection a page asks again
 * with the id of the last event that it has. When the run is removed, that is reported last. `WS /api/v1/live` sends all but the events,
 * of every run, imported ones among them.
 */
export const liveMessage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("run"), run: runSummary }),
  z.strictObject({ kind: z.literal("events"), events: z.array(liveEvent), progress }),
  z.strictObject({ kind: z.literal("removed"), id: runId }),
]);
export type LiveMessage = z.infer<typeof liveMessage>;

export const liveQuery = z.strictObject({ since: z.coerce.number().int().min(0).default(0) });
