import { z } from "zod";

/** What a service level asks of a latency: `p99 < 5 ms`. */
export const latencyLimit = z.strictObject({
  percentile: z.enum(["latencyNsP50", "latencyNsP90", "latencyNsP99"]),
  maxNs: z.number().positive(),
});
export type LatencyLimit = z.infer<typeof latencyLimit>;

/**
 * What a probe says of its load. `held`: all arrived, within the limit. `late`: the percentile lies above it. `lost`: not all arrived
 * before the drain was over, or a connection ended. `generator`: the load generator itself was late, so that it says nothing of the server.
 */
export const probeVerdict = z.enum(["held", "late", "lost", "generator"]);
export type ProbeVerdict = z.infer<typeof probeVerdict>;

/** One short open-loop window of a search. */
export const capacityProbe = z.strictObject({
  /** Messages published a second, before the fan-out. */
  rateHz: z.number().positive(),
  subscribers: z.int().positive(),
  /** Of the deliveries, in ns; null where none came. */
  p50Ns: z.number().nonnegative().nullable(),
  p99Ns: z.number().nonnegative().nullable(),
  /** Deliveries that arrived ÷ due. */
  reach: z.number().min(0).max(1),
  /** 99th percentile of how late the generator sent. */
  latenessNs: z.number().nonnegative(),
  verdict: probeVerdict,
});
export type CapacityProbe = z.infer<typeof capacityProbe>;

/**
 * What ended a search. `server`: a load that the server was decided not to serve. `generator`: one that the generator was late at.
 * `most`: it served the highest tried. `time`: the window was over before the bracket was narrow.
 */
export const searchEnd = z.enum(["server", "generator", "most", "time"]);
export type SearchEnd = z.infer<typeof searchEnd>;

/** One search: deliveries a second over all subscribers, at the level that holds and at the one that does not. */
export const capacityMeasured = z.strictObject({
  lowHz: z.number().positive().nullable(),
  highHz: z.number().positive().nullable(),
  end: searchEnd,
  probes: z.array(capacityProbe),
});

/** What the searches of a result say together. */
export const capacityResult = z.strictObject({
  /** Bracket, end and probes of the middle round, by what it holds. */
  ...capacityMeasured.shape,
  /** How often the searches of all rounds ended by what. */
  ends: z.record(searchEnd, z.int().nonnegative()),
  /** Probes of all rounds. */
  probed: z.int().nonnegative(),
});
