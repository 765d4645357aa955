import { z } from "zod";
import { momentary, noFixedFlight, timing, type WorkloadFacts } from "./workload.ts";

/** Open loop of handshakes: a ramp to `connections` idle ones, a storm in which all come back, and cycles of some that come and go. */
const cell = z.strictObject({
  workload: z.literal("connections"),
  /** What a subscriber asks for; a handshake has no codec. */
  codec: z.enum(["json", "sbe"]),
  /** Connections that are open at once. */
  connections: z.int().positive(),
  /** Connections that the ramp begins per second, whatever the server does. */
  rampHz: z.number().positive(),
  /** Time within which all come back in the storm, in ms. */
  stormMs: z.int().positive(),
  /** Times that `turnover` connections come and go after the storm. */
  cycles: z.int().nonnegative(),
  turnover: z.int().positive(),
  ...timing,
});
export type ConnectionsCell = z.infer<typeof cell>;

/** The generator's own rate is that at which connections come and go on the null server. */
const ofCeiling = {
  connections: 100,
  rampHz: 2_000,
  stormMs: 50,
  cycles: 6,
  turnover: 1_000,
  windowMs: 1_000,
};

export const connections = {
  cell,
  loop: "open",
  measuredBy: "open",
  openCriterion: "storm",
  metrics: [
    "handshakeNsP50",
    "handshakeNsP99",
    "handshakeNsMax",
    "stormNsP50",
    "stormNsP99",
    "stormNsMax",
    "stormWaitNsP50",
    "stormWaitNsP99",
    "connectionsHz",
    "cpuNsPerConnection",
    "rssBytesPeak",
    "rssBytesPerConnection",
    "rssBytesKeptPerConnection",
    "leakBytesPerConnection",
    "startupNs",
  ],
  headline: ["stormWaitNsP99", "handshakeNsP99"],
  rateMetric: "connectionsHz",
  timesEachMessage: true,
  ownServer: () => true,
  manySources: true,
  evidence: [
    { axis: "latencyTail", metric: "stormWaitNsP99", cells: ["connections/*"] },
    { axis: "cpuCost", metric: "cpuNsPerConnection", cells: ["connections/*"] },
    { axis: "memory", metric: "rssBytesPerConnection", cells: ["connections/*"] },
  ],
  cellId: (spec) => `connections/${spec.codec}/n${spec.connections}`,
  serviceOf: (spec) => `connections/${spec.codec}`,
  receivers: (spec) => spec.connections,
  smallest: (spec) => ({
    ...spec,
    ...momentary,
    connections: 1,
    rampHz: 1000,
    stormMs: 5,
    cycles: 1,
    turnover: 1,
  }),
  ceiling: (spec) => ({ ...spec, ...ofCeiling }),
  ...noFixedFlight,
} as const satisfies WorkloadFacts<ConnectionsCell>;
