import type { Database } from "bun:sqlite";
import { z } from "zod";
import { metricName } from "../../schemas/metric.ts";

/** A figure of one run, and the setting that it was measured in. */
const trendRow = z.object({
  run: z.string(),
  at: z.string(),
  median: z.number(),
  ciLow: z.number().nullable(),
  ciHigh: z.number().nullable(),
  isBound: z.number().transform((flag) => flag !== 0),
  runtime: z.string(),
  framework: z.string(),
  toolVersion: z.string(),
  cpu: z.string(),
  cores: z.int(),
  kernel: z.string(),
  profile: z.string(),
});
export type TrendRow = z.infer<typeof trendRow>;

const seriesRow = z.object({ candidate: z.string(), cell: z.string(), metric: metricName, runs: z.int() });
export type SeriesRow = z.infer<typeof seriesRow>;

/** Every figure that is followed, and in how many runs it is. */
export function seriesOf(db: Database): SeriesRow[] {
  return db
    .query("SELECT candidate, cell, metric, count(*) AS runs FROM figure GROUP BY candidate, cell, metric")
    .all()
    .map((row) => seriesRow.parse(row));
}

/** One figure over all runs, oldest first. */
export function trendRows(db: Database, candidate: string, cell: string, metric: string): TrendRow[] {
  return db
    .query<unknown, Record<string, string>>(
      `SELECT run.id AS run, run.sorted_at AS at, median, ci_low AS ciLow, ci_high AS ciHigh, is_bound AS isBound, runtime, framework,
         facts ->> '$.toolVersion' AS toolVersion, facts ->> '$.machine.cpu' AS cpu, facts ->> '$.machine.cores' AS cores,
         facts ->> '$.machine.kernel' AS kernel, profile
       FROM figure JOIN run ON run.id = figure.run
       WHERE figure.candidate = $candidate AND cell = $cell AND metric = $metric
       ORDER BY run.sorted_at, run.id`,
    )
    .all({ candidate, cell, metric })
    .map((row) => trendRow.parse(row));
}
