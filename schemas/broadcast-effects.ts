import { z } from "zod";
import { codec, workload } from "./cell.ts";
import { metricName } from "./metric.ts";
import { broadcast } from "./ready.ts";

/** A ratio with its 95 % interval, calibrated as those of the comparisons are. */
export const factor = z.strictObject({ ratio: z.number(), ciLow: z.number(), ciHigh: z.number() });
export type Factor = z.infer<typeof factor>;

/** What the discipline of writing does to one figure of one candidate: `to` ÷ `from`, paired by round. */
export const writingEffect = z.strictObject({
  candidate: z.string(),
  workload,
  codec,
  metric: metricName,
  from: broadcast,
  to: broadcast,
  cells: z.strictObject({ from: z.string(), to: z.string() }),
  rounds: z.int().positive(),
  ...factor.shape,
  /** How `to` reads beside `from`, judged as a comparison is; `withheld` where a side may not be judged. */
  reads: z.enum(["better", "worse", "equal", "undecided", "withheld"]),
});
export type WritingEffect = z.infer<typeof writingEffect>;

/**
 * What two gateways differ by that differ in candidate and discipline: total = writing × program, and program = runtime ×
 * framework where a third candidate bridges the two. `a` writes by `to`, `b` by `from`.
 */
export const writingSplit = z.strictObject({
  workload,
  codec,
  metric: metricName,
  a: z.string(),
  b: z.string(),
  from: broadcast,
  to: broadcast,
  cells: z.strictObject({ from: z.string(), to: z.string() }),
  rounds: z.int().positive(),
  total: factor,
  writing: factor,
  program: factor,
  runtime: factor.nullable(),
  framework: factor.nullable(),
  /** Candidates that bridge the two; none where the program's factor cannot be split. */
  path: z.array(z.string()),
});
export type WritingSplit = z.infer<typeof writingSplit>;

/** The discipline of writing beside the choice of candidate, in one figure. */
export const writingChoice = z.strictObject({
  workload,
  codec,
  metric: metricName,
  from: broadcast,
  to: broadcast,
  /** How many times as good `to` is as `from`: the least and the most of the candidates. Below 1 it is worse. */
  writingLeast: z.number().positive(),
  writingMost: z.number().positive(),
  /** How many times as good the best candidate is as the worst one, in the better of the two disciplines. */
  choice: z.number().min(1),
  /** Candidates that both are of. */
  candidates: z.int().positive(),
  /** Whether the writing does more than the choice can, and most candidates are shown to gain by it. */
  outweighs: z.boolean(),
});
export type WritingChoice = z.infer<typeof writingChoice>;
