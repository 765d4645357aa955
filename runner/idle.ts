import type { RunWarning } from "../schemas/report.ts";
import { sampleProcess, usageBetween } from "./proc/sample.ts";

/** Share of the time that a server without connections may be busy: collecting garbage is fair, serving nobody is not. */
const busyShareMax = 0.2;
/** Lengths of the looks, in ms. A server at rest costs the first alone; the last is long enough for a collection to end. */
const looksMs = [20, 80, 200];

/** The share of the time that a process was busy in every look; null where it came to rest, or cannot be seen. */
export async function busyAtRest(pid: number): Promise<number | null> {
  let share: number | null = null;
  for (const ms of looksMs) {
    const before = sampleProcess(pid);
    await Bun.sleep(ms);
    const after = sampleProcess(pid);
    const use = before.ok && after.ok ? usageBetween(before.sample, after.sample) : null;
    share = use === null ? null : use.cpuNs / use.elapsedNs;
    if (share === null || share < busyShareMax) return null;
  }
  return share;
}

/** What the report says of a server that was busy for this share of every look. */
export function busyAtRestWarning(candidate: string, share: number): RunWarning {
  return {
    code: "busy-after-trial",
    cause: `with every connection closed the server still took ${Math.round(share * 100)} % of its core`,
    nextStep: "look for a stream that goes on when its socket has closed",
    cell: candidate,
  };
}
