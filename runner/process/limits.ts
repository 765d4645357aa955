import type { LimitUse } from "../../schemas/load.ts";
import { cgroupFolders, type Read, statOf } from "./cgroup.ts";
import { readProc } from "./procfs.ts";

/** A bound that the environment puts on this process: its value, the file that sets it, and what stands there. */
export interface Limit {
  readonly value: number;
  readonly file: string;
  readonly text: string;
}

/** What the environment bounds, whatever the machine has. Null where there is no bound. */
export interface Limits {
  /** CPU time per time, in cores. */
  readonly cpuQuota: Limit | null;
  /** In bytes: what may not be passed, or what slows down whoever passes it. */
  readonly memory: Limit | null;
  /** Files and sockets that one process may have open. */
  readonly openFiles: Limit | null;
}

/** Reads the limits of this process. Of a cgroup and those above it the tightest counts. */
export function readLimits(read: Read = readProc): Limits {
  return { cpuQuota: cpuQuota(read), memory: memoryLimit(read), openFiles: openFiles(read) };
}

/** `cpu.max` in version 2, `cpu.cfs_quota_us` over `cpu.cfs_period_us` in version 1 (cgroup-v2.rst, sched-bwc.rst). */
function cpuQuota(read: Read): Limit | null {
  const limits = cgroupFolders("cpu", read).flatMap((folder) => {
    const max = read(`${folder}/cpu.max`);
    if (max !== null) return limitOf(`${folder}/cpu.max`, max.trim(), ...max.trim().split(" "));
    const quota = (read(`${folder}/cpu.cfs_quota_us`) ?? "").trim();
    const period = (read(`${folder}/cpu.cfs_period_us`) ?? "").trim();
    return limitOf(`${folder}/cpu.cfs_quota_us`, `${quota} of ${period}`, quota, period);
  });
  return tightest(limits);
}

/** `max` and -1 are no quota. */
function limitOf(file: string, text: string, quota = "", period = ""): Limit[] {
  const cores = Number(quota) / Number(period);
  return quota !== "" && cores > 0 && Number.isFinite(cores) ? [{ value: cores, file, text }] : [];
}

/** A bound above the machine's memory bounds nothing; version 1 writes "none" as the largest number of pages. */
function memoryLimit(read: Read): Limit | null {
  const totalKb = /^MemTotal:\s+(\d+) kB$/m.exec(read("/proc/meminfo") ?? "")?.[1];
  const total = totalKb === undefined ? 2 ** 60 : Number(totalKb) * 1024;
  const limits = cgroupFolders("memory", read).flatMap((folder) =>
    ["memory.max", "memory.high", "memory.limit_in_bytes"].flatMap((name) => {
      const file = `${folder}/${name}`;
      const text = (read(file) ?? "").trim();
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      return value > 0 && value <= total ? [{ value, file, text }] : [];
    }),
  );
  return tightest(limits);
}

function openFiles(read: Read): Limit | null {
  const file = "/proc/self/limits";
  const text = /^Max open files\s+(\d+)/m.exec(read(file) ?? "")?.[1];
  return text === undefined ? null : { value: Number(text), file, text };
}

function tightest(limits: readonly Limit[]): Limit | null {
  const [first] = limits.toSorted((a, b) => a.value - b.value);
  return first ?? null;
}

/**
 * What the limits take over a window. It looks at this process's cgroups and, where a server runs in its own container,
 * at the server's.
 */
export class LimitMeter {
  readonly #read: Read;
  readonly #files: readonly string[];
  #before: readonly LimitUse[] = [];

  constructor(pids: readonly (number | "self")[], read: Read = readProc) {
    this.#read = read;
    const files = pids.flatMap((pid) => {
      const cpu = cgroupFolders("cpu", read, pid);
      const memory = cgroupFolders("memory", read, pid);
      return [
        ...cpu.map((folder) => `${folder}/cpu.stat`),
        // It counts throttling by groups above as well, which a container may not see.
        ...cpu.slice(0, 1).map((folder) => `${folder}/cpu.stat.local`),
        ...memory.flatMap((folder) => [`${folder}/memory.events`, `${folder}/memory.oom_control`]),
      ];
    });
    this.#files = [...new Set(files)].filter((file) => read(file) !== null);
  }

  begin(): void {
    this.#before = this.#counters();
  }

  /** What was taken since `begin`; null where nothing was. */
  end(): LimitUse | null {
    const taken = this.#counters().map((now, i) => since(this.#before[i] ?? now, now));
    // A group and those around it report the same wait: the largest counts.
    const highest = (of: (use: LimitUse) => number) => Math.max(0, ...taken.map(of));
    const use: LimitUse = {
      throttledPeriods: highest((one) => one.throttledPeriods),
      throttledNs: highest((one) => one.throttledNs),
      memoryEvents: highest((one) => one.memoryEvents),
    };
    return Object.values(use).some((value) => value > 0) ? use : null;
  }

  #counters(): LimitUse[] {
    return this.#files.map((file) => countersIn(this.#read(file) ?? ""));
  }
}

/** Plain reclaim at the hard bound of memory costs little where it drops cached files, and is not counted. */
function countersIn(text: string): LimitUse {
  return {
    throttledPeriods: statOf(text, "nr_throttled") ?? 0,
    throttledNs: statOf(text, "throttled_time") ?? 1000 * (statOf(text, "throttled_usec") ?? 0),
    memoryEvents: (statOf(text, "high") ?? 0) + (statOf(text, "oom_kill") ?? 0),
  };
}

function since(before: LimitUse, now: LimitUse): LimitUse {
  return {
    throttledPeriods: Math.max(0, now.throttledPeriods - before.throttledPeriods),
    throttledNs: Math.max(0, now.throttledNs - before.throttledNs),
    memoryEvents: Math.max(0, now.memoryEvents - before.memoryEvents),
  };
}
