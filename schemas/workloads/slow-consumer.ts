import { z } from "zod";
import { broadcast } from "../ready.ts";
import { type PushCell, pushedQuotes } from "./push.ts";
import {
  costMetrics,
  latencyMetrics,
  momentary,
  noFixedFlight,
  timing,
  type WorkloadFacts,
} from "./workload.ts";

/**
 * Open loop: quotes and deep books of some symbols in turn to every subscriber, of which some stop reading for most of the window.
 * The figures are those of the others.
 */
const cell = z.strictObject({
  workload: z.literal("slow-consumer"),
  codec: z.enum(["json", "sbe"]),
  broadcast,
  /** All of them, those that stop included. */
  subscribers: z.int().min(2),
  /** How many of them stop reading. */
  slow: z.int().positive(),
  /** Messages published per second, every second of them a book. */
  rateHz: z.number().positive(),
  /** Bytes of a book, about: they fill the buffers. */
  bookBytes: z.int().positive(),
  ...timing,
});
export type SlowConsumerCell = z.infer<typeof cell>;

export const slowConsumer = {
  cell,
  loop: "open",
  measuredBy: "open",
  openCriterion: "slow-subscribers",
  metrics: [...latencyMetrics, "deliveriesHz", ...costMetrics],
  headline: ["latencyNsP99", "rssBytesPeak"],
  rateMetric: "deliveriesHz",
  timesEachMessage: true,
  evidence: [
    { axis: "latencyTail", metric: "latencyNsP99", cells: ["slow-consumer/*"] },
    { axis: "memory", metric: "rssBytesPeak", cells: ["slow-consumer/*"] },
  ],
  cellId: ({ codec, broadcast: by, subscribers, slow }) =>
    `slow-consumer/${codec}/${by}/s${subscribers}-${slow}`,
  serviceOf: ({ codec, broadcast: by }) => `slow-consumer/${codec}/${by}`,
  receivers: (spec) => spec.subscribers,
  smallest: (spec) => ({ ...spec, ...momentary, subscribers: 2, slow: 1, rateHz: 1000, bookBytes: 1000 }),
  ceiling: pushedQuotes,
  ...noFixedFlight,
} as const satisfies WorkloadFacts<SlowConsumerCell, PushCell>;
