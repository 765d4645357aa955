import type { MetricName } from "../../schemas/metric.ts";
import type { Profile } from "../../schemas/plan.ts";
import { isShown } from "../../schemas/tail.ts";
import type { ConnectionsCell } from "../../schemas/workloads/connections.ts";
import type { Depth, ProfileCell } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

/** Connections by profile, unless the user says how many. */
const usual: Readonly<Record<Profile, number>> = {
  smoke: 200,
  quick: 1_000,
  standard: 2_000,
  thorough: 5_000,
  open: 5_000,
};

/** Well below what the slowest candidate takes, so that the ramp's handshakes do not queue behind each other. */
const rampHz = 2_000;
const stormMs = 1_000;
/**
 * A server's heap grows for some 50,000 connections before it is collected whole (Node 26: from 154 to 228 MB, then down to 176), which
 * looks like a leak until then: the profiles that have the time go beyond.
 */
const cycles: Readonly<Record<Profile, number>> = { smoke: 3, quick: 6, standard: 6, thorough: 40, open: 40 };
/** Connections of one cycle: those of the ramp, and no more than these. */
const turnoverMax = 2_000;
/** About how long one takes to come and go, in ms. */
const turnoverMs = 0.15;
/** Handshakes run this long before the ramp: fewer leave a server at a third of its rate. */
const warmupMs: Readonly<Record<Profile, number>> = {
  smoke: 50,
  quick: 300,
  standard: 500,
  thorough: 500,
  open: 500,
};

function cells(depth: Depth): ProfileCell[] {
  const connections = depth.connections ?? usual[depth.profile];
  const rampMs = (1_000 * connections) / rampHz;
  const turnover = Math.min(connections, turnoverMax);
  const count = cycles[depth.profile];
  const windowMs = Math.ceil(rampMs + stormMs + count * turnover * turnoverMs);
  return [
    {
      spec: {
        workload: "connections",
        codec: "json",
        connections,
        rampHz,
        stormMs,
        cycles: count,
        turnover,
        warmupMs: warmupMs[depth.profile],
        windowMs,
      },
      windows: 1,
      longWindowMs: null,
      headline: [...tails(depth, connections), "rssBytesPerConnection"],
    },
  ];
}

/** Each connection of the ramp, and of the storm, is one event. */
function tails({ rounds }: Depth, connections: number): MetricName[] {
  const isP99Shown = isShown("handshakeNsP99", { total: connections * rounds, perWindow: connections });
  return isP99Shown ? ["handshakeNsP99", "stormWaitNsP99"] : ["handshakeNsP50", "stormWaitNsP50"];
}

export const connections: MeasuredWorkload<ConnectionsCell> = {
  cells,
  offeredHz: () => Promise.resolve(null),
  phases: () => import("./phases/connections.ts"),
};
