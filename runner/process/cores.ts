import type { CoreUse } from "../../schemas/load.ts";
import { clock } from "./clock.ts";
import { readProc, TICK_NS } from "./procfs.ts";
import { allProcesses } from "./tree.ts";

interface CoreCounters {
  /** CPU time of all tasks in ns, or null where only the idle time is known. */
  readonly ranNs: number | null;
  /** Time without work, waiting for I/O included, in ns. */
  readonly idleNs: number;
  readonly stealNs: number;
  /** Run time of its `ksoftirqd` in ns; 0 where it is not known. */
  readonly softIrqNs: number;
}

/** What every core has done up to a moment. */
export interface CoreSnapshot {
  /** On the runner's clock, in ns. */
  readonly atNs: number;
  readonly cores: ReadonlyMap<number, CoreCounters>;
  /** The clocks of the run's own processes were read just before the counters. */
  readonly isSettled: boolean;
}

/** What one core did between two snapshots. */
export interface CoreUsage {
  readonly core: number;
  readonly elapsedNs: number;
  readonly busyNs: number;
  readonly stealNs: number;
  /** Part of `busyNs` in which the kernel worked off what the sockets of the core's programs left to it. */
  readonly softIrqNs: number;
  /** How far `busyNs` can be off: 0.1 or 4 ms with the cgroup's counter, 30 ms from /proc/stat alone. */
  readonly uncertaintyNs: number;
}

/** The cpuacct counter follows a running task once a scheduler tick; 250 Hz is the slowest common setting. */
const ranUncertaintyNs = 4e6;
/**
 * The clock of a running process is read from the scheduler itself, which brings the counters of its core up to date. What is left is
 * what a server does between the two readings. In quiet windows 0.09 to 0.12 ms were seen, of which the readings are the most.
 */
const settledUncertaintyNs = 0.1e6;
/** Idle, iowait and steal are each cut to a tick of 10 ms. */
const idleUncertaintyNs = 3 * TICK_NS;

/** `cpuN user nice system idle iowait irq softirq steal …` of /proc/stat, in ticks (proc_stat(5)) → idle and steal. */
export function parseCoreTicks(stat: string): Map<number, { idleNs: number; stealNs: number }> {
  const cores = new Map<number, { idleNs: number; stealNs: number }>();
  for (const match of stat.matchAll(/^cpu(\d+) (.+)$/gm)) {
    const ticks = (match[2] ?? "").trim().split(/\s+/).map(Number);
    cores.set(Number(match[1]), {
      idleNs: ((ticks[3] ?? 0) + (ticks[4] ?? 0)) * TICK_NS,
      stealNs: (ticks[7] ?? 0) * TICK_NS,
    });
  }
  return cores;
}

const softIrqThread = /^ksoftirqd\/(\d+)$/;
let softIrqPids: ReadonlyMap<number, number> | null = null;

/** The kernel's thread of each core for work that interrupts leave behind; none where a container hides them. Looked up once. */
function softIrqThreads(): ReadonlyMap<number, number> {
  softIrqPids ??= new Map(
    allProcesses().flatMap(({ pid, comm }) => {
      const core = softIrqThread.exec(comm)?.[1];
      return core === undefined ? [] : [[Number(core), pid] as const];
    }),
  );
  return softIrqPids;
}

/**
 * Reads all cores. `ranNs` comes from cpuacct.usage_percpu of the root cgroup (version 1), which counts every task in
 * ns; a container's own cgroup would miss foreign tasks, and only the root has a release_agent. /proc/schedstat is not
 * used: it counts a task when it leaves the core, so that a spinning one does not show. Null where there is no /proc.
 * `settle` reads the clocks of the run's own processes, right before the counters that they are taken off.
 */
export function readCores(
  read: (path: string) => string | null = readProc,
  softIrqs = softIrqThreads(),
  settle: (() => void) | null = null,
): CoreSnapshot | null {
  const stat = read("/proc/stat");
  if (stat === null) return null;
  const group = "/sys/fs/cgroup/cpuacct";
  const hasCounter = read(`${group}/release_agent`) !== null;
  const softIrqNs = new Map([...softIrqs].map(([core, pid]) => [core, ranNsOf(read, pid)]));
  settle?.();
  const ran = hasCounter ? read(`${group}/cpuacct.usage_percpu`) : null;
  const atNs = clock();
  const perCore = ran?.trim().split(/\s+/).map(Number) ?? [];
  const cores = new Map<number, CoreCounters>();
  for (const [core, ticks] of parseCoreTicks(stat))
    cores.set(core, { ...ticks, ranNs: perCore[core] ?? null, softIrqNs: softIrqNs.get(core) ?? 0 });
  return { atNs, cores, isSettled: settle !== null };
}

/** How long a thread has run, in ns: the first field of its schedstat (Documentation/scheduler/sched-stats.rst). */
function ranNsOf(read: (path: string) => string | null, pid: number): number {
  const ran = Number.parseInt(read(`/proc/${pid}/schedstat`) ?? "", 10);
  return Number.isFinite(ran) ? ran : 0;
}

/**
 * Busy and stolen time of each core. Without a counter of run time, busy is what is neither idle nor stolen: the kernel
 * keeps idle time exactly, while the busy columns of /proc/stat are samples that a core half busy throws off by percents.
 */
export function coreUsage(before: CoreSnapshot, after: CoreSnapshot): CoreUsage[] {
  const elapsedNs = after.atNs - before.atNs;
  const usage: CoreUsage[] = [];
  for (const [core, now] of after.cores) {
    const then = before.cores.get(core);
    if (then === undefined) continue;
    const stealNs = Math.max(0, now.stealNs - then.stealNs);
    const softIrqNs = Math.max(0, now.softIrqNs - then.softIrqNs);
    if (now.ranNs !== null && then.ranNs !== null) {
      usage.push({
        core,
        elapsedNs,
        busyNs: now.ranNs - then.ranNs,
        stealNs,
        softIrqNs,
        uncertaintyNs: before.isSettled && after.isSettled ? settledUncertaintyNs : ranUncertaintyNs,
      });
    } else {
      const busyNs = Math.max(0, elapsedNs - (now.idleNs - then.idleNs) - stealNs);
      usage.push({ core, elapsedNs, busyNs, stealNs, softIrqNs, uncertaintyNs: idleUncertaintyNs });
    }
  }
  return usage;
}

/**
 * Contamination: busy time of each core in `ownNs` less what the run's own processes used there (its value, in ns),
 * never below 0. A process of the run that is not bound to one core cannot be taken off any.
 *
 * What the kernel does behind its sockets is the run's too, and no program's: with 5,000 connections that come and go it took 0.7 % of
 * the server's core, and made a quiet machine look busy. Another program on the core shows by its own time.
 */
export function accountCores(usage: readonly CoreUsage[], ownNs: ReadonlyMap<number, number>): CoreUse[] {
  return usage.flatMap(({ core, elapsedNs, busyNs, stealNs, softIrqNs }) => {
    const usedNs = ownNs.get(core);
    return usedNs === undefined
      ? []
      : [{ core, elapsedNs, busyNs, foreignNs: Math.max(0, busyNs - usedNs - softIrqNs), stealNs }];
  });
}

/**
 * CPU time of a server by the core that it was used on, as far as that can be known: the kernel counts it by process, and a server of
 * several wanders over its cores. Each core is taken to have worked for the server first, so that what others did on them adds up.
 */
export function spreadOver(
  usage: readonly CoreUsage[],
  cores: readonly number[],
  cpuNs: number,
): Map<number, number> {
  const shares = new Map<number, number>();
  let leftNs = cpuNs;
  for (const [i, core] of cores.entries()) {
    const busyNs = usage.find((one) => one.core === core)?.busyNs ?? leftNs;
    const usedNs = i === cores.length - 1 ? leftNs : Math.min(leftNs, busyNs);
    shares.set(core, usedNs);
    leftNs -= usedNs;
  }
  return shares;
}
