import { z } from "zod";
import {
  type Codec,
  codec,
  costMetrics,
  latencyMetrics,
  momentary,
  noFixedFlight,
  sameForLonger,
  timing,
  type WorkloadFacts,
} from "./workload.ts";

/** The server generates: each connection asks for batches of `count` messages until the window ends. */
const cell = z.strictObject({
  workload: z.literal("push"),
  codec,
  /** Payload bytes of each message (a minimum for json and sbe, whose messages pad up to it). */
  bytes: z.int().min(8),
  connections: z.int().positive(),
  count: z.int().positive(),
  ...timing,
});
export type PushCell = z.infer<typeof cell>;

export const push = {
  cell,
  loop: "closed",
  measuredBy: "usual",
  metrics: [...latencyMetrics, "throughputHz", "throughputBytesHz", ...costMetrics],
  headline: ["throughputHz"],
  rateMetric: "throughputHz",
  // A message is timed from the request for all of its batch, which the same chunk may answer for many.
  timesEachMessage: false,
  evidence: [{ axis: "throughput", metric: "throughputHz", cells: ["push/*"] }],
  takesTurns: () => true,
  cellId: (spec) => `push/${spec.codec}/${spec.bytes}B/c${spec.connections}`,
  serviceOf: (spec) => `push/${spec.codec}`,
  receivers: (spec) => spec.connections,
  withReceivers: (spec, connections) => ({ ...spec, connections }),
  smallest: (spec) => ({ ...spec, ...momentary, connections: 1, count: 10 }),
  ceiling: sameForLonger,
  ...noFixedFlight,
} as const satisfies WorkloadFacts<PushCell>;

interface Received {
  readonly codec: Codec;
  readonly warmupMs: number;
  readonly windowMs: number;
}

/**
 * The ceiling of an open loop. What a generator could be the limit of there is how many deliveries of its codec it takes in, so
 * that the null server pushes messages of a quote's size as fast as they are read: those of a profile's own push.
 */
export const pushedQuotes = ({ codec: of, warmupMs, windowMs }: Received): PushCell => ({
  workload: "push",
  codec: of,
  connections: 8,
  bytes: 146,
  count: 250,
  warmupMs,
  windowMs,
});
