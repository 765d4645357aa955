import { z } from "zod";
import { broadcast } from "../ready.ts";
import { type PushCell, pushedQuotes } from "./push.ts";
import { costMetrics, momentary, noFixedFlight, timing, type WorkloadFacts } from "./workload.ts";

/** One publisher offers `times` what the server takes in when it is kept busy, as fast as its connection takes it. */
const cell = z.strictObject({
  workload: z.literal("flood"),
  codec: z.enum(["json", "sbe"]),
  broadcast,
  subscribers: z.int().positive(),
  times: z.number().min(1),
  ...timing,
});
export type FloodCell = z.infer<typeof cell>;

export const flood = {
  cell,
  // Its messages leave by a schedule, but wait for the connection: no latency is claimed of it.
  loop: "closed",
  measuredBy: "open",
  openCriterion: "back-pressure",
  metrics: ["deliveriesHz", ...costMetrics],
  headline: ["deliveriesHz", "rssBytesPeak"],
  rateMetric: "deliveriesHz",
  timesEachMessage: false,
  evidence: [{ axis: "memory", metric: "rssBytesPeak", cells: ["flood/*"] }],
  cellId: ({ codec, broadcast: by, subscribers, times }) => `flood/${codec}/${by}/s${subscribers}x${times}`,
  serviceOf: ({ codec, broadcast: by }) => `flood/${codec}/${by}`,
  receivers: (spec) => spec.subscribers,
  smallest: (spec) => ({ ...spec, ...momentary, subscribers: 1 }),
  ceiling: pushedQuotes,
  ...noFixedFlight,
} as const satisfies WorkloadFacts<FloodCell, PushCell>;
