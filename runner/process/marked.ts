import { clock } from "./clock.ts";
import { readProc, statOf } from "./procfs.ts";
import { allProcesses, descendants, killSeen } from "./tree.ts";

/** Names one start of a server in the environment of all that comes of it, wherever that goes. */
export const markName = "TICKBENCH_SERVER";

let marks = 0;

/** A mark that no other start has. */
export const newMark = (): string => `${process.pid}-${++marks}`;

/**
 * Processes of a marked start: those that carry the mark in their environment, and all that these have started. A daemon leaves
 * its group and its session, and keeps its environment.
 */
export function markedPids(mark: string): number[] {
  const wanted = `${markName}=${mark}`;
  const processes = allProcesses();
  const carriers = processes.filter(
    ({ pid, state }) =>
      state !== "Z" && readProc(`/proc/${pid}/environ`)?.split("\0").includes(wanted) === true,
  );
  const below = carriers.flatMap(({ pid }) => descendants(pid, processes).map((each) => each.pid));
  return [...new Set([...carriers.map(({ pid }) => pid), ...below])];
}

/** Kills what is left of a marked start. */
export function killMarked(mark: string): void {
  for (const pid of markedPids(mark)) signal(pid, "SIGKILL");
}

/** Asks processes to end, and kills what is still there after `graceMs`. Resolves when none is left. */
export async function endPids(pids: readonly number[], graceMs: number): Promise<void> {
  const seen = pids.flatMap((pid) => {
    const stat = statOf(pid);
    return stat === null ? [] : [stat];
  });
  for (const { pid } of seen) signal(pid, "SIGTERM");
  const untilNs = clock() + graceMs * 1e6;
  const alive = () =>
    seen.filter(({ pid, startTicks }) => {
      const now = statOf(pid);
      return now !== null && now.startTicks === startTicks && now.state !== "Z";
    });
  while (alive().length > 0 && clock() < untilNs) await Bun.sleep(endPollMs);
  killSeen(alive());
}

/** Nothing reports their end, as they are no children of this process. */
const endPollMs = 10;

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
