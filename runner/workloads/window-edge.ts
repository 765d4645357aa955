import type { CoreUse } from "../../schemas/load.ts";
import { sum } from "../../stats/moments.ts";
import { accountCores, type CoreSnapshot, coreUsage, readCores, spreadOver } from "../process/cores.ts";
import { cpuClockId, readClockNs } from "../process/libc.ts";
import { type ThreadTimes, threadTimes, threadWaitNs } from "../process/procfs.ts";

/** What the cores and the run's own processes had done up to one edge of a window. All times in ns. */
export interface WindowEdge {
  readonly cores: CoreSnapshot | null;
  /** CPU time of this process and the runner's. */
  readonly generatorNs: number;
  /** CPU time of this process's helper threads since they were held back. */
  readonly helperNs: number;
  /** How long the main thread has waited for its core; null where the kernel does not report it. */
  readonly waitNs: number | null;
  /** The server's threads by their ids. */
  readonly threads: ReadonlyMap<number, ThreadTimes>;
}

/** Reads an edge. The cores come last, so that their counters are as fresh as the clocks that they are compared with. */
export function readEdge(serverPids: readonly number[], helperNs: number): WindowEdge {
  const waitNs = threadWaitNs(process.pid, process.pid);
  const threads = new Map(serverPids.flatMap((pid) => [...threadTimes(pid)]));
  let generatorNs = 0;
  const cores = readCores(undefined, undefined, () => {
    for (const pid of serverPids) readClockNs(cpuClockId(pid));
    generatorNs = sum([process.pid, process.ppid], (pid) => readClockNs(cpuClockId(pid)) ?? 0);
  });
  return { cores, generatorNs, helperNs, waitNs, threads };
}

/** Whose the cores are: the server's come first, then the generator's. */
export interface CoreOwners {
  readonly cores: readonly number[];
  readonly serverCores: number;
  /** CPU time of the server's processes between the edges, in ns; null where it is not known. */
  readonly serverNs: number | null;
  /** The one core that the generator's helper threads were moved to; null where they were not. */
  readonly helperCore: number | null;
}

/**
 * What was done on each core between two edges, and by whom. Foreign time is that less what the counters can be off by: what is left
 * was certainly someone else's.
 */
export function coreUses(before: WindowEdge, after: WindowEdge, owners: CoreOwners): CoreUse[] {
  const { cores, serverCores, serverNs, helperCore } = owners;
  const usage = before.cores === null || after.cores === null ? [] : coreUsage(before.cores, after.cores);
  const usedNs =
    serverNs === null ? new Map<number, number>() : spreadOver(usage, cores.slice(0, serverCores), serverNs);
  const loadCore = cores[serverCores];
  const helperNs = after.helperNs - before.helperNs;
  const add = (core: number, ns: number) => usedNs.set(core, (usedNs.get(core) ?? 0) + ns);
  if (loadCore !== undefined) {
    add(loadCore, after.generatorNs - before.generatorNs);
    if (helperCore !== null) {
      add(loadCore, -helperNs);
      add(helperCore, helperNs);
    }
  }
  const generatorWaitNs =
    before.waitNs === null || after.waitNs === null ? null : after.waitNs - before.waitNs;
  return accountCores(usage, usedNs).map((core) => {
    const uncertaintyNs = usage.find((u) => u.core === core.core)?.uncertaintyNs ?? 0;
    const foreignNs = Math.max(0, core.foreignNs - uncertaintyNs);
    // What the generator's own helpers take of the server's core is none of the server's either.
    const othersNs = core.core === helperCore && core.core !== loadCore ? foreignNs + helperNs : foreignNs;
    const isPrecise = uncertaintyNs < preciseNs;
    const heldNs =
      core.core === loadCore
        ? atMost(generatorWaitNs, othersNs)
        : serverHeldNs(before, after, isPrecise ? othersNs : null);
    return heldNs === null ? { ...core, foreignNs } : { ...core, foreignNs, heldNs };
  });
}

/** Foreign time that is known better than this, in ns, is known well enough to bound a wait by. */
const preciseNs = 1e6;

const atMost = (waitNs: number | null, boundNs: number): number | null =>
  waitNs === null ? null : Math.min(waitNs, boundNs);

/**
 * How long others kept the server's threads from its core. They wait for each other too (a collector, a compiler), which is the server's
 * own doing: what they waited is taken for the others' as far as those had the core. Where that is not known, what a thread waited
 * longer than all threads beside it ran can only have been others'. Null where the kernel does not report it.
 */
export function serverHeldNs(
  before: Pick<WindowEdge, "threads">,
  after: Pick<WindowEdge, "threads">,
  othersNs: number | null,
): number | null {
  const spans = [...after.threads].map(([tid, { ranNs, waitNs }]) => {
    const then = before.threads.get(tid);
    return { ranNs: ranNs - (then?.ranNs ?? 0), waitNs: waitNs - (then?.waitNs ?? 0) };
  });
  if (spans.length === 0) return null;
  if (othersNs !== null)
    return Math.min(
      othersNs,
      sum(spans, ({ waitNs }) => waitNs),
    );
  const ranNs = sum(spans, (span) => span.ranNs);
  return Math.max(0, ...spans.map((span) => span.waitNs - (ranNs - span.ranNs)));
}
