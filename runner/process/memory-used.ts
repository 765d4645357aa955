import { readProc } from "./procfs.ts";

/**
 * Memory that is in use on the whole machine, in bytes: MemTotal less MemAvailable of /proc/meminfo (proc_meminfo(5)). Null where
 * there is none.
 */
export function memoryUsed(read: (path: string) => string | null = readProc): number | null {
  const text = read("/proc/meminfo") ?? "";
  const kb = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? Number.NaN);
  const used = kb("MemTotal") - kb("MemAvailable");
  return Number.isFinite(used) ? 1024 * used : null;
}
