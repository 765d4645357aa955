import { z } from "zod";
import { agentFacts } from "./agent.ts";

/** How the load was spread over several processes, and how well they kept together. */
export const loadSpread = z.strictObject({
  on: z.enum(["cores", "hosts"]),
  processes: z.int().min(1),
  /** The hosts that took part, those that were lost included; absent where the processes were this machine's. */
  agents: z.array(agentFacts.omit({ protocol: true })).optional(),
  /** Windows that several of them shared. */
  windows: z.int().nonnegative(),
  /** Windows that were repeated since a process was lost. */
  repeated: z.int().nonnegative(),
  /** How long after the common start the last process began, in ns: the worst of all windows; null without one. */
  startSkewNsMax: z.number().nonnegative().nullable(),
  /** How far the clocks may have been apart that a latency began and ended at, in ns: the worst of all windows. */
  clockBoundNsMax: z.number().nonnegative().nullable(),
  /** Windows whose latencies are the publisher's own round trips, since the clocks were not known well enough for more. */
  roundTripWindows: z.int().nonnegative(),
});
export type LoadSpread = z.infer<typeof loadSpread>;
