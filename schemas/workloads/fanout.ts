import { z } from "zod";
import { broadcast } from "../ready.ts";
import { type PushCell, pushedQuotes } from "./push.ts";
import { costMetrics, latencyMetrics, momentary, timing, type WorkloadFacts } from "./workload.ts";

/** Open loop: one stream at a constant rate to many subscribers; first and last receipt of each message are kept. */
const cell = z.strictObject({
  workload: z.literal("fanout"),
  codec: z.enum(["json", "sbe"]),
  broadcast,
  subscribers: z.int().positive(),
  /** Messages published per second, before fan-out. */
  rateHz: z.number().positive(),
  ...timing,
});
export type FanoutCell = z.infer<typeof cell>;

export const fanout = {
  cell,
  loop: "open",
  measuredBy: "usual",
  metrics: [
    ...latencyMetrics,
    "firstLatencyNsP50",
    "firstLatencyNsP90",
    "firstLatencyNsP99",
    "lastLatencyNsP50",
    "lastLatencyNsP90",
    "lastLatencyNsP99",
    "skewNsP50",
    "skewNsP90",
    "skewNsP99",
    "stallsHz",
    "stallNsMax",
    "deliveriesHz",
    ...costMetrics,
  ],
  headline: ["lastLatencyNsP99"],
  rateMetric: "deliveriesHz",
  timesEachMessage: true,
  evidence: [
    { axis: "latencyTail", metric: "lastLatencyNsP99", cells: ["fanout/*"] },
    { axis: "cpuCost", metric: "cpuNsPerMessage", cells: ["fanout/*"] },
    { axis: "memory", metric: "rssBytesPeak", cells: ["fanout/*"] },
  ],
  takesTurns: () => true,
  cellId: ({ codec, broadcast: by, subscribers, rateHz }) =>
    `fanout/${codec}/${by}/s${subscribers}@${rateHz}Hz`,
  serviceOf: ({ codec, broadcast: by }) => `fanout/${codec}/${by}`,
  receivers: (spec) => spec.subscribers,
  withReceivers: (spec, subscribers) => ({ ...spec, subscribers }),
  smallest: (spec) => ({ ...spec, ...momentary, subscribers: 1, rateHz: 1000 }),
  ceiling: pushedQuotes,
  isRoundTrip: () => false,
  inFlight: () => null,
  fanOut: ({ broadcast: by, subscribers, rateHz }) => ({ broadcast: by, subscribers, rateHz }),
} as const satisfies WorkloadFacts<FanoutCell, PushCell>;
