import type { PolicyAxis } from "../../schemas/policy.ts";

/** The words a report uses for an axis. */
export const axisLabels: Readonly<Record<PolicyAxis, string>> = {
  latencyTail: "latency tail",
  throughput: "throughput",
  cpuCost: "running cost",
  memory: "memory",
  startup: "start-up",
};

/** Reversals that a reader sees at once, the nearest first; the rest is a click away. */
export const shownReversals = 6;
