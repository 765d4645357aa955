import { z } from "zod";
import { latencyLimit } from "../capacity.ts";
import { broadcast } from "../ready.ts";
import {
  costMetrics,
  latencyMetrics,
  momentary,
  noFixedFlight,
  timing,
  type WorkloadFacts,
} from "./workload.ts";

/** Open loop of short windows, each at another load: the highest at which every message arrives and the limit holds. */
const cell = z.strictObject({
  workload: z.literal("capacity"),
  codec: z.enum(["json", "sbe"]),
  broadcast,
  /** What is raised: the rate of one stream, or the number of its subscribers. */
  seek: z.enum(["rate", "subscribers"]),
  /** The subscribers, or the most that are tried. */
  subscribers: z.int().positive(),
  /** Messages published per second before the fan-out, or about the rate that a search begins with. */
  rateHz: z.number().positive(),
  limit: latencyLimit,
  /** Length of one probe, in ms; longer where so few messages would not show a p99. */
  probeMs: z.int().positive(),
  ...timing,
});
export type CapacityCell = z.infer<typeof cell>;

/** `p99-5ms`, in an id. */
const limitId = ({ limit: { percentile, maxNs } }: CapacityCell): string =>
  `${percentile.slice("latencyNs".length).toLowerCase()}-${maxNs / 1e6}ms`;

export const capacity = {
  cell,
  loop: "open",
  measuredBy: "open",
  openCriterion: "service-level",
  metrics: ["capacityHz", "capacitySubscribers", ...latencyMetrics, "deliveriesHz", ...costMetrics],
  headline: ["capacityHz"],
  rateMetric: "capacityHz",
  timesEachMessage: true,
  ownServer: () => true,
  evidence: [
    { axis: "throughput", metric: "capacityHz", cells: ["capacity/*"] },
    { axis: "cpuCost", metric: "cpuNsPerMessage", cells: ["capacity/*"] },
  ],
  cellId: (spec) => {
    const kept = spec.seek === "rate" ? `s${spec.subscribers}` : `@${spec.rateHz}Hz`;
    return `capacity/${spec.codec}/${spec.broadcast}/${kept}/${limitId(spec)}`;
  },
  serviceOf: ({ codec, broadcast: by }) => `capacity/${codec}/${by}`,
  receivers: (spec) => spec.subscribers,
  smallest: (spec) => ({ ...spec, ...momentary, seek: "rate", subscribers: 1, rateHz: 1000, probeMs: 10 }),
  // The null server is searched likewise.
  ceiling: (spec) => spec,
  ...noFixedFlight,
} as const satisfies WorkloadFacts<CapacityCell>;
