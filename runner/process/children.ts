import type { Debug } from "./debug.ts";
import { killMarked } from "./marked.ts";
import { statOf } from "./procfs.ts";
import { killGroup, killTree } from "./tree.ts";
import { startWatchdog, type Watchdog } from "./watchdog.ts";

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type EndingSignal = (typeof endingSignals)[number];

/** The exit code of a process that a signal has ended, as a shell reports it. */
const codeOf = (signal: EndingSignal): number => 128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal];

/**
 * Does the last of a command's work, such as a report of what was measured, also where a signal comes meanwhile: it takes a second or two.
 * The second signal ends the process at once, and so does the first where the command `wasAsked` already.
 */
export async function despiteSignal<T>(wasAsked: boolean, work: () => Promise<T>): Promise<T> {
  let isAsked = wasAsked;
  const onEnding = (signal: EndingSignal) => {
    if (isAsked) process.exit(codeOf(signal));
    isAsked = true;
  };
  for (const signal of endingSignals) process.on(signal, onEnding);
  try {
    return await work();
  } finally {
    for (const signal of endingSignals) process.off(signal, onEnding);
  }
}

/**
 * Every living child of the runner, each the leader of its own process group. They end with the runner however it
 * ends: by `killAll` on a signal or exit, by the watchdog when the runner itself is killed.
 */
export class Children {
  readonly #pids = new Set<number>();
  /** Marks of starts whose processes may leave their group. */
  readonly #marks = new Set<string>();
  readonly #startWatchdog: () => Watchdog | null;
  #watchdog: Watchdog | null | undefined;
  #interruptedBy: EndingSignal | null = null;
  /** Set where somebody looks into a fault. */
  readonly debug: Debug | null;

  constructor(watchdog: () => Watchdog | null = startWatchdog, debug: Debug | null = null) {
    this.#startWatchdog = watchdog;
    this.debug = debug;
  }

  /** The signal that asked the runner to end, null as long as none has. */
  get interruptedBy(): EndingSignal | null {
    return this.#interruptedBy;
  }

  /** Pids of the children that have not ended. */
  get pids(): readonly number[] {
    return [...this.#pids];
  }

  /** Called before a spawn, so that the watching has begun when the child exists. */
  prepare(): void {
    if (this.#watchdog === undefined) this.#watchdog = this.#startWatchdog();
  }

  add(pid: number): void {
    this.#pids.add(pid);
    this.#watchdog?.watch(pid);
  }

  /** A child has ended: what it left of its group ends too. */
  remove(pid: number): void {
    if (!this.#pids.delete(pid)) return;
    killGroup(pid);
    this.#watchdog?.forget(pid);
  }

  /** What carries this mark (see `markedPids`) ends with the children, wherever it has gone. */
  mark(mark: string): void {
    this.#marks.add(mark);
  }

  /** Nothing that carries this mark is left. */
  unmark(mark: string): void {
    this.#marks.delete(mark);
  }

  /** Has the groups of these processes end with the runner, where that is killed. */
  watchGroups(pids: readonly number[]): void {
    const groups = pids.map((pid) => statOf(pid)?.group ?? 0);
    for (const group of new Set(groups)) if (group > 1) this.#watchdog?.watch(group);
  }

  /** Kills every child and its descendants at once. */
  killAll(): void {
    for (const pid of this.#pids) killTree(pid);
    for (const mark of this.#marks) killMarked(mark);
  }

  /** Kills what is left and ends the watchdog. */
  async close(): Promise<void> {
    this.killAll();
    await this.#watchdog?.close();
    this.#watchdog = undefined;
  }

  /**
   * Kills the children when the runner is asked to end, or exits. The first signal also calls `onSignal`, which may
   * report what was measured before it exits; a second one exits at once with 128 + its number. Returns the undoing.
   */
  endWithProcess(onSignal: (signal: EndingSignal) => void): () => void {
    const onEnding = (signal: EndingSignal) => {
      this.killAll();
      if (this.#interruptedBy !== null) process.exit(codeOf(signal));
      this.#interruptedBy = signal;
      onSignal(signal);
    };
    const onExit = () => this.killAll();
    for (const signal of endingSignals) process.on(signal, onEnding);
    process.on("exit", onExit);
    return () => {
      for (const signal of endingSignals) process.off(signal, onEnding);
      process.off("exit", onExit);
    };
  }
}
