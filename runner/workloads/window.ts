import { isOpenLoop } from "../../schemas/cell.ts";
import type { Restarted, Unattributed, WindowUse } from "../../schemas/load.ts";
import { sum } from "../../stats/moments.ts";
import { workElsewhere } from "../process/attribution.ts";
import { type HeldHelpers, holdHelperThreads } from "../process/helper-threads.ts";
import { LimitMeter } from "../process/limits.ts";
import { openFilesOf } from "../process/procfs.ts";
import {
  type ProcessSample,
  type ProcessUsage,
  resetPeak,
  sampleProcess,
  sampleTree,
  usageBetween,
} from "../process/sample.ts";
import type { TrialContext } from "./context.ts";
import { coreUses, readEdge, type WindowEdge } from "./window-edge.ts";

/**
 * Samples the server, the generator and the cores at the edges of a window. It runs in the generator's process, so that
 * the edges are the window's own and no message between processes lies in between.
 */
export class WindowMeter {
  readonly #context: TrialContext;
  readonly #rssBytesBefore: number;
  #rssBytesConnected = 0;
  #unattributed: Unattributed | null = null;
  /** The server's process and what it has started: behind a wrapper (npm, a shell) or a cluster, those do the work. */
  #pids: readonly number[] = [];
  #server: readonly ProcessSample[] = [];
  /** As the context has it, until another process takes its place. */
  #serverPid: number | null;
  /** What the server used within this window that has ended in it. */
  #ended: ProcessUsage[] = [];
  #generator: ProcessSample | null = null;
  #edge: WindowEdge | null = null;
  readonly #limits: LimitMeter;
  #helpers: HeldHelpers | null = null;

  /** Made before the first connection: memory is compared with this moment. */
  constructor(context: TrialContext) {
    this.#context = context;
    this.#serverPid = context.serverPid;
    this.#limits = new LimitMeter(["self", ...(context.serverPid === null ? [] : [context.serverPid])]);
    this.#rssBytesBefore = sum(treeOf(context.serverPid), (one) => one.rssBytes);
  }

  /** All connections are open and nothing has been sent. */
  connected(): void {
    const { port } = this.#context;
    if (this.#serverPid !== null) this.#unattributed = workElsewhere(this.#serverPid, port);
    const tree = this.#unattributed === null ? treeOf(this.#serverPid) : [];
    // Listed here and not at the window's edge: it takes a look at every process of the machine.
    this.#pids = tree.map(({ pid }) => pid);
    this.#rssBytesConnected = sum(tree, (one) => one.rssBytes);
  }

  /** What is measured listens nowhere, so that its processes are those that were started. */
  watching(): void {
    const tree = treeOf(this.#serverPid);
    this.#pids = tree.map(({ pid }) => pid);
    this.#rssBytesConnected = sum(tree, (one) => one.rssBytes);
  }

  /** Resident bytes of the server's processes; null where it is not known which these are. */
  rssBytes(): number | null {
    const samples = this.#pids.flatMap((pid) => sampleOf(pid) ?? []);
    return samples.length === 0 ? null : sum(samples, (one) => one.rssBytes);
  }

  /** Files and sockets that the server's processes have open; null where it is not known. */
  openFiles(): number | null {
    const files = this.#pids.flatMap((pid) => openFilesOf(pid) ?? []);
    return files.length === 0 ? null : sum(files, (count) => count);
  }

  /** The server is about to be ended, so that another takes its place. */
  ending(): void {
    this.#ended = this.#server.flatMap((before) => use(before, sampleOf(before.pid)) ?? []);
  }

  /** Another process has taken the server's place. The time that the ended one used is known where it reported all of it at its end. */
  replaced({ serverPid, endedCpuNs }: Pick<Restarted, "serverPid" | "endedCpuNs">): void {
    const [first, ...others] = this.#ended;
    if (first !== undefined && endedCpuNs !== null) {
      const before = sum(this.#server, (one) => one.cpuNs) + sum(others, (one) => one.cpuNs);
      this.#ended = [{ ...first, cpuNs: Math.max(first.cpuNs, endedCpuNs - before) }, ...others];
    }
    this.#serverPid = serverPid;
    this.#server = [];
    this.#pids = [];
  }

  begin(): void {
    this.#ended = [];
    for (const pid of this.#pids) resetPeak(pid);
    this.#helpers = holdHelperThreads(spins(this.#context) ? this.#context.helperCores : []);
    this.#limits.begin();
    this.#generator = sampleOf(process.pid);
    // What the server does meanwhile is taken for the window's, and so never for somebody else's.
    this.#server = this.#pids.flatMap((pid) => sampleOf(pid) ?? []);
    this.#edge = readEdge(this.#pids, 0);
  }

  end(): WindowUse {
    const helpers = this.#helpers?.used();
    const edge = readEdge(this.#pids, helpers?.cpuNs ?? 0);
    this.#helpers?.release();
    const uses = this.#server.flatMap((before) => use(before, sampleOf(before.pid)) ?? []);
    const generator = use(this.#generator, sampleOf(process.pid));
    const limited = this.#limits.end();
    const server = this.#whole(uses);
    const { cores, serverCores = 1 } = this.#context;
    const began = this.#edge ?? edge;
    const helperCore = helpers?.cores?.length === 1 ? (helpers.cores[0] ?? null) : null;
    return {
      server:
        server === null
          ? null
          : {
              ...server,
              rssBytesBefore: this.#rssBytesBefore,
              rssBytesConnected: this.#rssBytesConnected,
            },
      cores: coreUses(began, edge, { cores, serverCores, serverNs: server?.cpuNs ?? null, helperCore }),
      limited,
      unattributed: this.#unattributed,
      generatorCpuNs: generator?.cpuNs ?? 0,
      generatorWaitNs: began.waitNs === null || edge.waitNs === null ? null : edge.waitNs - began.waitNs,
    };
  }

  /**
   * With what the server has started within the window, such as a worker for its first message. It comes behind every reading,
   * since it takes a look at every process of the machine.
   */
  #whole(uses: readonly ProcessUsage[]) {
    if (uses.length === 0 && this.#ended.length === 0) return null;
    const born = treeOf(this.#serverPid).filter(({ pid }) => !this.#pids.includes(pid));
    this.#pids = [...this.#pids, ...born.map(({ pid }) => pid)];
    const now = together([...uses, ...born.map(sinceItsStart)]);
    return this.#ended.length === 0 ? now : inTurn(together(this.#ended), now);
  }
}

/** What a process has used that was not there when the window began. */
function sinceItsStart(sample: ProcessSample): ProcessUsage {
  const switches = [...sample.switches.values()];
  return {
    elapsedNs: 0,
    cpuNs: sample.cpuNs,
    voluntarySwitches: sum(switches, (one) => one.voluntary),
    involuntarySwitches: sum(switches, (one) => one.involuntary),
    rssBytes: sample.rssBytes,
    rssBytesPeak: sample.rssBytesPeak,
    threads: sample.threads,
  };
}

/** Whether the generator's main thread leaves its core to nobody: an open loop's waits for the next send by turning its loop. */
function spins({ cell }: TrialContext): boolean {
  return isOpenLoop(cell.workload);
}

/** A process with all that it has started. */
function treeOf(pid: number | null): ProcessSample[] {
  return pid === null ? [] : sampleTree(pid);
}

/** Use of several processes as that of one server. */
function together(uses: readonly ProcessUsage[]) {
  return {
    cpuNs: sum(uses, (one) => one.cpuNs),
    voluntarySwitches: sum(uses, (one) => one.voluntarySwitches),
    involuntarySwitches: sum(uses, (one) => one.involuntarySwitches),
    rssBytesPeak: sum(uses, (one) => one.rssBytesPeak),
    rssBytesEnd: sum(uses, (one) => one.rssBytes),
    threads: sum(uses, (one) => one.threads),
  };
}

/** Use of two servers of which the second came when the first had gone. */
function inTurn(
  first: ReturnType<typeof together>,
  second: ReturnType<typeof together>,
): ReturnType<typeof together> {
  return {
    ...second,
    cpuNs: first.cpuNs + second.cpuNs,
    voluntarySwitches: first.voluntarySwitches + second.voluntarySwitches,
    involuntarySwitches: first.involuntarySwitches + second.involuntarySwitches,
    rssBytesPeak: Math.max(first.rssBytesPeak, second.rssBytesPeak),
  };
}

function sampleOf(pid: number | null): ProcessSample | null {
  if (pid === null) return null;
  const result = sampleProcess(pid);
  return result.ok ? result.sample : null;
}

function use(before: ProcessSample | null, after: ProcessSample | null) {
  return before === null || after === null ? null : usageBetween(before, after);
}
