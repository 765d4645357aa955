import { readdirSync } from "node:fs";
import { parseCpuList } from "./cpulist.ts";
import { policies, setAffinity, setPolicy } from "./libc.ts";
import { readProc, statusField } from "./procfs.ts";

/**
 * What Bun is told so that a load generator's other threads have little to do: no allocator that gives memory back while it
 * measures, no warming of blocks ahead, and no compiled code that a collection drops, to be compiled anew in a window.
 */
export const quietRuntimeEnv: Readonly<Record<string, string>> = {
  MIMALLOC_PURGE_DELAY: "-1",
  BUN_JSC_useWarmUpMarkedBlocks: "0",
  BUN_JSC_forceCodeBlockLiveness: "1",
};

/** The other threads of this process, held back. */
export interface HeldHelpers {
  /** CPU time that they have used since, in ns, and the cores that they used it on; null for those of the process. */
  readonly used: () => { readonly cpuNs: number; readonly cores: readonly number[] | null };
  /** Lets them run as before. */
  readonly release: () => void;
}

/**
 * Lets the other threads of this process (compiler, collector, allocator) run only when nobody else would, and on `away` where
 * cores are given. One of the idle class that has waited long enough is given a whole tick all the same, 4 ms, so that beside a
 * main thread that spins they are seen as lateness, which a reader would take for the server's: a thread that spins needs them on
 * another core. One that waits for its sockets gives them its own, and spares the server's.
 */
export function holdHelperThreads(away: readonly number[] = []): HeldHelpers {
  const others = threadsOfThisProcess().filter((tid) => tid !== process.pid && setPolicy(tid, policies.idle));
  const home = allowedCores();
  const moved = away.length > 0 && home.length > 0 && others.every((tid) => setAffinity(tid, away));
  const beganNs = runNs(others);
  return {
    used: () => ({ cpuNs: Math.max(0, runNs(others) - beganNs), cores: moved ? away : null }),
    release: () => {
      for (const tid of others) {
        setPolicy(tid, policies.other);
        if (away.length > 0 && home.length > 0) setAffinity(tid, home);
      }
    },
  };
}

/** CPU time of threads since they began, in ns: the first field of their schedstat. */
function runNs(threads: readonly number[]): number {
  return threads.reduce((sum, tid) => {
    const ns = Number(readProc(`/proc/self/task/${tid}/schedstat`)?.split(" ")[0] ?? 0);
    return sum + (Number.isFinite(ns) ? ns : 0);
  }, 0);
}

/** Cores of the main thread, which every other one began with. */
function allowedCores(): number[] {
  const status = readProc("/proc/self/status");
  return status === null ? [] : parseCpuList(statusField(status, "Cpus_allowed_list") ?? "");
}

function threadsOfThisProcess(): number[] {
  try {
    return readdirSync("/proc/self/task").map(Number);
  } catch {
    return [];
  }
}
