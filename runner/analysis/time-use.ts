import type { RunEvent } from "../../schemas/event.ts";
import type { Report } from "../../schemas/report.ts";

type TimeUse = Pick<Report["run"], "measuringShare" | "timeShares">;
type Part = keyof NonNullable<TimeUse["timeShares"]>;

/**
 * Where the wall time of a run went: clean windows, what was discarded, and everything that is no window. Both are null where
 * the run has no length yet.
 */
export function timeUse(events: readonly RunEvent[], durationMs: number): TimeUse {
  if (durationMs <= 0) return { measuringShare: null, timeShares: null };
  const ms: Record<Part, number> = {
    measuring: 0,
    discarded: 0,
    waiting: 0,
    warmUp: 0,
    connecting: 0,
    servers: 0,
    ceilings: 0,
    extras: 0,
    other: 0,
  };
  for (const event of events) {
    switch (event.type) {
      case "window-finished":
        ms[event.counted ? "measuring" : "discarded"] += event.measurement.windowMs;
        ms.waiting += event.waitMs;
        break;
      case "trial-finished":
        ms.warmUp += event.warmUp.warmUpMs;
        ms.connecting += event.warmUp.connectMs;
        break;
      case "server-stopped":
        ms.servers += event.startMs + event.stopMs;
        break;
      case "ceiling-measured":
        ms.ceilings += event.tookMs;
        break;
      case "extra-finished":
      case "extra-failed":
        ms.extras += event.tookMs;
        break;
      default:
    }
  }
  const known = Object.values(ms).reduce((sum, part) => sum + part, 0);
  ms.other = Math.max(0, durationMs - known);
  const shares = Object.entries(ms).map(([part, value]) => [part, Math.min(1, value / durationMs)]);
  const timeShares = Object.fromEntries(shares) as Record<Part, number>;
  return { measuringShare: timeShares.measuring, timeShares };
}
