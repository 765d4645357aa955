import { z } from "zod";
import { profile } from "../../schemas/plan.ts";
import { outcome } from "../../schemas/report.ts";
import { runOrigin, runProblemCodes, runState } from "../api/run.ts";
import { startRun } from "../api/start.ts";

/** What lists show of a report. */
export const factsSchema = z.object({
  candidates: z.array(z.string()),
  machine: z.object({ cpu: z.string(), cores: z.int(), kernel: z.string() }),
  toolVersion: z.string(),
  rounds: z.int(),
  policy: z.string(),
  outcome,
  recommended: z.string().nullable(),
  answer: z.string(),
});

const fromJson = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(schema)
    .nullable();

/** A row of `run`, its JSON read. Another program may have written to the file, so it is parsed as anything from outside is. */
export const rowSchema = z.object({
  id: z.string(),
  state: runState,
  origin: runOrigin,
  label: z.string().nullable(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  sorted_at: z.string(),
  profile,
  seed: z.int(),
  request: fromJson(startRun),
  folder: z.string().nullable(),
  problem_code: z.enum(runProblemCodes).nullable(),
  problem_text: z.string().nullable(),
  report_id: z.string().nullable(),
  facts: fromJson(factsSchema),
  headline: z.string().nullable(),
});
export type RunRow = z.infer<typeof rowSchema>;
