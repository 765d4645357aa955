import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Children } from "./children.ts";
import { clock } from "./clock.ts";
import { ChildLines } from "./debug.ts";
import { describeExit, type Exit, type Failure, type FailureKind } from "./failure.ts";
import { withAffinity } from "./pin.ts";
import { Tail } from "./tail.ts";
import { descendants, killSeen, killTree } from "./tree.ts";

/** What to run, and where. */
export interface ChildSpec {
  /** What its lines are printed under where they are; the program's own name unless given. */
  readonly name?: string;
  /** Program and arguments; nothing is handed to a shell. */
  readonly command: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the child: nothing of the runner's is added. See `childEnv`. */
  readonly env: Readonly<Record<string, string>>;
  /** Cores that all its threads may use, null for any. */
  readonly cores: readonly number[] | null;
}

/** How a stop went. */
export interface Stopped {
  readonly exit: Exit;
  /** It was still there after the grace and had to be killed. */
  readonly forced: boolean;
  readonly elapsedNs: number;
}

/** What the owner of a child wants to hear of it. */
export interface ChildListeners {
  readonly onStdout: (chunk: Uint8Array) => void;
  /** Opens an IPC channel. */
  readonly onMessage?: (message: unknown) => void;
}

export type ChildResult =
  | { readonly ok: true; readonly child: Child }
  | { readonly ok: false; readonly failure: Failure };

/** How long after the exit output may still trickle in: a descendant outside the group can hold the pipe open. */
const lastOutputMs = 250;

/** One process under supervision, leader of its own process group. */
export interface Child {
  readonly pid: number;
  /** When it was spawned, on the runner's clock, in ns. */
  readonly spawnedAtNs: number;
  /** Settles when the process is gone, its group killed and its last stderr read. */
  readonly exited: Promise<Exit>;
  /** Resolves when it ends without `stop` or `kill` having been called; never otherwise. */
  readonly lost: Promise<Failure>;
  stderrTail(): string[];
  /** CPU time of its whole life, with that of its own children, in ns; null before it has ended. */
  usedCpuNs(): number | null;
  /** A failure of this child, with its present stderr. */
  failure(phase: Failure["phase"], kind: FailureKind, reason: string, exit?: Exit): Failure;
  /** Sends an IPC message; false when the channel is closed. */
  send(message: unknown): boolean;
  /** SIGTERM, and SIGKILL after `graceMs`; either way nothing of its tree is left. Can be called again. */
  stop(graceMs: number): Promise<Stopped>;
  /** SIGKILL to the whole tree. */
  kill(): void;
}

/** Starts a child. A program that cannot be started is an answer, not a throw. */
export function startChild(spec: ChildSpec, children: Children, listeners: ChildListeners): ChildResult {
  const { onMessage, onStdout } = listeners;
  children.prepare();
  const { debug } = children;
  const spawnedAtNs = clock();
  let handle: ReturnType<typeof spawnPiped>;
  try {
    handle = withAffinity(spec.cores, () =>
      spawnPiped({ ...spec, env: { ...debug?.env, ...spec.env } }, onMessage),
    );
  } catch (error) {
    return { ok: false, failure: refused(spec, error) };
  }
  const debugLines =
    debug === null ? null : new ChildLines(spec.name ?? basename(spec.command[0] ?? ""), debug);
  return { ok: true, child: new SpawnedChild(handle, spawnedAtNs, children, onStdout, debugLines) };
}

type Handle = ReturnType<typeof spawnPiped>;

/** Its acts are bound to it, as what wraps a child hands them on by themselves. */
class SpawnedChild implements Child {
  readonly pid: number;
  readonly spawnedAtNs: number;
  readonly exited: Promise<Exit>;
  readonly lost: Promise<Failure>;
  readonly #handle: Handle;
  readonly #tail = new Tail();
  /** It was asked to end, so that its end is no loss. */
  #ending = false;

  constructor(
    handle: Handle,
    spawnedAtNs: number,
    children: Children,
    onStdout: ChildListeners["onStdout"],
    lines: ChildLines | null,
  ) {
    this.#handle = handle;
    this.pid = handle.pid;
    this.spawnedAtNs = spawnedAtNs;
    children.add(handle.pid);
    const outputs = [
      drain(handle.stderr, (chunk) => {
        this.#tail.push(chunk);
        lines?.stderr(chunk);
      }),
      drain(handle.stdout, (chunk) => {
        onStdout(chunk);
        lines?.stdout(chunk);
      }),
    ];
    this.exited = handle.exited.then(async () => {
      children.remove(handle.pid);
      await Promise.all(outputs.map((output) => output.finish(lastOutputMs)));
      lines?.end();
      return exitOf(handle);
    });
    this.lost = new Promise((resolve) => {
      void this.exited.then((exit) => {
        if (!this.#ending) resolve(this.#loss(exit, children));
      });
    });
  }

  readonly stderrTail = (): string[] => this.#tail.lines();

  readonly usedCpuNs = (): number | null => {
    const usage = this.#handle.resourceUsage();
    return usage === undefined ? null : Number(usage.cpuTime.total) * 1_000;
  };

  failure(phase: Failure["phase"], kind: FailureKind, reason: string, exit?: Exit): Failure {
    return { phase, kind, reason, exit: exit ?? null, stderrTail: this.#tail.lines() };
  }

  readonly send = (message: unknown): boolean => {
    try {
      this.#handle.send(message);
      return true;
    } catch {
      return false;
    }
  };

  readonly stop = async (graceMs: number): Promise<Stopped> => {
    this.#ending = true;
    // A descendant in another session is outside the group, and without a parent once this child is gone.
    const family = descendants(this.pid);
    const askedAtNs = clock();
    this.#handle.kill("SIGTERM");
    let forced = false;
    const timer = setTimeout(() => {
      forced = this.#isRunning();
      this.kill();
    }, graceMs);
    void this.#handle.exited.then(() => killSeen(family));
    const exit = await this.exited;
    clearTimeout(timer);
    return { exit, forced, elapsedNs: clock() - askedAtNs };
  };

  readonly kill = (): void => {
    this.#ending = true;
    if (this.#isRunning()) killTree(this.pid);
  };

  #isRunning(): boolean {
    return this.#handle.exitCode === null && this.#handle.signalCode === null;
  }

  #loss(exit: Exit, children: Children): Failure {
    const signal = children.interruptedBy;
    return signal === null
      ? this.failure("running", "exited", `the process ended with ${describeExit(exit)}`, exit)
      : this.failure("running", "interrupted", `ended by the runner on ${signal}`, exit);
  }
}

function exitOf({ exitCode, signalCode }: Handle): Exit {
  return signalCode === null ? { code: exitCode, signal: null } : { code: null, signal: `${signalCode}` };
}

function spawnPiped(spec: ChildSpec, onMessage: ChildListeners["onMessage"]) {
  return Bun.spawn([...spec.command], {
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    ...(onMessage === undefined ? {} : { ipc: onMessage, serialization: "advanced" as const }),
    env: { ...spec.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
}

const refusals: Readonly<Record<string, string>> = {
  ENOENT: "there is no such program",
  EACCES: "it may not be executed",
  ENOEXEC: "it is not a program for this system",
};

function refused(spec: ChildSpec, error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // The system gives one code for a program and for a folder that there is not.
  const homeless = code === "ENOENT" && spec.cwd !== undefined && !existsSync(spec.cwd);
  const why = homeless
    ? `there is no folder ${spec.cwd}`
    : (refusals[code] ?? (error instanceof Error ? error.message : String(error)));
  const reason = `${spec.command[0] ?? "(no program)"} could not be started: ${why}${code === "" ? "" : ` (${code})`}`;
  return { phase: "start", kind: "spawn-refused", reason, exit: null, stderrTail: [] };
}

/**
 * Reads a stream as fast as it comes, keeping nothing, so that the writer never blocks on a full pipe. `finish` waits for its end, `ms`
 * at most, and then lets go of it.
 */
function drain(stream: ReadableStream<Uint8Array>, onChunk: (chunk: Uint8Array) => void) {
  const reader = stream.getReader();
  const ended = (async () => {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        onChunk(value);
      }
    } catch {
      // The pipe broke with its process: nothing more will come.
    }
  })();
  return {
    finish: async (ms: number): Promise<void> => {
      const timer = setTimeout(() => void reader.cancel().catch(() => {}), ms);
      await ended;
      clearTimeout(timer);
    },
  };
}
