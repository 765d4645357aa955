import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

/** Reads one file of /proc or /sys; null when it is absent, unreadable, or its process has ended. */
export function readProc(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

const block = Buffer.allocUnsafeSlow(65_536);

/**
 * Hands a file of /proc on in pieces of whole lines, which hold only until the call returns; nothing of one that is absent or
 * unreadable. Read whole, a table of megabytes would be in memory several times over.
 */
export function readProcLines(path: string, take: (lines: Buffer) => void): void {
  let file: number | null = null;
  try {
    file = openSync(path, "r");
    let held = 0;
    for (;;) {
      const read = readSync(file, block, held, block.length - held, null);
      const filled = held + read;
      const whole = read === 0 ? filled : block.subarray(0, filled).lastIndexOf("\n") + 1;
      if (whole > 0) take(block.subarray(0, whole));
      if (read === 0) return;
      block.copyWithin(0, whole, filled);
      held = filled - whole;
    }
  } catch {
    // Its process may have ended meanwhile.
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** A field of /proc/<pid>/status by its name, without its unit's padding: `VmRSS` → `1672 kB`. See proc_pid_status(5). */
export function statusField(status: string, name: string): string | null {
  const start = status.startsWith(`${name}:`) ? 0 : status.indexOf(`\n${name}:`) + 1;
  if (start === 0 && !status.startsWith(`${name}:`)) return null;
  const end = status.indexOf("\n", start);
  return status.slice(start + name.length + 1, end < 0 ? undefined : end).trim();
}

/** A numeric field of a status file, in its own unit; null when absent or not a number. */
export function statusNumber(status: string, name: string): number | null {
  const number = Number.parseInt(statusField(status, name) ?? "", 10);
  return Number.isNaN(number) ? null : number;
}

/** The part of /proc/<pid>/stat that is used here; numbers of fields as in proc_pid_stat(5). */
export interface ProcStat {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
  /** Process group (field 5). */
  readonly group: number;
  /** CPU time of the whole process, exited threads included, in clock ticks (fields 14 and 15). */
  readonly cpuTicks: number;
  readonly threads: number;
  /** Start time after boot, in clock ticks: distinguishes two processes that had one pid (field 22). */
  readonly startTicks: number;
  /** Core it last ran on (field 39). */
  readonly core: number;
}

/** Parses /proc/<pid>/stat. The name stands in parentheses and may itself hold spaces and parentheses. */
export function parseStat(text: string): ProcStat | null {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return null;
  const fields = text
    .slice(close + 2)
    .trim()
    .split(" ");
  // fields[0] is field 3 of the manual page.
  const number = (field: number) => Number(fields[field - 3] ?? Number.NaN);
  const stat: ProcStat = {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: fields[0] ?? "",
    ppid: number(4),
    group: number(5),
    cpuTicks: number(14) + number(15),
    threads: number(20),
    startTicks: number(22),
    core: number(39),
  };
  const { pid, ppid, cpuTicks, threads, startTicks } = stat;
  return [pid, ppid, cpuTicks, threads, startTicks].every(Number.isFinite) ? stat : null;
}

/** The stat of a process; null where it is gone. */
export const statOf = (pid: number): ProcStat | null => parseStat(readProc(`/proc/${pid}/stat`) ?? "");

/** USER_HZ is 100 on every architecture that Bun runs on (include/uapi/asm-generic/param.h), whatever HZ the kernel has. */
export const TICK_NS = 1e7;

/** What a thread has had of its core, and how long it was ready and waited for it, since it began, in ns. */
export interface ThreadTimes {
  readonly ranNs: number;
  readonly waitNs: number;
}

/** The times of every thread of a process, as `threadWaitNs` reads them; none of one that is gone, or where the kernel does not report them. */
export function threadTimes(pid: number): Map<number, ThreadTimes> {
  const times = new Map<number, ThreadTimes>();
  let tids: string[];
  try {
    tids = readdirSync(`/proc/${pid}/task`);
  } catch {
    return times;
  }
  for (const tid of tids) {
    const [ranNs = Number.NaN, waitNs = Number.NaN] = (readProc(`/proc/${pid}/task/${tid}/schedstat`) ?? "")
      .split(" ")
      .map(Number);
    if (Number.isFinite(ranNs) && Number.isFinite(waitNs)) times.set(Number(tid), { ranNs, waitNs });
  }
  return times;
}

/**
 * How long a thread has waited for a core since it began, in ns: the second field of its schedstat
 * (Documentation/scheduler/sched-stats.rst). The kernel counts a wait when it is over. Null where it is not reported.
 */
export function threadWaitNs(pid: number, tid: number): number | null {
  const wait = Number(readProc(`/proc/${pid}/task/${tid}/schedstat`)?.split(" ")[1] ?? Number.NaN);
  return Number.isFinite(wait) ? wait : null;
}

/** How many files and sockets a process has open; null where it is gone, or another user's. */
export function openFilesOf(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}

/**
 * Memory that is in use on the whole machine, in bytes: MemTotal less MemAvailable of /proc/meminfo (proc_meminfo(5)). Null where
 * there is none.
 */
export function memoryUsed(): number | null {
  const text = readProc("/proc/meminfo") ?? "";
  const kb = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? Number.NaN);
  const used = kb("MemTotal") - kb("MemAvailable");
  return Number.isFinite(used) ? 1024 * used : null;
}
