import { z } from "zod";
import { agentFacts } from "./agent.ts";
import { extraFailure, extraKind, extraOutcome } from "./extra.ts";
import { recordingFacts } from "./feed.ts";
import { withPresentNames } from "./former-names.ts";
import { measurement, qualityCode, visitFlagCode, warmUp } from "./load.ts";
import { plan } from "./plan.ts";
import { readyLine } from "./ready.ts";
import { failure, hostFacts } from "./report.ts";
import { runWarning } from "./warning.ts";

const at = z.iso.datetime();

/** Version of the record. One of another version is refused, since what it counts is another thing. */
export const eventVersion = 2;

/** Typical windows give a visit's figures; the one long window of a visit is where stalls are looked for. */
export const windowKind = z.enum(["typical", "long"]);
export type WindowKind = z.infer<typeof windowKind>;

/** One cell of one visit: one fresh server process of one candidate in one round. */
const visitCell = { candidate: z.string(), cell: z.string(), round: z.int() };

/** One line of events.ndjson. Lines are appended as things happen, and never rewritten. */
export const runEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("run-started"),
    at,
    eventVersion: z.literal(eventVersion),
    runId: z.string(),
    argv: z.array(z.string()),
    toolVersion: z.string(),
    host: hostFacts,
    clockResolutionNs: z.number().positive(),
    /** How long the plan should take, in ms; absent in records of older tools. */
    expectedMs: z.number().nonnegative().optional(),
    plan,
  }),
  z.strictObject({
    type: z.literal("run-resumed"),
    at,
    /** On what it is gone on with; absent in records of older tools. */
    host: hostFacts.optional(),
    toolVersion: z.string().optional(),
    /** By candidate; null where a version is not known. */
    versions: z
      .record(
        z.string(),
        z.strictObject({ runtime: z.string().nullable(), framework: z.string().nullable() }),
      )
      .optional(),
  }),
  /** A load host has come to take part, at the start or in place of one that was lost. */
  z.strictObject({ type: z.literal("agent-joined"), at, agent: agentFacts }),
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
    tookMs: z.number().nonnegative(),
  }),
  z.strictObject({
    type: z.literal("generator-replaced"),
    at,
    round: z.int(),
    /** What a message cost the old worker at its end ÷ at its beginning, the median of its cells. */
    slowdown: z.number().positive(),
  }),
  z.strictObject({
    type: z.literal("server-stopped"),
    at,
    candidate: z.string(),
    round: z.int(),
    /** From the ask to start it until it was ready, in ms. */
    startMs: z.number().nonnegative(),
    /** The look at it at rest, and its end, in ms. */
    stopMs: z.number().nonnegative(),
  }),
  z.strictObject({
    type: z.literal("window-finished"),
    at,
    ...visitCell,
    kind: windowKind,
    /** Place in the visit, from 0 over both kinds; a repeat has the place of the window that it stands in for. */
    window: z.int().nonnegative(),
    attempt: z.int().positive(),
    /** Age of the server since it was ready, at the window's end, in ms. */
    ageMs: z.number().nonnegative(),
    /** Random wait before it, in ms. */
    waitMs: z.number().nonnegative(),
    measurement,
    /** What speaks against the window; null for a clean one. */
    doubt: z.strictObject({ code: qualityCode, reason: z.string() }).nullable(),
    /** Whether it counts: a clean one does, and a disturbed one where the plan keeps those. */
    counted: z.boolean(),
  }),
  /** All windows of a cell in one visit have been had, or given up. Windows that none follows are of a visit that was cut. */
  z.strictObject({
    type: z.literal("trial-finished"),
    at,
    ...visitCell,
    warmUp,
    /** From the ask to open the cell until it was closed, in ms. */
    tookMs: z.number().nonnegative(),
    /** Planned windows without a clean measurement. */
    missing: z.int().nonnegative(),
  }),
  z.strictObject({
    type: z.literal("trial-failed"),
    at,
    ...failure.shape,
  }),
  /** What came to light when a server's visit ended: it concerns all that was recorded of it since its `server-started`. */
  z.strictObject({
    type: z.literal("visit-doubted"),
    at,
    candidate: z.string(),
    code: visitFlagCode,
    reason: z.string(),
  }),
  /** A trial beside the rounds, of which nothing is compared. */
  z.strictObject({
    type: z.literal("extra-finished"),
    at,
    candidate: z.string(),
    cell: z.string(),
    kind: extraKind,
    outcome: extraOutcome,
    tookMs: z.number().nonnegative(),
  }),
  z.strictObject({
    type: z.literal("extra-failed"),
    at,
    ...extraFailure.shape,
    cell: z.string(),
    tookMs: z.number().nonnegative(),
  }),
  z.strictObject({ type: z.literal("warning"), at, warning: runWarning }),
  z.strictObject({
    type: z.literal("run-finished"),
    at,
    durationMs: z.number().nonnegative(),
    interrupted: z.boolean(),
  }),
]);
/** An event as a record holds it, which an earlier version of the tool may have begun. */
export const storedEvent = z.preprocess(withPresentNames, runEvent);
export type RunEvent = z.infer<typeof runEvent>;
export type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;
