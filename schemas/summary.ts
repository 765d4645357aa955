import { z } from "zod";
import { metricName } from "./metric.ts";
import { profile } from "./plan.ts";
import { broadcast } from "./ready.ts";
import { outcome, reversal } from "./report.ts";
import { warningCode } from "./warning.ts";

export const summarySchemaVersion = 1;

/** Largest summary.json, in bytes: what a chat message, a job's output or a commit status may carry. */
export const summaryBytesMax = 2_000;

/** The outcome of a run in one small object, for programs that need no more than it. */
export const summary = z.strictObject({
  schemaVersion: z.literal(summarySchemaVersion),
  run: z.strictObject({
    id: z.string(),
    startedAt: z.iso.datetime(),
    profile,
    rounds: z.int(),
    toolVersion: z.string(),
    interrupted: z.boolean(),
  }),
  policy: z.string(),
  outcome,
  recommended: z.string().nullable(),
  leader: z.string().nullable(),
  /** How many times as good the recommended candidate is as the runner-up, by the policy's weights; null without a recommendation. */
  runnerUp: z
    .strictObject({ candidate: z.string(), ratio: z.number(), ciLow: z.number(), ciHigh: z.number() })
    .nullable(),
  /** How the leader should write, and how many times as good its latency tail is so; null where the run does not show it. */
  writing: z
    .strictObject({
      broadcast,
      against: broadcast,
      ratio: z.number(),
      ciLow: z.number(),
      ciHigh: z.number(),
      reads: z.enum(["better", "equal", "undecided"]),
    })
    .nullable()
    .default(null),
  /** The headline figures, in the unit of each metric in report.json. */
  figures: z.array(z.strictObject({ cell: z.string(), metric: metricName })),
  /** Best first by the figure that sorts the report's table, with a median for each of the figures. */
  candidates: z.array(z.strictObject({ candidate: z.string(), medians: z.array(z.number().nullable()) })),
  /** Candidates of the report that found no room. */
  candidatesLeftOut: z.int().nonnegative(),
  /** The nearest changes that give another answer. */
  flips: z.array(reversal.pick({ kind: true, what: true, from: true, at: true, side: true, becomes: true })),
  /** Warnings that affect the answer. */
  warnings: z.array(z.strictObject({ code: warningCode, count: z.int().positive() })),
  failedTrials: z.int().nonnegative(),
});
export type Summary = z.infer<typeof summary>;
