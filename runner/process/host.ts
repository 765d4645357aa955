import os from "node:os";
import type { HostFacts } from "../../schemas/report.ts";
import type { Read } from "./cgroup.ts";
import { formatCpuList } from "./cpulist.ts";
import { readLimits } from "./limits.ts";
import { describePins, type PinPlan } from "./pin.ts";
import { readProc } from "./procfs.ts";

/**
 * Facts of the machine and of the limits set on it, as the report prints them. Null where the system does not report them, or where
 * there is no limit. `allowed` are the cores that this process could run on before it was bound to any.
 */
export function hostFacts(pins: PinPlan, allowed: readonly number[], read: Read = readProc): HostFacts {
  const { cpuQuota, memory } = readLimits(read);
  const model = os.cpus()[0]?.model.trim() ?? "";
  return {
    cpu: model === "" || model === "unknown" ? process.arch : model,
    cores: Math.max(1, os.cpus().length),
    os: distribution(read("/etc/os-release") ?? "") ?? os.type(),
    kernel: os.release(),
    memoryBytes: os.totalmem(),
    governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")?.trim() ?? null,
    virtualised: hypervisor(read),
    cpuQuotaCores: cpuQuota?.value ?? null,
    memoryLimitBytes: memory?.value ?? null,
    cpuset: allowed.length === 0 ? null : formatCpuList(allowed),
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
 * `hypervisor` in their flags; elsewhere a device tree node of that name or Xen's /sys/hypervisor shows it.
 */
export function hypervisor(read: Read): string | null {
  const flagged = /^flags\s*:.*\bhypervisor\b/m.test(read("/proc/cpuinfo") ?? "");
  const type = read("/sys/hypervisor/type")?.trim();
  const tree = read("/proc/device-tree/hypervisor/compatible")?.replaceAll("\0", " ").trim();
  if (!flagged && type === undefined && tree === undefined) return null;
  const dmi = ["sys_vendor", "product_name"].map((name) => read(`/sys/class/dmi/id/${name}`)?.trim() ?? "");
  return dmi.join(" ").trim() || type || tree || "an unnamed hypervisor";
}
