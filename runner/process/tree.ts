import { readdirSync } from "node:fs";
import { type ProcStat, statOf } from "./procfs.ts";

/** The stat of every process that this one may see; empty where there is no /proc. */
export function allProcesses(): ProcStat[] {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = statOf(Number(name));
    return stat === null ? [] : [stat];
  });
}

/** All living descendants of `pid`, nearest first. A process whose parent has ended is no longer one. */
export function descendants(pid: number, processes: readonly ProcStat[] = allProcesses()): ProcStat[] {
  const found: ProcStat[] = [];
  const parents = [pid];
  for (let i = 0; i < parents.length; i++) {
    const children = processes.filter((each) => each.ppid === parents[i]);
    found.push(...children);
    parents.push(...children.map((each) => each.pid));
  }
  return found;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Kills what is left of a process group, its leader included. Where there are no groups, nothing. */
export function killGroup(leader: number): void {
  if (process.platform !== "win32") killQuietly(-leader);
}

/** Kills processes seen before, unless their pid has since been given to another. */
export function killSeen(seen: readonly ProcStat[]): void {
  for (const { pid, startTicks } of seen) {
    const now = statOf(pid);
    if (now?.startTicks === startTicks) killQuietly(pid);
  }
}

/** Kills a living child that leads a process group: the group, and every descendant that has left the group. */
export function killTree(leader: number): void {
  const found = descendants(leader);
  killGroup(leader);
  killQuietly(leader);
  killSeen(found);
}

/** Holds a process and its descendants still. Gives what lets them go on; what has ended by then is left alone. */
export function holdTree(top: number): () => void {
  const held = [top, ...descendants(top).map((each) => each.pid)];
  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of held) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended by itself.
      }
    }
  };
  signalAll("SIGSTOP");
  return () => signalAll("SIGCONT");
}
