import os from "node:os";
import type { HostFacts } from "../../schemas/report.ts";
import { describePins, type PinPlan } from "./pin.ts";
import { readProc } from "./procfs.ts";

type Read = (path: string) => string | null;

/** Facts of the machine, as the report prints them. Null where the system does not tell. */
export function hostFacts(pins: PinPlan, read: Read = readProc): HostFacts {
  const model = os.cpus()[0]?.model.trim() ?? "";
  return {
    cpu: model === "" || model === "unknown" ? process.arch : model,
    cores: Math.max(1, os.cpus().length),
    os: distribution(read("/etc/os-release") ?? "") ?? os.type(),
    kernel: os.release(),
    memoryBytes: os.totalmem(),
    governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")?.trim() ?? null,
    virtualised: hypervisor(read),
    pinning: {
      pinned: pins.pinned,
      how: describePins(pins),
      serverCores: pins.pinned ? [...pins.server] : [],
      loadCores: pins.pinned ? [...pins.load] : [],
    },
  };
}

/** PRETTY_NAME of os-release(5), null when there is none. */
export function distribution(osRelease: string): string | null {
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(osRelease)?.[1] ?? null;
}

/**
 * Name of the hypervisor that this system runs under, null where it shows none. x86 guests carry the CPUID bit
 * `hypervisor` in their flags; elsewhere a device tree node of that name or Xen's /sys/hypervisor tells.
 */
export function hypervisor(read: Read): string | null {
  const flagged = /^flags\s*:.*\bhypervisor\b/m.test(read("/proc/cpuinfo") ?? "");
  const type = read("/sys/hypervisor/type")?.trim();
  const tree = read("/proc/device-tree/hypervisor/compatible")?.replaceAll("\0", " ").trim();
  if (!flagged && type === undefined && tree === undefined) return null;
  const dmi = ["sys_vendor", "product_name"].map((name) => read(`/sys/class/dmi/id/${name}`)?.trim() ?? "");
  return dmi.join(" ").trim() || type || tree || "an unnamed hypervisor";
}

/** What else about the machine may move a figure. */
export interface MachineState {
  /** Mean number of runnable tasks over the last minute. */
  readonly loadAverage: number;
  /** CPU time per time that the cgroup allows this process, in cores; null without a limit. */
  readonly cgroupCores: number | null;
  /** Whether two hardware threads share a core; null where the system does not tell. */
  readonly smt: boolean | null;
}

/** The machine as it is now. What the system does not tell is null. */
export function machineState(read: Read = readProc): MachineState {
  const smt = read("/sys/devices/system/cpu/smt/active")?.trim();
  return {
    loadAverage: os.loadavg()[0] ?? 0,
    cgroupCores: cgroupCores(read),
    smt: smt === undefined ? null : smt === "1",
  };
}

/**
 * Smallest CPU limit of this process's cgroup and those above it: `cpu.max` in version 2, `cpu.cfs_quota_us` over
 * `cpu.cfs_period_us` in version 1 (Documentation/admin-guide/cgroup-v2.rst, scheduler/sched-bwc.rst).
 */
export function cgroupCores(read: Read = readProc): number | null {
  const groups = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  const v2 = groups.find(([id]) => id === "0")?.[2];
  const v1 = groups.find(([, controllers]) => controllers?.split(",").includes("cpu"))?.[2];
  const limits = [
    ...upwards(v2).map((path) => quota((read(`/sys/fs/cgroup${path}/cpu.max`) ?? "").trim().split(" "))),
    ...upwards(v1).map((path) => {
      const file = (name: string) => (read(`/sys/fs/cgroup/cpu${path}/cpu.cfs_${name}_us`) ?? "").trim();
      return quota([file("quota"), file("period")]);
    }),
  ].filter((limit) => limit !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}

/** `/a/b` → `/a/b`, `/a` and the root: inside a container the upper ones may be all that is mounted. */
function upwards(path: string | undefined): string[] {
  if (path === undefined) return [];
  const parts = path.split("/").filter((part) => part !== "");
  return Array.from({ length: parts.length + 1 }, (_, up) =>
    parts
      .slice(0, parts.length - up)
      .map((part) => `/${part}`)
      .join(""),
  );
}

function quota([limit, period]: string[]): number | null {
  const cores = Number(limit) / Number(period);
  return limit !== "" && cores > 0 && Number.isFinite(cores) ? cores : null;
}
