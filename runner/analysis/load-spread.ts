import type { RunEvent } from "../../schemas/event.ts";
import type { LoadSpread } from "../../schemas/load-spread.ts";
import type { Plan } from "../../schemas/plan.ts";

/** How the processes that shared the load kept together, over every window that counts; undefined where there was one process. */
export function loadSpreadOf({ load }: Plan, events: readonly RunEvent[]): LoadSpread | undefined {
  if (load === undefined) return undefined;
  const shared = events.flatMap((event) =>
    event.type === "window-finished" && event.counted && event.measurement.shards !== undefined
      ? [event.measurement.shards]
      : [],
  );
  const worst = (of: (one: (typeof shared)[number]) => number) =>
    shared.length === 0 ? null : shared.reduce((most, one) => Math.max(most, of(one)), 0);
  const agents = events.flatMap((event) => {
    if (event.type !== "agent-joined") return [];
    const { protocol: _, ...agent } = event.agent;
    return [agent];
  });
  const { on, processes } = load;
  return {
    on,
    processes,
    ...(load.on === "hosts" ? { agents } : {}),
    windows: shared.length,
    repeated: shared.reduce((sum, one) => sum + (one.repeated ?? 0), 0),
    startSkewNsMax: worst((one) => one.startSkewNs),
    clockBoundNsMax: worst((one) => one.clockBoundNs),
    roundTripWindows: shared.filter((one) => one.latencyOf === "publisher").length,
  };
}
