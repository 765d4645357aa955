import { z } from "zod";

/** What a decision weighs. `cpuCost` is the running cost at the policy's prices: CPU time, and the memory held meanwhile. */
export const policyAxes = ["latencyTail", "throughput", "cpuCost", "memory", "startup"] as const;
export const policyAxis = z.enum(policyAxes);
export type PolicyAxis = z.infer<typeof policyAxis>;
