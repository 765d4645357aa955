import { readdirSync } from "node:fs";
import { parseCpuList } from "./cpulist.ts";
import { policies, setAffinity, setPolicy } from "./libc.ts";
import { type PinPlan, sharesLoadCore } from "./pin.ts";
import { readProc, statusField } from "./procfs.ts";
import { restartWith } from "./restart.ts";

/**
 * Options of Bun that leave it little to do beside a load generator's main thread: no allocator that gives memory back while it
 * measures, no warming of blocks ahead, no compiled code that a collection drops, to be compiled anew in a window, and no
 * collection by the clock, neither Bun's, which takes 1 ms of each second, nor JavaScriptCore's own, which came some 100 ms behind the
 * opening of a cell and was 0.8 ms of three first windows in four; those that allocation asks for stay.
 */
export const quietRuntimeEnv: Readonly<Record<string, string>> = {
  MIMALLOC_PURGE_DELAY: "-1",
  BUN_JSC_useWarmUpMarkedBlocks: "0",
  BUN_JSC_forceCodeBlockLiveness: "1",
  BUN_GC_TIMER_DISABLE: "1",
  BUN_JSC_collectionTimerMaxPercentCPU: "0.000001",
};

/** The other threads of this process, held back. */
export interface HeldHelpers {
  /** CPU time that they have used since, in ns, and the cores that they used it on; null for those of the process. */
  readonly used: () => { readonly cpuNs: number; readonly cores: readonly number[] | null };
  /** Lets them run as before. */
  readonly release: () => void;
}

/**
 * Starts this very program anew with `quietRuntimeEnv`, as `restartWith` does, unless the runner has its own core. On the load
 * generator's, while it only waits, its collector's timer and its allocator's thread would still take that core, and be seen as lateness.
 */
export function restartQuietly(pins: PinPlan): void {
  if (sharesLoadCore(pins)) restartWith(quietRuntimeEnv);
}

/**
 * Holds the other threads of this process (compiler, collector, allocator) back from its main thread. A main thread that spins needs
 * them on another core, `away`: even one of the idle class that has waited long enough is given a whole tick of it, 4 ms, which a
 * reader would take for the server's lateness. There they are of the batch class, which does not preempt a server that wakes up, and
 * has its share of the core all the same: the main thread waits for one that holds a lock, and behind a busy server one of the idle
 * class was seen to hold it for 69 ms. Without `away` the main thread waits for its sockets, and they run while it does.
 */
export function holdHelperThreads(away: readonly number[] = []): HeldHelpers {
  const home = allowedCores();
  const others = threadsOfThisProcess().filter((tid) => tid !== process.pid);
  const moved = away.length > 0 && home.length > 0 && others.every((tid) => setAffinity(tid, away));
  for (const tid of others) setPolicy(tid, moved ? policies.batch : policies.idle);
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
