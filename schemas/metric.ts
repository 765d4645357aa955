import { z } from "zod";

export const metricUnits = ["ns", "Hz", "bytes", "count"] as const;
export const better = z.enum(["lower", "higher"]);
export type Better = z.infer<typeof better>;

/**
 * What kind of question a metric answers. Each kind has its own margins, and its declared comparisons are one family for
 * the correction of their number.
 */
export const metricFamilies = ["latency", "rate", "cost"] as const;
export type MetricFamily = (typeof metricFamilies)[number];

/** What a metric is: its unit, the direction that is better, its family, and the words a report uses for it. */
export interface MetricKind {
  readonly unit: (typeof metricUnits)[number];
  readonly better: Better;
  readonly family: MetricFamily;
  readonly label: string;
  /** Set for a share of a known number, such as of a cell's subscribers: counted in full, and no estimate of a tail. */
  readonly isCounted?: true;
}

const ns = (label: string): MetricKind => ({ unit: "ns", better: "lower", family: "latency", label });
const counted = (label: string): MetricKind => ({ ...ns(label), isCounted: true });
const hz = (label: string): MetricKind => ({ unit: "Hz", better: "higher", family: "rate", label });
const cpu = (label: string): MetricKind => ({ unit: "ns", better: "lower", family: "cost", label });
const bytes = (label: string): MetricKind => ({ unit: "bytes", better: "lower", family: "cost", label });
const count = (label: string): MetricKind => ({ unit: "count", better: "lower", family: "cost", label });

/**
 * Every figure a trial can yield, in the order reports show them.
 * `latency…` is round trip in `echo`, and tick-to-client from the intended time in `feed` and `fanout`.
 * `firstLatency…`, `lastLatency…` and `skew…` are per published message, over its receivers (`fanout`).
 * `handshake…` is from a connection's intended time to its upgrade, `storm…` from the cut of all until so many are served again, and `stormWait…` from each
 * connection's own time in the storm until it is.
 * `capacity…` is the highest load at which every message arrives and the limit on the latency holds.
 * `operation…` is one call of a codec within the runtime (`codec`); its percentiles are of means over 64 calls.
 * `bookNs…` are from the loss of a book to the publisher's own book again, over the subscribers (`recovery`).
 * `sendNsMean` is the call that hands a message to the kernel, and `machine…` is of the whole machine: what the earlier study reported (`seed-study`).
 * `stalls…` are of deliveries later than three times the usual p99 (`feed` and `fanout`).
 */
export const metricKinds = {
  sendNsMean: ns("call to send, mean"),
  latencyNsP50: ns("latency p50"),
  latencyNsP90: ns("latency p90"),
  latencyNsP99: ns("latency p99"),
  latencyNsP999: ns("latency p99.9"),
  latencyNsP9999: ns("latency p99.99"),
  latencyNsMax: ns("latency max"),
  latencyNsMean: ns("latency mean"),
  firstLatencyNsP50: ns("first receiver p50"),
  firstLatencyNsP90: ns("first receiver p90"),
  firstLatencyNsP99: ns("first receiver p99"),
  lastLatencyNsP50: ns("last receiver p50"),
  lastLatencyNsP90: ns("last receiver p90"),
  lastLatencyNsP99: ns("last receiver p99"),
  skewNsP50: ns("receiver skew p50"),
  skewNsP90: ns("receiver skew p90"),
  skewNsP99: ns("receiver skew p99"),
  stallsHz: { unit: "Hz", better: "lower", family: "latency", label: "stalls per second" },
  stallNsMax: ns("longest stall"),
  handshakeNsP50: ns("handshake p50"),
  handshakeNsP99: ns("handshake p99"),
  handshakeNsMax: ns("handshake max"),
  stormNsP50: ns("half of all served again"),
  stormNsP99: ns("99 % served again"),
  stormNsMax: ns("all served again"),
  stormWaitNsP50: ns("storm wait p50"),
  stormWaitNsP99: ns("storm wait p99"),
  bookNsP50: counted("book correct again at half of the subscribers"),
  bookNsP99: counted("book correct again at 99 % of the subscribers"),
  bookNsMax: ns("book correct again at every subscriber"),
  lostPerSubscriber: count("updates lost per subscriber"),
  resentBytesPerSubscriber: bytes("bytes sent again per subscriber"),
  throughputHz: hz("throughput"),
  deliveriesHz: hz("deliveries"),
  connectionsHz: hz("new connections"),
  capacityHz: hz("highest deliveries"),
  capacitySubscribers: { unit: "count", better: "higher", family: "rate", label: "subscribers served" },
  throughputBytesHz: hz("payload bytes per second"),
  cpuNsPerMessage: cpu("server CPU per message"),
  cpuNsPerConnection: cpu("server CPU per new connection"),
  contextSwitchesPerMessage: count("context switches per message"),
  rssBytesPeak: bytes("RSS peak"),
  rssBytesPerConnection: bytes("RSS per connection"),
  rssBytesKeptPerConnection: bytes("RSS kept after they left, per connection"),
  leakBytesPerConnection: bytes("RSS growth per connection that came and left"),
  operationNsMean: { ...ns("time of an operation"), family: "cost" },
  operationNsP50: { ...ns("time of an operation p50"), family: "cost" },
  operationNsP99: { ...ns("time of an operation p99"), family: "cost" },
  heapBytesPerOperation: bytes("heap taken by an operation"),
  machineCpuNsPerMessage: cpu("whole machine's CPU per message"),
  machineBytesUsed: bytes("memory used on the whole machine"),
  startupNs: ns("start-up"),
} as const satisfies Record<string, MetricKind>;

export type MetricName = keyof typeof metricKinds;
export const metricNames = Object.keys(metricKinds) as MetricName[];
export const metricName = z.enum(metricNames as [MetricName, ...MetricName[]]);

/** Figures that are those of a server's processes, and so not known where it is not known which these are. */
export const attributedMetrics: readonly MetricName[] = [
  "cpuNsPerMessage",
  "cpuNsPerConnection",
  "contextSwitchesPerMessage",
  "rssBytesPeak",
  "rssBytesPerConnection",
  "rssBytesKeptPerConnection",
  "leakBytesPerConnection",
];
