import type { LatencyLimit } from "../../schemas/capacity.ts";
import type { Profile } from "../../schemas/plan.ts";
import type { CapacityCell } from "../../schemas/workloads/capacity.ts";
import type { Depth, ProfileCell } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

/** Length of a probe, and the time that the search of a rate may take, in ms; that of subscribers opens connections, and takes twice as long. */
const usual: Readonly<Record<Profile, { probeMs: number; windowMs: number; most: number }>> = {
  smoke: { probeMs: 30, windowMs: 1_200, most: 400 },
  quick: { probeMs: 60, windowMs: 2_500, most: 2_000 },
  standard: { probeMs: 80, windowMs: 4_000, most: 2_000 },
  thorough: { probeMs: 200, windowMs: 9_000, most: 2_000 },
  open: { probeMs: 60, windowMs: 2_500, most: 2_000 },
};
/** What is kept while the other is sought. */
const subscribers = 20;
const rateHz = 500;
const startHz = 2_000;
/** What most teams ask of a market-data gateway; `--slo` says otherwise. */
const usualLimit: LatencyLimit = { percentile: "latencyNsP99", maxNs: 5e6 };
/** A fresh process has compiled little: what a search meets first must not be that. */
const warmupMsMin = 150;

function cells(depth: Depth): ProfileCell[] {
  const { probeMs, windowMs, most } = usual[depth.profile];
  const shared = {
    workload: "capacity" as const,
    broadcast: "send" as const,
    limit: depth.latencyLimit ?? usualLimit,
    probeMs,
    warmupMs: Math.max(warmupMsMin, depth.warmupMs),
    windowMs,
  };
  const rate = { ...shared, seek: "rate" as const, subscribers, rateHz: startHz };
  const many = { ...shared, seek: "subscribers" as const, subscribers: most, rateHz, windowMs: 2 * windowMs };
  return [
    { spec: { ...rate, codec: "json" }, windows: 1, longWindowMs: null, headline: ["capacityHz"] },
    { spec: { ...rate, codec: "sbe" }, windows: 1, longWindowMs: null, headline: [] },
    { spec: { ...many, codec: "json" }, windows: 1, longWindowMs: null, headline: ["capacitySubscribers"] },
  ];
}

export const capacity: MeasuredWorkload<CapacityCell> = {
  cells,
  // It offers what it finds out.
  offeredHz: () => Promise.resolve(null),
  phases: () => import("./phases/capacity.ts"),
};
