import { readdirSync, readFileSync } from "node:fs";
import { parseCoreTicks } from "./cores.ts";
import { formatCpuList, parseCpuList } from "./cpulist.ts";
import { libcFlavour, setAffinity } from "./libc.ts";
import { readProc, statusField } from "./procfs.ts";

/** Which cores each part of a run may use. `pinned: false` says why nothing is pinned. */
export type PinPlan =
  | {
      readonly pinned: true;
      /** One, or as many as the largest `--server-cores` asks for and the machine has (see `serverCoresOf`). */
      readonly server: readonly number[];
      readonly load: readonly number[];
      /** The runner's own process: never the server's core; the load's when there are no others. */
      readonly runner: readonly number[];
      /** Set where /proc/stat does not count these cores by these numbers: what others do on them cannot be known. */
      readonly accountable?: false;
    }
  | { readonly pinned: false; readonly reason: string };

/** What a plan depends on. */
export interface Topology {
  readonly platform: string;
  /** Cores that this process may run on, after cgroup limits. */
  readonly allowed: readonly number[];
  /** For each allowed core, the hardware threads of its physical core, itself included. */
  readonly siblings: ReadonlyMap<number, readonly number[]>;
  /** Whether the kernel lets this process set affinities. */
  readonly settable: boolean;
  /** Cores that /proc/stat counts, by its numbers; a container's own (lxcfs) counts from 0, whatever the cores are. */
  readonly counted: readonly number[];
}

/**
 * Plans the cores: server and load never share one, nor a physical core where there are two. The runner gets what is
 * left, and the lowest core (which takes most interrupts) where there are three; siblings of the server's core stay idle. Of
 * several load processes each has its own core, as far as there are as many; those of a server have what these leave.
 */
export function planPins(topology: Topology, loadProcesses = 1, serverProcesses = 1): PinPlan {
  const { platform, allowed, siblings, settable, counted } = topology;
  if (platform !== "linux") return { pinned: false, reason: `processes cannot be pinned on ${platform}` };
  if (!settable) return { pinned: false, reason: "libc's sched_setaffinity cannot be called here" };
  if (allowed.length < 2) {
    return {
      pinned: false,
      reason: `only core ${formatCpuList(allowed)} is allowed: server and load share it`,
    };
  }
  const sorted = [...allowed].sort((a, b) => a - b);
  const threadsOf = (core: number) => siblings.get(core) ?? [core];
  // One representative for each physical core: its lowest allowed thread.
  const physical = sorted.filter((core) => !sorted.some((c) => c < core && threadsOf(core).includes(c)));
  const [first = 0] = physical;
  const hasSpare = physical.length >= 1 + serverProcesses + loadProcesses;
  const serversMax = Math.max(1, Math.min(serverProcesses, physical.length - loadProcesses));
  const server = hasSpare ? physical.slice(1, 1 + serverProcesses) : physical.slice(0, serversMax);
  const others = physical.filter((core) => !server.includes(core) && !(hasSpare && core === first));
  const load =
    others.length > 0 ? others.slice(0, loadProcesses) : sorted.filter((core) => core !== first).slice(0, 1);
  if (server.length === 0 || load.length === 0) {
    return {
      pinned: false,
      reason: `no two of the allowed cores ${formatCpuList(allowed)} can be told apart`,
    };
  }
  const quiet = new Set([...server.flatMap(threadsOf), ...load]);
  const spare = sorted.filter((core) => !quiet.has(core));
  const away = spare.filter((core) => !load.some((one) => threadsOf(one).includes(core)));
  const runner = away.length > 0 ? away : spare.length > 0 ? spare : load;
  const pins = { pinned: true as const, server, load, runner };
  // One core that is missing says that the others are numbered anew as well.
  return allowed.every((core) => counted.includes(core)) ? pins : { ...pins, accountable: false };
}

/** The cores of a server that runs as so many processes, which share them where there are fewer. Empty where nothing is pinned. */
export function serverCoresOf(pins: PinPlan, processes: number): readonly number[] {
  return pins.pinned ? pins.server.slice(0, processes) : [];
}

/**
 * Where the load generator's other threads (compiler, collector, allocator) run while its main thread spins: the runner's cores, or
 * the server's where the runner shares the load's. Empty where nothing is pinned.
 */
export function helperCoresOf(pins: PinPlan): readonly number[] {
  if (!pins.pinned) return [];
  return sharesLoadCore(pins) ? pins.server : pins.runner.filter((core) => !pins.load.includes(core));
}

/** Whether the runner has no core of its own, as on a machine of two. */
export function sharesLoadCore(pins: PinPlan): boolean {
  return pins.pinned && pins.runner.every((core) => pins.load.includes(core));
}

/** Reads the machine's topology for `planPins`. */
export function readTopology(): Topology {
  const status = readProc("/proc/self/status");
  const allowed = status === null ? [] : parseCpuList(statusField(status, "Cpus_allowed_list") ?? "");
  const siblings = new Map<number, readonly number[]>();
  for (const core of allowed) {
    const list = readProc(`/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`);
    if (list !== null) siblings.set(core, parseCpuList(list));
  }
  return {
    platform: process.platform,
    allowed,
    siblings,
    settable: libcFlavour !== null,
    counted: countedCores(readProc("/proc/stat") ?? ""),
  };
}

/** Cores that /proc/stat counts. Some sandboxes show counters that stay at 0, which show nothing. */
export function countedCores(stat: string): number[] {
  return [...parseCoreTicks(stat)].flatMap(([core, { idleNs }]) => (idleNs > 0 ? [core] : []));
}

/** One line for people: `server on core 0, load on core 1, runner on core 1`. */
export function describePins(plan: PinPlan): string {
  if (!plan.pinned) return `not pinned: ${plan.reason}`;
  const on = (who: string, cores: readonly number[]) =>
    `${who} on core${cores.length > 1 ? "s" : ""} ${formatCpuList(cores)}`;
  return [on("server", plan.server), on("load", plan.load), on("runner", plan.runner)].join(", ");
}

/**
 * Runs `start` (a synchronous spawn) with the calling thread allowed only `cores`, then gives the thread its cores
 * back. A child inherits the affinity of the thread that forks it, so every thread of the child is bound from its
 * first instruction and no external program is needed. Null cores, or a kernel that refuses, leave it unpinned:
 * `strayThreads` shows what came of it.
 */
export function withAffinity<T>(cores: readonly number[] | null, start: () => T): T {
  if (cores === null) return start();
  const status = readProc("/proc/thread-self/status");
  const allowed = status === null ? [] : parseCpuList(statusField(status, "Cpus_allowed_list") ?? "");
  if (allowed.length === 0 || !setAffinity(0, cores)) return start();
  try {
    return start();
  } finally {
    setAffinity(0, allowed);
  }
}

/** Moves every thread of the runner's own process onto `cores`. False when any thread could not be moved. */
export function pinSelf(cores: readonly number[]): boolean {
  try {
    return readdirSync("/proc/self/task").every((tid) => setAffinity(Number(tid), cores));
  } catch {
    return false;
  }
}

/** A thread that may run somewhere else than planned. */
export interface StrayThread {
  readonly tid: number;
  readonly allowed: readonly number[];
}

/** Threads of `pid` allowed outside `cores`; empty when all are bound (or the process is gone). */
export function strayThreads(pid: number, cores: readonly number[]): StrayThread[] {
  const strays: StrayThread[] = [];
  let tids: string[];
  try {
    tids = readdirSync(`/proc/${pid}/task`);
  } catch {
    return strays;
  }
  for (const tid of tids) {
    let status: string;
    try {
      status = readFileSync(`/proc/${pid}/task/${tid}/status`, "utf8");
    } catch {
      continue; // The thread ended between the listing and the reading.
    }
    const allowed = parseCpuList(statusField(status, "Cpus_allowed_list") ?? "");
    if (allowed.some((core) => !cores.includes(core))) strays.push({ tid: Number(tid), allowed });
  }
  return strays;
}
