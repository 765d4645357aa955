import type { LastLook } from "../../schemas/agent.ts";
import type { VisitFlagCode } from "../../schemas/load.ts";
import { attribute } from "../process/attribution.ts";
import { formatCpuList } from "../process/cpulist.ts";
import { nameOf, treePids } from "../process/listeners.ts";
import { strayThreads } from "../process/pin.ts";
import type { ServerProcess } from "../process/server-process.ts";
import { busyAtRest } from "./post-trial.ts";

/** What came to light at the end of a visit, and concerns all that was measured in it. */
export interface VisitFlag {
  readonly code: VisitFlagCode;
  readonly reason: string;
}

/**
 * What speaks against the visit of a server that still runs: another process listens than at its start, so that the CPU time
 * told is not the server's; or a thread of it may run beyond `cores`, to which it was bound, so that neither its own time nor
 * what others took of its core can be known.
 */
export function visitFlags(server: ServerProcess, cores: readonly number[] | null): VisitFlag[] {
  const { pid, host, port } = server;
  if (pid === null) return [];
  const now = attribute({ host, port, startedPid: pid });
  const moved = now.known ? now.pid !== pid : true;
  const reason = now.known ? `${nameOf(now.pid)} listens now instead of process ${pid}` : now.reason;
  const stray = cores === null ? undefined : strayOf(pid, cores);
  return [
    ...(moved ? [{ code: "listener-moved" as const, reason }] : []),
    ...(stray === undefined ? [] : [stray]),
  ];
}

/** What is seen of a server, which was bound to `cores`, when its visit is over and before it is ended. */
export async function lastLookAt(server: ServerProcess, cores: readonly number[] | null): Promise<LastLook> {
  return {
    flags: visitFlags(server, cores),
    busyShare: server.pid === null ? null : await busyAtRest(server.pid),
  };
}

function strayOf(root: number, cores: readonly number[]): VisitFlag | undefined {
  for (const pid of treePids(root)) {
    const [stray] = strayThreads(pid, cores);
    if (stray === undefined) continue;
    const reason = `a thread of ${nameOf(pid)} may run on cores ${formatCpuList(stray.allowed)}, but was bound to ${formatCpuList(cores)}`;
    return { code: "left-its-core", reason };
  }
  return undefined;
}
