import { formatShare } from "../../reports/format.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { readProc, statOf } from "../process/procfs.ts";
import { sampleTree } from "../process/sample.ts";

/** Share of the time that a server without connections may be busy: collecting garbage is fair, serving nobody is not. */
const busyShareMax = 0.2;
/** Lengths of the looks, in ms. A server at rest costs the first alone; the last is long enough for a collection to end. */
const looksMs = [20, 80, 200];

/** One look at a server: its process, and whatever that has started. */
export interface Look {
  readonly elapsedNs: number;
  readonly cpuNs: number;
  /** How long its threads waited for a core, as far as the kernel has counted it. */
  readonly waitedNs: number;
  /** Whether a main thread of it runs, or waits for a core, at the look's end. */
  readonly runnable: boolean;
}

/**
 * Whether a server came to rest, and the share of the time it could have run that it ran. CPU time by the wall clock alone
 * would make a server that never rests look idle wherever others want its core. The kernel counts a wait only when it is
 * over, so that one which is in a wait still cannot be said to rest.
 */
export function judgeLook({ elapsedNs, cpuNs, waitedNs, runnable }: Look): { rests: boolean; share: number } {
  const able = Math.max(cpuNs, elapsedNs - waitedNs, 1);
  const share = cpuNs / able;
  return { rests: share < busyShareMax && !runnable, share };
}

/**
 * The share of the time that a server was busy in the last of the looks; null where it came to rest in any, cannot be seen, or
 * was not seen to do enough. Its process may be a wrapper (npm, a shell) that sleeps while what it has started does not.
 */
export async function busyAtRest(pid: number): Promise<number | null> {
  let share: number | null = null;
  for (const ms of looksMs) {
    const before = sightOf(pid);
    await Bun.sleep(ms);
    const after = sightOf(pid);
    if (before === null || after === null) return null;
    const judged = judgeLook(between(before, after));
    if (judged.rests) return null;
    share = judged.share;
  }
  return share === null || share < busyShareMax ? null : share;
}

/** What the processes of a server have done up to a moment. */
interface Sight {
  readonly atNs: number;
  readonly processes: ReadonlyMap<string, { readonly cpuNs: number; readonly waitedNs: number }>;
  readonly runnable: boolean;
}

/** Null where the server's own process cannot be seen. */
function sightOf(pid: number): Sight | null {
  const tree = sampleTree(pid);
  const [first] = tree;
  if (first?.pid !== pid) return null;
  return {
    atNs: first.atNs,
    // A pid can be given anew; with its start it cannot.
    processes: new Map(
      tree.map((each) => [
        `${each.pid} ${each.startTicks}`,
        { cpuNs: each.cpuNs, waitedNs: waitNs(each.pid, [...each.switches.keys()]) },
      ]),
    ),
    runnable: tree.some((each) => isRunnable(each.pid)),
  };
}

/** A process that began meanwhile counts from its start. */
function between(before: Sight, after: Sight): Look {
  let cpuNs = 0;
  let waitedNs = 0;
  for (const [key, now] of after.processes) {
    const then = before.processes.get(key);
    cpuNs += now.cpuNs - (then?.cpuNs ?? 0);
    waitedNs += Math.max(0, now.waitedNs - (then?.waitedNs ?? 0));
  }
  return { elapsedNs: after.atNs - before.atNs, cpuNs, waitedNs, runnable: after.runnable };
}

/** Time that a process's threads have waited for a core, in ns: the second field of schedstat (Documentation/scheduler/sched-stats.rst). */
function waitNs(pid: number, threads: readonly number[]): number {
  const waits = threads.map((tid) => readProc(`/proc/${pid}/task/${tid}/schedstat`)?.split(" ")[1] ?? 0);
  return waits.reduce<number>((sum, wait) => sum + Number(wait), 0);
}

function isRunnable(pid: number): boolean {
  return statOf(pid)?.state === "R";
}

/** What the report says of a server that was busy for this share of every look. */
export function busyAtRestWarning(candidate: string, share: number): RunWarning {
  const cause = `with every connection closed the server was still busy for ${formatShare(share)} of the time it could have run`;
  return warning("busy-after-trial", cause, { cell: candidate });
}
