import { formatBytes, formatNs } from "../../reports/format.ts";
import type { RunEvent } from "../../schemas/event.ts";
import type { LimitUse } from "../../schemas/load.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { UsageError } from "../cli/usage-error.ts";
import { formatCpuList } from "../process/cpulist.ts";
import { type Limits, readLimits } from "../process/limits.ts";
import { describePins, type PinPlan, type Topology } from "../process/pin.ts";

/** Server and load take a core each; below that one waits while the other works. */
export const quotaCoresMin = 2;
/** The runner, the load generator and a server with a thousand connections, with room for what they read from the disk. */
export const memoryBytesMin = 1024 ** 3;

/** What the environment keeps from a run, the value and where it stands, and what to do about it. */
interface Shortage {
  readonly code: "cpu-quota" | "memory-limit" | "cpuset" | "throttled";
  readonly rule: string;
  readonly got: string;
  readonly fix: string;
}

/**
 * Refuses an environment whose limits would be measured in the servers' place, as a busy machine is; with `force` gives the
 * warnings that the report will carry. `taken` is what limits took while the machine was looked at. What cannot be checked here is a warning either way. Throws UsageError.
 */
export function judgeLimits(
  pins: PinPlan,
  machine: Topology,
  force: boolean,
  taken: LimitUse | null,
  limits: Limits = readLimits(),
): RunWarning[] {
  const shortages = [...shortagesOf(limits, machine), ...throttling(taken)];
  const [first] = shortages;
  if (first !== undefined && !force) {
    throw new UsageError(`${first.rule}, got ${first.got}; ${first.fix}, or use --force`);
  }
  return [
    ...shortages.map(({ code, rule, got, fix }) =>
      warning(
        code,
        `started with --force though ${rule}, got ${got}: figures may reflect the limit, not the servers`,
        { nextStep: `${fix}, and repeat before deciding anything` },
      ),
    ),
    ...unaccountable(pins),
  ];
}

function shortagesOf({ cpuQuota, memory }: Limits, { platform, allowed }: Topology): Shortage[] {
  const all: Shortage[] = [];
  if (cpuQuota !== null && cpuQuota.value < quotaCoresMin) {
    all.push({
      code: "cpu-quota",
      rule: `the CPU quota must be at least ${quotaCoresMin} cores, one for the server and one for the load`,
      got: `${Number(cpuQuota.value.toPrecision(3))} (${cpuQuota.file}: ${cpuQuota.text})`,
      fix: "raise it (docker run --cpus, resources.limits.cpu, CPUQuota=)",
    });
  }
  if (platform === "linux" && allowed.length === 1) {
    all.push({
      code: "cpuset",
      rule: "two cores must be allowed, one for the server and one for the load",
      got: `core ${formatCpuList(allowed)} alone (/proc/self/status: Cpus_allowed_list)`,
      fix: "allow more (docker run --cpuset-cpus, AllowedCPUs=, taskset), or take a machine that has them",
    });
  }
  if (memory !== null && memory.value < memoryBytesMin) {
    all.push({
      code: "memory-limit",
      rule: `the memory limit must be at least ${formatBytes(memoryBytesMin)}`,
      got: `${formatBytes(memory.value)} (${memory.file}: ${memory.text})`,
      fix: "raise it (docker run --memory, resources.limits.memory, MemoryMax=)",
    });
  }
  return all;
}

/** The quota may suffice and be used up by others in its group. */
function throttling(taken: LimitUse | null): Shortage[] {
  if (taken === null || taken.throttledPeriods + taken.throttledNs === 0) return [];
  return [
    {
      code: "throttled",
      rule: "no CPU quota may throttle this command before the run",
      got: `${formatNs(taken.throttledNs)} of waiting in ${taken.throttledPeriods} periods (cpu.stat of its cgroup)`,
      fix: "raise the quota, or close other programs in the group",
    },
  ];
}

/** Windows in a row that a limit held back, after which no clean one is to be expected any more. */
const limitedInARow = 3;

/**
 * Watches a run for limits that set in while it measures. Single windows are void and taken again; where every window is held
 * back the run had better end.
 */
export class LimitWatch {
  #inARow = 0;

  /** Why the run should end; null while it need not. */
  refusal: string | null = null;

  see(event: RunEvent): void {
    if (event.type !== "window-finished") return;
    const code = event.doubt?.code;
    const limited = code === "throttled" || code === "memory-limit";
    this.#inARow = limited ? this.#inARow + 1 : 0;
    if (this.#inARow < limitedInARow) return;
    this.refusal ??= `${event.doubt?.reason}, ${limitedInARow} windows in a row: raise the limit and use --resume, or use --force`;
  }
}

function unaccountable(pins: PinPlan): RunWarning[] {
  if (!pins.pinned || pins.accountable !== false) return [];
  return [
    warning(
      "cores-not-accountable",
      `/proc/stat does not count the cores that are used by their own numbers (${describePins(pins)}), as in a container under lxcfs: their use by other programs could not be checked`,
    ),
  ];
}
