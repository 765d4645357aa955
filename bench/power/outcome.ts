import { z } from "zod";
import { analyse } from "../../runner/analysis/report.ts";
import type { RunStarted } from "../../runner/record/event-log.ts";
import type { RunEvent } from "../../schemas/event.ts";
import { type metricFamilies, metricKinds, metricName } from "../../schemas/metric.ts";
import { profile } from "../../schemas/plan.ts";
import { type Comparison, comparisonCode } from "../../schemas/report.ts";
import type { Plant } from "./plants.ts";

/**
 * What a declared comparison came to, beside the truth: `found` says who is truly better, or where the truth is not known that
 * anybody is; `false` names the wrong side, or one where neither is better.
 */
export const outcomes = ["found", "equal", "undecided", "withheld", "false"] as const;
export type Outcome = (typeof outcomes)[number];

const tally = z.strictObject({
  found: z.int(),
  equal: z.int(),
  undecided: z.int(),
  withheld: z.int(),
  false: z.int(),
});
export type Tally = z.infer<typeof tally>;

const point = z.strictObject({
  rounds: z.int(),
  minutes: z.number(),
  latency: tally,
  rate: tally,
  cost: tally,
});

/** One run of a plant, as it is kept. */
export const storedRun = z.strictObject({
  plant: z.string(),
  profile,
  startedAt: z.string(),
  toolVersion: z.string(),
  cpu: z.string(),
  cores: z.int(),
  argv: z.array(z.string()),
  minutes: z.number(),
  measuringShare: z.number().nullable(),
  calibration: z.number(),
  /** What the run would have said after so many of its rounds; the last is what it did say. */
  curve: z.array(point),
  comparisons: z.array(
    z.strictObject({
      cell: z.string(),
      metric: metricName,
      a: z.string(),
      b: z.string(),
      ratio: z.number().nullable(),
      ciLow: z.number().nullable(),
      ciHigh: z.number().nullable(),
      equalWithinPct: z.number().nullable(),
      code: comparisonCode,
      outcome: z.enum(outcomes),
    }),
  ),
  /** Standard deviation of the log ratio of a round between the reference and its replicate. */
  aaSpread: z.array(z.strictObject({ cell: z.string(), metric: metricName, sd: z.number() })),
});
export type StoredRun = z.infer<typeof storedRun>;

export function outcomeOf(plant: Pick<Plant, "truth">, comparison: Comparison): Outcome {
  const { verdict } = comparison;
  if (verdict === "equal" || verdict === "undecided" || verdict === "withheld") return verdict;
  const truth = plant.truth(comparison);
  return truth === undefined || verdict === `${truth}-better` ? "found" : "false";
}

/** Outcomes of the declared comparisons by family. */
export function tallies(plant: Pick<Plant, "truth">, comparisons: readonly Comparison[]) {
  const of = (family: (typeof metricFamilies)[number]): Tally => {
    const counts: Tally = { found: 0, equal: 0, undecided: 0, withheld: 0, false: 0 };
    for (const c of comparisons) {
      if (c.declared && metricKinds[c.metric].family === family) counts[outcomeOf(plant, c)] += 1;
    }
    return counts;
  };
  return { latency: of("latency"), rate: of("rate"), cost: of("cost") };
}

/** The rounds from which a run can say anything that calibration has touched. */
const fewestRounds = 4;

/** What a run would have said after each of its rounds from the fourth on, by its own record. */
export function curveOf(
  plant: Pick<Plant, "truth">,
  started: RunStarted,
  events: readonly RunEvent[],
): StoredRun["curve"] {
  const last = Math.max(0, ...events.map((e) => ("round" in e ? e.round + 1 : 0)));
  const begunMs = Date.parse(started.at);
  const points: StoredRun["curve"] = [];
  for (let rounds = Math.min(fewestRounds, last); rounds <= last; rounds += 1) {
    const until = events.filter((e) => !("round" in e) || e.round < rounds);
    const endMs = Math.max(begunMs, ...until.flatMap((e) => ("round" in e ? [Date.parse(e.at)] : [])));
    const { comparisons } = analyse(started, until);
    points.push({ rounds, minutes: (endMs - begunMs) / 60_000, ...tallies(plant, comparisons) });
  }
  return points;
}
