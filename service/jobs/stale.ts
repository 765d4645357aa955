import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { z } from "zod";

const marker = z.object({ pid: z.int().positive(), startedAt: z.string() });
const markerFile = (folder: string): string => join(folder, "runner.json");

/** Notes which process measures into a run's folder, for a service that comes after this one. */
export function markRunner(folder: string, pid: number): void {
  const startedAt = startOf(pid);
  if (startedAt !== null) writeFileSync(markerFile(folder), JSON.stringify({ pid, startedAt }));
}

export const unmarkRunner = (folder: string): void => rmSync(markerFile(folder), { force: true });

const lookMs = 100;
/** A runner whose service has ended reports what it has and ends by itself. */
const patienceMs = 30_000;

/** Waits for the end of a runner that an earlier service left, and ends it by force where it does not come. */
export async function endStaleRunner(folder: string): Promise<void> {
  const file = markerFile(folder);
  if (!existsSync(file)) return;
  const found = marker.safeParse(jsonOf(readFileSync(file, "utf8")));
  // A pid is given again: the same number with another start is another program.
  const runs = () => found.success && startOf(found.data.pid) === found.data.startedAt;
  for (let waitedMs = 0; runs() && waitedMs < patienceMs; waitedMs += lookMs) await later(lookMs);
  if (found.success && runs()) process.kill(found.data.pid, "SIGKILL");
  unmarkRunner(folder);
}

/** When a process began, in ticks since the system did; null for one that is not there, and where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Behind the name, which may hold anything, come the state and further numbers; a zombie has ended.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
