import { z } from "zod";
import { profile } from "../../schemas/plan.ts";
import { prose } from "../../schemas/prose.ts";
import { outcome } from "../../schemas/report.ts";
import { runStates } from "../names.ts";
import { startRun } from "./start.ts";

export const runState = z.enum(runStates);
export type RunState = z.infer<typeof runState>;

/** How a run came into the store: asked for, found in a report that was imported, or measured by the upgrade watch. */
export const runOrigins = ["started", "imported", "watch"] as const;
export const runOrigin = z.enum(runOrigins);

/** `20261129T014512Z-standard-3f9a1c`: sorts by time. */
export const runId = z.string().regex(/^\d{8}T\d{6}Z-[a-z]{1,20}-[0-9a-f]{6}$/, "must be the id of a run");

/** Why a run did not come to its end. */
export const runProblemCodes = [
  "refused",
  "candidate-failed",
  "runner-crashed",
  "runner-killed",
  "service-ended",
  "no-report",
] as const;

/** How far a run that is measured has come. */
export const progress = z.strictObject({
  /** Rounds begun, and planned; both 0 before the first server starts. */
  round: z.int().nonnegative(),
  rounds: z.int().nonnegative(),
  candidate: z.string().nullable(),
  cell: z.string().nullable(),
  elapsedMs: z.number().nonnegative(),
  /** As the plan expects it, corrected by the rounds that are done; null before the plan is known. */
  leftMs: z.number().nonnegative().nullable(),
  /** Length of the clean windows so far, in ms. */
  cleanMs: z.number().nonnegative(),
  windows: z.strictObject({ counted: z.int().nonnegative(), discarded: z.int().nonnegative() }),
  failures: z.int().nonnegative(),
  /** Id of the last event; what came after it is asked for by `since`. */
  lastEvent: z.int().nonnegative(),
});
export type Progress = z.infer<typeof progress>;

/** A run as lists show it. */
export const runSummary = z.strictObject({
  id: runId,
  state: runState,
  origin: runOrigin,
  label: z.string().nullable(),
  /** When it was asked for or imported. */
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  /** The id in its report; null before it has one. */
  reportId: z.string().nullable(),
  profile,
  seed: z.int(),
  candidates: z.array(z.string()),
  machine: z.strictObject({ cpu: z.string(), cores: z.int(), kernel: z.string() }).nullable(),
  toolVersion: z.string().nullable(),
  rounds: z.int().nullable(),
  policy: z.string().nullable(),
  outcome: outcome.nullable(),
  recommended: z.string().nullable(),
  /** The answer in a line. */
  headline: prose.nullable(),
  hasReport: z.boolean(),
  canResume: z.boolean(),
  problem: z.strictObject({ code: z.enum(runProblemCodes), text: prose }).nullable(),
  /** Place in the queue, 1 being the next; null where it does not wait. */
  place: z.int().positive().nullable(),
  progress: progress.nullable(),
});
export type RunSummary = z.infer<typeof runSummary>;

/** A run, and what it was asked for; null for one that was imported. */
export const runDetail = runSummary.extend({ request: startRun.nullable(), answer: prose.nullable() });
export type RunDetail = z.infer<typeof runDetail>;

export const listQuery = z.strictObject({
  state: runState.optional(),
  origin: runOrigin.optional(),
  profile: profile.optional(),
  /** A candidate that took part. */
  candidate: z.string().max(200).optional(),
  /** Part of a label, an id or a headline. */
  text: z.string().max(200).optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  /** Runs older than this one: the `next` of the page before. */
  before: runId.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type ListQuery = z.infer<typeof listQuery>;

/** A page of runs, the newest first; `next` is null on the last one. */
export const runList = z.strictObject({
  runs: z.array(runSummary),
  total: z.int().nonnegative(),
  next: runId.nullable(),
});

/** What a stored report can be had as. */
export const runFiles = z.strictObject({
  files: z.array(
    z.strictObject({
      form: z.string(),
      path: z.string(),
      mediaType: z.string(),
      bytes: z.int().nonnegative(),
      url: z.string(),
    }),
  ),
});
