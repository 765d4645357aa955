import { z } from "zod";
import { better, metricName, metricUnits } from "../../schemas/metric.ts";
import { policy } from "../../schemas/policy.ts";
import { prose } from "../../schemas/prose.ts";
import { report } from "../../schemas/report.ts";
import { runId, runSummary } from "./run.ts";
import { policyNames } from "./start.ts";

/** Decides a stored run again, by a policy's name or a whole policy. */
export const decide = z.strictObject({ policy: z.union([z.enum(policyNames), policy]) });
export const decisionAnswer = z.strictObject({
  headline: prose,
  decision: report.shape.decision,
});

export const compareQuery = z.strictObject({
  a: runId,
  b: runId,
  /** Every figure that both runs have, and not only what either declared. */
  all: z.enum(["true", "false"]).default("false"),
});

const difference = z.strictObject({
  kind: z.string(),
  field: z.string(),
  of: z.string().nullable(),
  a: z.string(),
  b: z.string(),
  words: prose,
});
const side = z.strictObject({
  median: z.number(),
  ciLow: z.number().nullable(),
  ciHigh: z.number().nullable(),
  /** The true rate is at least this: the generator was at its limit. */
  isBound: z.boolean(),
});

/** How a figure reads from one sitting or version to another. */
export const readings = ["better", "worse", "equal", "undecided", "withheld"] as const;
export const reading = z.enum(readings);

/** Two runs, candidate by candidate. A ratio is b ÷ a, unpaired: what differs between two sittings is not taken out by anything. */
export const comparisonAnswer = z.strictObject({
  a: runSummary,
  b: runSummary,
  /** False only where a run is compared with itself. */
  otherSitting: z.boolean(),
  caution: prose,
  differences: z.array(difference),
  candidates: z.array(
    z.strictObject({
      candidate: z.string(),
      differences: z.array(difference),
      changes: z.array(
        z.strictObject({
          cell: z.string(),
          metric: metricName,
          label: z.string(),
          unit: z.enum(metricUnits),
          better,
          a: side,
          b: side,
          ratio: z.number().nullable(),
          ciLow: z.number().nullable(),
          ciHigh: z.number().nullable(),
          marginPct: z.number(),
          reading,
          code: z.string(),
          words: prose,
        }),
      ),
    }),
  ),
  /** Candidates and cells that only one run has. */
  unmatched: z.array(z.string()),
});
export type ComparisonAnswer = z.infer<typeof comparisonAnswer>;

/** A figure that is followed over runs. */
const series = { candidate: z.string().max(200), cell: z.string().max(200), metric: metricName };
export const seriesQuery = z.strictObject(series);
export const seriesList = z.strictObject({
  series: z.array(z.strictObject({ ...series, label: z.string(), runs: z.int().positive() })),
});

/** Asks for a run of old and new of a change point, which begins at `run`. */
export const trendCheck = seriesQuery.extend({ run: runId });

/** How far a suspected change has been looked into: by measuring old and new in one sitting, where there is an old and a new. */
export const suspicionStates = ["suspected", "measuring", "confirmed", "cleared", "nothing-to-pair"] as const;

/**
 * A figure over the stored runs, oldest first. Each point is one sitting; only points of one machine and one profile are
 * held against each other, and a change point among them is no more than a suspicion.
 */
export const trendAnswer = z.strictObject({
  ...series,
  label: z.string(),
  unit: z.enum(metricUnits),
  better,
  caution: prose,
  /** What a setting is: same machine, kernel line and profile. */
  settings: z.array(
    z.strictObject({
      key: z.int(),
      cpu: z.string(),
      cores: z.int(),
      kernel: z.string(),
      profile: z.string(),
    }),
  ),
  points: z.array(
    z.strictObject({
      run: runId,
      at: z.iso.datetime(),
      setting: z.int(),
      median: z.number(),
      ciLow: z.number().nullable(),
      ciHigh: z.number().nullable(),
      isBound: z.boolean(),
      runtime: z.string(),
      framework: z.string(),
      toolVersion: z.string(),
    }),
  ),
  changes: z.array(
    z.strictObject({
      /** The first run after the change. */
      run: runId,
      setting: z.int(),
      /** Geometric means of the medians before and after. */
      before: z.number(),
      after: z.number(),
      ratio: z.number(),
      p: z.number(),
      /** What was of another version from there on. */
      versions: z.array(
        z.strictObject({
          what: z.enum(["runtime", "framework", "tickbench"]),
          from: z.string(),
          to: z.string(),
        }),
      ),
      state: z.enum(suspicionStates),
      /** The run that measured old and new together. */
      check: runId.nullable(),
    }),
  ),
  /** What upgrades changed about it, each measured in one sitting by the run; the newest first. */
  upgrades: z.array(
    z.strictObject({
      run: runId,
      subject: z.string(),
      from: z.string(),
      to: z.string(),
      reading,
      words: prose,
    }),
  ),
});
export type TrendAnswer = z.infer<typeof trendAnswer>;
