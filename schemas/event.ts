import { z } from "zod";
import { recordingFacts } from "./feed.ts";
import { failureCode, generatorFault, ledgerTotals, measurement, trialPhase } from "./load.ts";
import { plan } from "./plan.ts";
import { readyLine } from "./ready.ts";
import { hostFacts, runWarning } from "./report.ts";

/** What can speak against a measurement. */
export const doubtCodes = [
  "throttled",
  "memory-limit",
  "nothing-delivered",
  "generator-late",
  "generator-saturated",
  "foreign-cpu",
  "steal",
  "left-its-core",
] as const;

const at = z.iso.datetime();

/** What may speak against a whole visit: its CPU time is somebody else's, or nobody can say whose. */
export const visitDoubtCode = z.enum(["listener-moved", "left-its-core"]);
export type VisitDoubtCode = z.infer<typeof visitDoubtCode>;

/** One line of events.ndjson. Lines are appended as things happen, and never rewritten. */
export const runEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("run-started"),
    at,
    eventVersion: z.literal(1),
    runId: z.string(),
    argv: z.array(z.string()),
    toolVersion: z.string(),
    host: hostFacts,
    clockResolutionNs: z.number().positive(),
    plan,
  }),
  z.strictObject({
    type: z.literal("run-resumed"),
    at,
    /** On what it is gone on with; absent in records of older tools. */
    host: hostFacts.optional(),
    toolVersion: z.string().optional(),
    /** By candidate; null where a version is not told. */
    versions: z
      .record(
        z.string(),
        z.strictObject({ runtime: z.string().nullable(), framework: z.string().nullable() }),
      )
      .optional(),
  }),
  /** A capture as it was found before the run. */
  z.strictObject({ type: z.literal("feed-read"), at, recording: recordingFacts }),
  z.strictObject({
    type: z.literal("candidate-unavailable"),
    at,
    candidate: z.string(),
    reason: z.string(),
    nextStep: z.string(),
  }),
  z.strictObject({
    type: z.literal("server-started"),
    at,
    candidate: z.string(),
    round: z.int(),
    /** Null where it ran before the run did. */
    startupNs: z.number().nonnegative().nullable(),
    /** Set where `startupNs` is no more than a bound, and no figure: it was looked for too seldom. */
    startupBound: z.literal("at-most").optional(),
    /** Null where a server of the user's own prints none. */
    ready: readyLine.nullable(),
  }),
  z.strictObject({
    type: z.literal("ceiling-measured"),
    at,
    round: z.int(),
    cell: z.string(),
    /** Messages per second that the generator reached against the null server. */
    ceilingHz: z.number().positive(),
    /** CPU time that it spent on each of them, in ns; absent in records older than it, and for an open loop. */
    costNs: z.number().positive().optional(),
  }),
  z.strictObject({
    type: z.literal("generator-replaced"),
    at,
    round: z.int(),
    /** What a message cost the old worker at its end ÷ at its beginning, the median of its cells. */
    slowdown: z.number().positive(),
  }),
  z.strictObject({
    type: z.literal("trial-finished"),
    at,
    candidate: z.string(),
    cell: z.string(),
    round: z.int(),
    attempt: z.int().positive(),
    measurement,
    /** Why this measurement is not to be counted; null for one that is. */
    void: z.string().nullable(),
    /** What speaks against it, void or not; a counted measurement with a doubt is flagged in the report. */
    doubt: z
      .strictObject({
        code: z.enum(doubtCodes),
        reason: z.string(),
        fatal: z.boolean(),
      })
      .nullable(),
  }),
  z.strictObject({
    type: z.literal("trial-failed"),
    at,
    candidate: z.string(),
    /** Null when the server failed before any cell began. */
    cell: z.string().nullable(),
    round: z.int(),
    phase: trialPhase,
    reason: z.string(),
    stderr: z.array(z.string()),
    code: failureCode.optional(),
    fault: generatorFault,
  }),
  /** A fresh server was brought to its working temperature on a cell: what came of the messages that did it. */
  z.strictObject({
    type: z.literal("server-warmed"),
    at,
    candidate: z.string(),
    cell: z.string(),
    round: z.int(),
    warmUp: ledgerTotals,
  }),
  /** What came to light when a server's visit ended: it concerns all that was recorded of it since its `server-started`. */
  z.strictObject({
    type: z.literal("visit-doubted"),
    at,
    candidate: z.string(),
    code: visitDoubtCode,
    reason: z.string(),
  }),
  z.strictObject({ type: z.literal("warning"), at, warning: runWarning }),
  z.strictObject({
    type: z.literal("run-finished"),
    at,
    durationMs: z.number().nonnegative(),
    interrupted: z.boolean(),
  }),
]);
export type RunEvent = z.infer<typeof runEvent>;
export type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;
