import { z } from "zod";
import { capacityResult } from "./capacity.ts";
import { cellSpec, codec, workload } from "./cell.ts";
import { connectionsResult } from "./connections.ts";
import {
  coreUse,
  generatorUse,
  ledgerTotals,
  qualityCode,
  stalls,
  timeSlice,
  unasked,
  unattributed,
} from "./load.ts";
import { better, metricName, metricUnits } from "./metric.ts";
import { flooded, policyKept } from "./pressure.ts";
import { prose } from "./prose.ts";
import { recoveryResult } from "./recovery.ts";

const metricResult = z.strictObject({
  unit: z.enum(metricUnits),
  better,
  median: z.number(),
  /** 95 % interval of the median over rounds; null where the rounds are too few for one. */
  ciLow: z.number().nullable(),
  ciHigh: z.number().nullable(),
  /** One value a round, in round order; null where the round has none. */
  perRound: z.array(z.number().nullable()),
  /** Means of the two groups that the rounds fell into, whose median never occurred; null where there is one middle. */
  twoSpeeds: z.strictObject({ lower: z.number(), upper: z.number() }).nullable().default(null),
});
export type MetricResult = z.infer<typeof metricResult>;

/** How the windows of a part of a run fared. */
export const windowCounts = {
  clean: z.int().nonnegative(),
  /** Windows that others disturbed and that count all the same, as the user asked. */
  kept: z.int().nonnegative(),
  /** Planned windows of which no clean one could be had: they are left out. */
  missing: z.int().nonnegative(),
  /** Windows that were discarded, by cause; most of them were measured again at once. */
  discarded: z.partialRecord(qualityCode, z.int().nonnegative()),
};

const cellWindows = z.strictObject({
  /** Typical windows of each visit, of `params.windowMs` each. A round's figure is the median over them, on logs. */
  perVisit: z.int().positive(),
  /** Length of the visit's one long window; null where it has none. */
  longMs: z.number().positive().nullable(),
  ...windowCounts,
  /** Length of all clean windows together, in ms. */
  measuredMs: z.number().nonnegative(),
  /** Independent events in the clean typical windows: they bound the percentiles that are shown. */
  events: z.int().nonnegative(),
});

export const cellResult = z.strictObject({
  candidate: z.string(),
  workload,
  codec,
  /** Cell id, unique within the run. */
  cell: z.string(),
  params: cellSpec,
  /** Rounds with a counted measurement. */
  rounds: z.int().nonnegative(),
  /** The windows behind it; null in a report older than windows. */
  windows: cellWindows.nullable().default(null),
  metrics: z.partialRecord(metricName, metricResult),
  /** Null in a closed loop, and in a report older than them. */
  stalls: stalls.nullable().default(null),
  /** Whether the declared policy for slow subscribers was kept; absent where nobody stopped reading. */
  policyKept: policyKept.optional(),
  /** What became of a flood; absent where there was none. */
  flooded: flooded.optional(),
  /** Why CPU time, memory and cost are not known in all or some of the rounds; absent where they are. */
  unattributed: unattributed.optional(),
  /** Deliveries that arrived ÷ due, over all counted rounds. */
  reach: z.number().min(0).max(1),
  /**
   * Null-server ceiling of the cell's codec and size ÷ this candidate's rate, that of the deliveries in an open loop; null
   * where the run was cut before it had one.
   */
  headroom: z.number().nonnegative().nullable(),
  ledger: ledgerTotals,
  /** Account of what was sent before the windows; absent in reports older than it. */
  warmUp: ledgerTotals.optional(),
  /** Absent where the server sent nothing unasked. */
  unasked: unasked.optional(),
  /** Latency of all counted rounds merged: HdrHistogram V2, base64. */
  histogram: z.string().nullable(),
  /** Latency over time in the middle round. */
  slices: z.array(timeSlice),
  connections: connectionsResult.optional(),
  /** Absent in workloads that search no capacity. */
  capacity: capacityResult.optional(),
  generator: generatorUse,
  /** Latencies that in half or more of the rounds were mostly the generator's: the server's is at most that. Absent for none. */
  mostlyGenerators: z.array(metricName).optional(),
  cores: z.array(coreUse),
  feed: prose.nullable(),
  /** What became of the subscribers' books; absent in workloads that take none away. */
  recovery: recoveryResult.optional(),
});
export type CellResult = z.infer<typeof cellResult>;
