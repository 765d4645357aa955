import { z } from "zod";
import { feedPreset, feedSpec } from "../feed.ts";
import { broadcast, gatewayMode } from "../ready.ts";
import { type PushCell, pushedQuotes } from "./push.ts";
import {
  costMetrics,
  latencyMetrics,
  momentary,
  noFixedFlight,
  timing,
  type WorkloadFacts,
} from "./workload.ts";

/** Open loop: one publisher follows a schedule, `subscribers` sockets receive every message. */
const cell = z.strictObject({
  workload: z.literal("feed"),
  codec: z.enum(["json", "sbe"]),
  mode: gatewayMode,
  broadcast,
  subscribers: z.int().positive(),
  feed: feedSpec,
  /** Set where the cell is that of a preset, whatever feed the run has. */
  preset: feedPreset.optional(),
  /** Part of the subscribers that read nothing from a window's begin to its end; absent for none. */
  slow: z.number().positive().max(0.5).optional(),
  /** Further clients as a part of the subscribers, which are cut within a window and come back at once; absent for none. */
  returning: z.number().positive().max(1).optional(),
  ...timing,
});
export type FeedCell = z.infer<typeof cell>;

export const feed = {
  cell,
  loop: "open",
  measuredBy: "both",
  metrics: [...latencyMetrics, "stallsHz", "stallNsMax", "deliveriesHz", ...costMetrics],
  headline: ["latencyNsP50", "latencyNsP99", "cpuNsPerMessage"],
  rateMetric: "deliveriesHz",
  timesEachMessage: true,
  evidence: [
    { axis: "latencyTail", metric: "latencyNsP99", cells: ["feed/*"] },
    // The cost of a message is compared at equal offered rates, which only the open loops have.
    { axis: "cpuCost", metric: "cpuNsPerMessage", cells: ["feed/*"] },
    { axis: "memory", metric: "rssBytesPeak", cells: ["feed/*"] },
  ],
  takesTurns: ({ slow }) => slow === undefined,
  cellId: ({ codec, mode, broadcast: by, subscribers, preset }) =>
    `feed/${codec}/${mode}/${by}/s${subscribers}${preset === undefined ? "" : `/${preset}`}`,
  serviceOf: ({ codec, mode, broadcast: by }) => `feed/${codec}/${mode}/${by}`,
  receivers: (spec) => spec.subscribers,
  withReceivers: (spec, subscribers) => ({ ...spec, subscribers }),
  atRate: (spec, times) => ({ ...spec, feed: { ...spec.feed, rate: spec.feed.rate * times } }),
  smallest: (spec) => ({
    ...spec,
    ...momentary,
    subscribers: 1,
    feed: { source: "synthetic", preset: "flat", seed: 1, rate: 1, meanHz: 1000 },
  }),
  ceiling: pushedQuotes,
  ...noFixedFlight,
} as const satisfies WorkloadFacts<FeedCell, PushCell>;
