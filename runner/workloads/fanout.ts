import type { MetricName } from "../../schemas/metric.ts";
import type { Profile } from "../../schemas/plan.ts";
import { isShown } from "../../schemas/tail.ts";
import type { FanoutCell } from "../../schemas/workloads/fanout.ts";
import type { Depth, ProfileCell, Windows } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

const typical: Readonly<Record<Profile, Windows>> = {
  smoke: { count: 1, ms: 60 },
  quick: { count: 2, ms: 100 },
  standard: { count: 4, ms: 120 },
  thorough: { count: 6, ms: 600 },
  open: { count: 4, ms: 150 },
};

function cells(depth: Depth): ProfileCell[] {
  const { count, ms } = typical[depth.profile];
  const cell = (
    broadcast: "send" | "native",
    subscribers: number,
    rateHz: number,
    headline: MetricName[] = [],
  ): ProfileCell => ({
    spec: {
      workload: "fanout",
      codec: "json",
      broadcast,
      subscribers,
      rateHz,
      warmupMs: depth.warmupMs,
      windowMs: ms,
    },
    windows: count,
    longWindowMs: null,
    headline,
  });
  return [
    cell("send", 100, 200, [lastReceiverTail(depth, 200), "cpuNsPerMessage"]),
    cell("send", 1, 1000),
    cell("send", 10, 1000),
    cell("send", 1000, 20),
    cell("native", 100, 200),
    cell("native", 1000, 20),
  ];
}

/** The deepest tail of the last receiver that the messages can show: each message is one event. */
function lastReceiverTail({ profile, rounds }: Depth, rateHz: number): MetricName {
  const { count, ms } = typical[profile];
  const perWindow = (rateHz * ms) / 1000;
  const events = { total: perWindow * count * rounds, perWindow };
  const deepest = (["lastLatencyNsP99", "lastLatencyNsP90"] as const).find((name) => isShown(name, events));
  return deepest ?? "lastLatencyNsP50";
}

export const fanout: MeasuredWorkload<FanoutCell> = {
  cells,
  offeredHz: ({ rateHz, subscribers }) => Promise.resolve(rateHz * subscribers),
  phases: () => import("./phases/fanout.ts"),
};
