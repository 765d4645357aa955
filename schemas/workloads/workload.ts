import { z } from "zod";
import type { OpenCriterion } from "../market-open.ts";
import type { MetricName } from "../metric.ts";
import { codecs } from "../names.ts";
import type { PolicyAxis } from "../policy-axis.ts";
import type { Broadcast } from "../ready.ts";

export const codec = z.enum(codecs);
export type Codec = z.infer<typeof codec>;

/** The fields of every cell. */
export const timing = {
  /** Length of the unmeasured part before the window, in ms. */
  warmupMs: z.int().nonnegative(),
  /** Length of the measured window, in ms. */
  windowMs: z.int().positive(),
};

/** What a policy's axis is judged by, unless the policy names other figures: a metric, in the cells that match. */
export interface Evidence {
  readonly axis: PolicyAxis;
  readonly metric: MetricName;
  readonly cells: readonly [string, ...string[]];
}

/** A stream at a given rate to a number of subscribers: cells that differ in these two alone are one curve. */
export interface FanOut {
  readonly broadcast: Broadcast;
  readonly subscribers: number;
  /** Messages published per second, before the fan-out. */
  readonly rateHz: number;
}

/**
 * What the tool knows of a workload without running it: `Spec` is a cell of it, `Ceiling` what its ceiling is measured by. How it
 * is measured stands in runner/workloads/, the words for it in reports/workloads/.
 */
export interface WorkloadFacts<Spec, Ceiling = Spec> {
  readonly cell: z.ZodType<Spec>;
  /** Open: messages leave on a schedule, whatever comes back, and latency counts from it. Closed: replies set the pace. */
  readonly loop: "open" | "closed";
  /** Whose runs measure it where none is named: every profile's but `open`, that one's alone, both, or nobody's who does not name it. */
  readonly measuredBy: "usual" | "open" | "both" | "asked";
  /** Every figure that a cell of it can have. */
  readonly metrics: readonly MetricName[];
  /** Figures that stand for it in a run that declares none. */
  readonly headline: readonly MetricName[];
  /** How fast its messages come, where the cell itself does not say. */
  readonly rateMetric: "deliveriesHz" | "throughputHz" | "connectionsHz" | "capacityHz";
  /** False where a latency is that of a batch: it may be shorter than a message's way through the kernel. */
  readonly timesEachMessage: boolean;
  readonly evidence: readonly Evidence[];
  /** The question of the market's open that every cell of it answers, where it is made for one. */
  readonly openCriterion?: OpenCriterion;
  /** Set where the runtime is measured and no server: once for each runtime of a run. */
  readonly ofRuntime?: true;
  /** Set where its connections may come from many addresses, so that the ports of one bound nothing. */
  readonly manySources?: true;
  /** Name of a cell, its timing left out: two cells that differ in timing alone are the same question. */
  cellId(spec: Spec): string;
  /** Whether a cell is measured on a server that has served nothing before it, and that serves nothing after it; none is unless given. */
  ownServer?(spec: Spec): boolean;
  /**
   * Whether nothing happens on a cell's open connections between its windows, so that other candidates' windows can come in between;
   * it does not unless given.
   */
  takesTurns?(spec: Spec): boolean;
  /** Whether the server is ended and started again within the cell: only the tool on the server's own machine can. */
  restarts?(spec: Spec): boolean;
  /** What a server must offer for the cell to be measured on it. */
  serviceOf(spec: Spec): string;
  /** Connections that messages arrive at. */
  receivers(spec: Spec): number;
  /** The same cell with another number of them; absent where load processes cannot share a cell. */
  withReceivers?(spec: Spec, receivers: number): Spec;
  /**
   * The same cell at a multiple of its rate; there where it follows a schedule that a server can be held under for any time, as the
   * extra trials hold it.
   */
  atRate?(spec: Spec, times: number): Spec;
  /** The same service asked for as little as shows that a server offers it. */
  smallest(spec: Spec): Spec;
  /** What the null server is asked for in place of the cell, so that its rate is the generator's own. */
  ceiling(spec: Spec): Ceiling;
  /** Whether one message in all is in flight: the machine's wake-ups are measured as much as the server. */
  isRoundTrip(spec: Spec): boolean;
  /** Messages in flight at any time, where the cell keeps them at a number. */
  inFlight(spec: Spec): number | null;
  /** Null where a cell is no point of a curve over subscribers. */
  fanOut(spec: Spec): FanOut | null;
}

/** Costs that every workload reports on: a server's processes are looked at whatever they serve. */
export const costMetrics = [
  "cpuNsPerMessage",
  "contextSwitchesPerMessage",
  "rssBytesPeak",
  "rssBytesPerConnection",
  "startupNs",
] as const satisfies readonly MetricName[];

/** From the middle of the latencies to their end. */
export const latencyPercentiles = [
  "latencyNsP50",
  "latencyNsP90",
  "latencyNsP99",
  "latencyNsP999",
  "latencyNsP9999",
  "latencyNsMax",
] as const satisfies readonly MetricName[];

export const latencyMetrics = [
  ...latencyPercentiles,
  "latencyNsMean",
] as const satisfies readonly MetricName[];

/** Timing of a look whether a server serves a workload at all. */
export const momentary = { warmupMs: 5, windowMs: 20 } as const;

/** A ceiling is looked at in a few rounds of a run, a candidate in every one: each look may take longer. */
const longer = 3;

/** The ceiling of a closed loop: the same cell over a longer window. */
export const sameForLonger = <Spec extends { readonly windowMs: number }>(spec: Spec): Spec => ({
  ...spec,
  windowMs: longer * spec.windowMs,
});

/** For a workload that keeps no fixed number of messages in flight, and whose cells are no points of a curve. */
export const noFixedFlight = {
  isRoundTrip: () => false,
  inFlight: () => null,
  fanOut: () => null,
} as const;
