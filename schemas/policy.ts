import { z } from "zod";
import { codec, factsOf, workloads } from "./cell.ts";
import { metricName } from "./metric.ts";
import type { PolicyAxis } from "./policy-axis.ts";
import { prose } from "./prose.ts";

export { type PolicyAxis, policyAxes, policyAxis } from "./policy-axis.ts";

/** Pattern over cell ids, `*` for any characters; a leading `!` takes cells out again, e.g. `["echo/*", "!echo/*w1"]`. */
export const cellPatterns = z.array(z.string().min(1)).min(1);

/** A limit on one figure in every cell that matches. It holds only where the whole 95 % interval keeps it. */
export const sloRequirement = z
  .strictObject({
    kind: z.literal("slo"),
    metric: metricName,
    /** Cells it applies to; rate and fan-out are part of a cell's id, e.g. `fanout/json/send/s100@200Hz`. */
    cells: cellPatterns,
    /** Largest value allowed, in the metric's unit. */
    max: z.number().positive().optional(),
    /** Smallest value allowed, in the metric's unit. */
    min: z.number().nonnegative().optional(),
  })
  .refine((slo) => (slo.max === undefined) !== (slo.min === undefined), {
    message: "needs exactly one of max and min",
  });

/** What a candidate must meet to be recommended at all. One that cannot be checked in a run is not met. */
export const requirement = z.discriminatedUnion("kind", [
  sloRequirement,
  z.strictObject({
    kind: z.literal("reach"),
    cells: cellPatterns,
    /** Deliveries that arrived ÷ due. */
    min: z.number().min(0).max(1),
  }),
  z.strictObject({
    kind: z.literal("memory"),
    cells: cellPatterns,
    /** Largest RSS peak allowed, in bytes. */
    maxBytes: z.number().positive(),
  }),
  z.strictObject({ kind: z.literal("codec"), codec }),
]);
export type Requirement = z.infer<typeof requirement>;

/** The figures an axis is judged by: their ratios are averaged on the log scale over the cells that match. */
export const axisEvidence = z.array(z.strictObject({ metric: metricName, cells: cellPatterns })).min(1);

/** What the workloads say of an axis, those of one metric together; a pattern that others take from again comes last. */
function evidenceOf(axis: PolicyAxis): z.infer<typeof axisEvidence> {
  const entries = workloads.flatMap((w) => factsOf(w).evidence.filter((e) => e.axis === axis));
  return [...Map.groupBy(entries, (e) => e.metric)].map(([metric, all]) => ({
    metric,
    cells: all.toSorted((a, b) => a.cells.length - b.cells.length).flatMap((e) => e.cells),
  }));
}

export const defaultEvidence: Record<PolicyAxis, z.infer<typeof axisEvidence>> = {
  latencyTail: evidenceOf("latencyTail"),
  throughput: evidenceOf("throughput"),
  cpuCost: evidenceOf("cpuCost"),
  memory: evidenceOf("memory"),
  // A server starts before any workload.
  startup: [{ metric: "startupNs", cells: ["*"] }],
};

const weight = z.number().nonnegative();
const weightsShape = z.strictObject({
  latencyTail: weight,
  throughput: weight,
  cpuCost: weight,
  memory: weight,
  startup: weight,
});
export type PolicyWeights = z.infer<typeof weightsShape>;

export const policy = z.strictObject({
  policyVersion: z.literal(1),
  name: z.string().min(1),
  /** One sentence: for whom this policy is. */
  purpose: prose.min(1),
  /** Relative importance; only the proportions matter. */
  weights: weightsShape.refine((weights) => Object.values(weights).some((w) => w > 0), {
    message: "at least one weight must be above 0",
  }),
  prices: z.strictObject({
    currency: z.string().min(1),
    vcpuHour: z.number().positive(),
    gibHour: z.number().nonnegative(),
    /** Whose prices they are and of which date, for a reader who has to replace them. */
    source: prose.min(1).optional(),
  }),
  /** Smallest weighted advantage worth a recommendation, in percent. */
  worthPct: z.number().nonnegative().default(2),
  require: z.array(requirement),
  evidence: z
    .strictObject({
      latencyTail: axisEvidence,
      throughput: axisEvidence,
      cpuCost: axisEvidence,
      memory: axisEvidence,
      startup: axisEvidence,
    })
    .default(defaultEvidence),
});
export type Policy = z.infer<typeof policy>;
