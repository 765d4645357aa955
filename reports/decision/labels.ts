import type { PolicyAxis } from "../../schemas/policy.ts";
import type { Reversal } from "../../schemas/report.ts";

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

/** Changes that make another candidate the answer before those that leave none ahead; each kind stays nearest first. */
export const decisiveFirst = (reversals: readonly Reversal[]): Reversal[] =>
  reversals.toSorted((x, y) => Number(x.becomes === null) - Number(y.becomes === null));
