import type { PushCell } from "../../schemas/workloads/push.ts";
import type { Depth, ProfileCell } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

/**
 * Messages of one batch of a push, of which two are under way on each connection: enough that a server never waits for the
 * next request, few enough that the slowest is done with them in some 40 ms.
 */
const batchMessages = 250;

function cells({ warmupMs, closed }: Depth): ProfileCell[] {
  const size = { codec: "json", bytes: 146, connections: 8, count: batchMessages } as const;
  return [
    {
      spec: { workload: "push", ...size, warmupMs, windowMs: closed.ms },
      windows: closed.count,
      longWindowMs: null,
      headline: ["throughputHz", "cpuNsPerMessage"],
    },
  ];
}

export const push: MeasuredWorkload<PushCell> = {
  cells,
  offeredHz: () => Promise.resolve(null),
  phases: () => import("./phases/push.ts"),
};
