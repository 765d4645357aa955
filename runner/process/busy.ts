import { clock } from "./clock.ts";
import { cpuClockId, readClockNs } from "./libc.ts";
import { TICK_NS } from "./procfs.ts";
import { allProcesses } from "./tree.ts";

interface Seen {
  readonly name: string;
  readonly startTicks: number;
  readonly core: number;
  readonly cpuNs: number;
}

/** CPU time of every visible process up to a moment. */
export interface ProcessesSnapshot {
  readonly atNs: number;
  readonly processes: ReadonlyMap<number, Seen>;
}

/** A process of someone else that used CPU time. */
export interface BusyProcess {
  readonly pid: number;
  readonly name: string;
  /** Core it was last seen on. */
  readonly core: number;
  readonly cpuNs: number;
  /** 100 is one whole core. */
  readonly cpuPct: number;
}

/** Reads the CPU time of every process: about 20 µs each, so a matter for between trials. Empty without /proc. */
export function readProcesses(): ProcessesSnapshot {
  const processes = new Map<number, Seen>();
  for (const { pid, comm, startTicks, core, cpuTicks } of allProcesses()) {
    const cpuNs = readClockNs(cpuClockId(pid)) ?? cpuTicks * TICK_NS;
    processes.set(pid, { name: comm, startTicks, core, cpuNs });
  }
  return { atNs: clock(), processes };
}

/**
 * The busiest processes between two snapshots, `ignored` pids left out, busiest first. One that started meanwhile counts
 * from its start; one that ended meanwhile cannot be named.
 */
export function busyProcesses(
  before: ProcessesSnapshot,
  after: ProcessesSnapshot,
  ignored: ReadonlySet<number>,
  most = 3,
): BusyProcess[] {
  const elapsedNs = after.atNs - before.atNs;
  const busy: BusyProcess[] = [];
  for (const [pid, now] of after.processes) {
    if (ignored.has(pid)) continue;
    const then = before.processes.get(pid);
    const sameProcess = then !== undefined && then.startTicks === now.startTicks;
    const cpuNs = now.cpuNs - (sameProcess ? then.cpuNs : 0);
    if (cpuNs <= 0) continue;
    busy.push({ pid, name: now.name, core: now.core, cpuNs, cpuPct: (100 * cpuNs) / elapsedNs });
  }
  return busy.sort((a, b) => b.cpuNs - a.cpuNs).slice(0, most);
}
