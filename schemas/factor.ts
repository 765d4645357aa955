import { z } from "zod";
import { workload } from "./cell.ts";
import { metricName } from "./metric.ts";
import { mostServerCores } from "./names.ts";

/**
 * Features that one candidate is measured with and without. Those of the server make a variant of the candidate
 * (`bun/elysia+tls`, `bun/elysia+2-cores`), those of the load a further cell.
 */
export const serverSwitches = ["tls", "deflate"] as const;
export const serverFactors = [...serverSwitches, "cores"] as const;
export type ServerFactor = (typeof serverFactors)[number];
export const loadFactors = ["payload", "subscribers"] as const;
export type LoadFactor = (typeof loadFactors)[number];
export const factorName = z.enum([...serverFactors, ...loadFactors]);
export type FactorName = z.infer<typeof factorName>;

/** What a variant of a candidate is run with; all are off, on one core, where none are named. */
export const serverLevels = z.strictObject({
  tls: z.boolean(),
  deflate: z.boolean(),
  /** Processes that share the port; each has its own core where the machine has as many. */
  cores: z.int().min(1).max(mostServerCores).default(1),
});
export type ServerLevels = z.infer<typeof serverLevels>;

/** A variant beside the candidate that differs from it in one feature alone. */
export const contrast = z.strictObject({
  factor: z.enum(serverFactors),
  /** The candidate without the feature, by its name in the run. */
  against: z.string(),
});

/** What one factor does to one figure of one candidate, all else being equal: `to` ÷ `from`, paired by round. */
export const factorEffect = z.strictObject({
  factor: factorName,
  /** The candidate without the feature; for a factor of the load, the one that both cells are of. */
  candidate: z.string(),
  /** The cell; for a factor of the load, that of the level `to`. */
  cell: z.string(),
  workload,
  metric: metricName,
  /** Levels: off and on, or numbers. */
  from: z.union([z.literal("off"), z.number()]),
  to: z.union([z.literal("on"), z.number()]),
  rounds: z.int().nonnegative(),
  /** Null where it is withheld. */
  ratio: z.number().nullable(),
  /** Ends of its 95 % interval, calibrated as those of the comparisons are. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** How `to` reads beside `from`, judged as a comparison is; `withheld` where a side may not be judged. */
  verdict: z.enum(["better", "worse", "equal", "undecided", "withheld"]),
});
export type FactorEffect = z.infer<typeof factorEffect>;
