import { z } from "zod";
import {
  codec,
  costMetrics,
  latencyMetrics,
  momentary,
  sameForLonger,
  timing,
  type WorkloadFacts,
} from "./workload.ts";

/** Closed loop: `connections` sockets, each with `window` messages in flight. Window 1 on one socket is driven by mitata. */
const cell = z.strictObject({
  workload: z.literal("echo"),
  codec,
  /** Payload bytes of a `raw` message. JSON and SBE echo a best-bid-ask message at its natural size, and give null. */
  bytes: z.int().min(8).nullable(),
  connections: z.int().positive(),
  window: z.int().positive(),
  ...timing,
});
export type EchoCell = z.infer<typeof cell>;

const inFlight = ({ connections, window }: EchoCell) => connections * window;

export const echo = {
  cell,
  loop: "closed",
  measuredBy: "usual",
  metrics: [...latencyMetrics, "throughputHz", "throughputBytesHz", ...costMetrics],
  headline: ["throughputHz"],
  rateMetric: "throughputHz",
  timesEachMessage: true,
  evidence: [
    // A window of one message measures the machine's wake-ups, so it says nothing about how much a server can carry.
    { axis: "throughput", metric: "throughputHz", cells: ["echo/*", "!echo/*w1"] },
  ],
  takesTurns: () => true,
  cellId: ({ codec: of, bytes, connections, window }) =>
    `echo/${of}${bytes === null ? "" : `/${bytes}B`}/c${connections}w${window}`,
  serviceOf: (spec) => `echo/${spec.codec}`,
  receivers: (spec) => spec.connections,
  withReceivers: (spec, connections) => ({ ...spec, connections }),
  smallest: (spec) => ({
    ...spec,
    ...momentary,
    bytes: spec.bytes === null ? null : 64,
    connections: 1,
    window: 2,
  }),
  ceiling: sameForLonger,
  isRoundTrip: (spec) => inFlight(spec) === 1,
  inFlight,
  fanOut: () => null,
} as const satisfies WorkloadFacts<EchoCell>;
