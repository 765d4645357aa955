import { z } from "zod";
import { recoveryCause } from "../recovery.ts";
import { type PushCell, pushedQuotes } from "./push.ts";
import { costMetrics, noFixedFlight, timing, type WorkloadFacts } from "./workload.ts";

/**
 * Open loop: subscribers keep an order book from snapshots and updates, something takes it from all of them at once, and what is
 * timed is how soon they have the publisher's own book again.
 */
const cell = z.strictObject({
  workload: z.literal("recovery"),
  codec: z.enum(["json", "sbe"]),
  cause: recoveryCause,
  subscribers: z.int().positive(),
  /** Updates of the book published per second. */
  rateHz: z.number().positive(),
  ...timing,
});
export type RecoveryCell = z.infer<typeof cell>;

export const recovery = {
  cell,
  loop: "open",
  measuredBy: "asked",
  openCriterion: "books",
  metrics: [
    "bookNsP50",
    "bookNsP99",
    "bookNsMax",
    "lostPerSubscriber",
    "resentBytesPerSubscriber",
    "deliveriesHz",
    ...costMetrics,
  ],
  headline: ["bookNsP50", "bookNsP99"],
  rateMetric: "deliveriesHz",
  timesEachMessage: true,
  // A hundred clients that come back at once keep the load generator itself busy for much of the time that is measured here, so
  // that no policy weighs it, and no run measures it unasked.
  evidence: [],
  // What another process serves than the round began with is no figure of the rest of the visit.
  ownServer: ({ cause }) => cause === "restart",
  restarts: ({ cause }) => cause === "restart",
  cellId: ({ codec, cause, subscribers, rateHz }) => `recovery/${codec}/${cause}/s${subscribers}@${rateHz}Hz`,
  serviceOf: ({ codec, cause }) => `recovery/${codec}/${cause}`,
  receivers: (spec) => spec.subscribers,
  // Long enough for a snapshot to come, and for a thinned socket to be given up.
  smallest: (spec) => ({ ...spec, warmupMs: 5, windowMs: 400, subscribers: 1, rateHz: 200 }),
  ceiling: pushedQuotes,
  ...noFixedFlight,
} as const satisfies WorkloadFacts<RecoveryCell, PushCell>;
