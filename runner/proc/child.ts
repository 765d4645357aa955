import { existsSync } from "node:fs";
import type { Children } from "./children.ts";
import { clock } from "./clock.ts";
import { drain } from "./drain.ts";
import { describeExit, type Exit, type Failure, type FailureKind } from "./failure.ts";
import { withAffinity } from "./pin.ts";
import { Tail } from "./tail.ts";
import { descendants, killSeen, killTree } from "./tree.ts";

/** What to run, and where. */
export interface ChildSpec {
  /** Program and arguments; nothing is handed to a shell. */
  readonly command: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the child: nothing of the runner's own is added. See `childEnv`. */
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
  const spawnedAtNs = clock();
  let handle: ReturnType<typeof spawnPiped>;
  try {
    handle = withAffinity(spec.cores, () => spawnPiped(spec, onMessage));
  } catch (error) {
    return { ok: false, failure: refused(spec, error) };
  }
  children.add(handle.pid);

  const tail = new Tail();
  const stderr = drain(handle.stderr, (chunk) => tail.push(chunk));
  const stdout = drain(handle.stdout, onStdout);
  let ending = false;

  const exited = handle.exited.then(async (): Promise<Exit> => {
    children.remove(handle.pid);
    await Promise.all([stderr.finish(lastOutputMs), stdout.finish(lastOutputMs)]);
    return {
      code: handle.signalCode === null ? handle.exitCode : null,
      signal: handle.signalCode === null ? null : `${handle.signalCode}`,
    };
  });

  const failure: Child["failure"] = (phase, kind, reason, exit) => ({
    phase,
    kind,
    reason,
    exit: exit ?? null,
    stderrTail: tail.lines(),
  });
  const lost = new Promise<Failure>((resolve) => {
    void exited.then((exit) => {
      if (ending) return;
      const signal = children.interruptedBy;
      if (signal !== null)
        resolve(failure("running", "interrupted", `ended by the runner on ${signal}`, exit));
      else resolve(failure("running", "exited", `the process ended with ${describeExit(exit)}`, exit));
    });
  });

  const kill = () => {
    ending = true;
    if (handle.exitCode === null && handle.signalCode === null) killTree(handle.pid);
  };
  const stop = async (graceMs: number): Promise<Stopped> => {
    ending = true;
    // A descendant in a session of its own is outside the group, and without a parent once this child is gone.
    const family = descendants(handle.pid);
    const askedAtNs = clock();
    handle.kill("SIGTERM");
    let forced = false;
    const timer = setTimeout(() => {
      forced = handle.exitCode === null && handle.signalCode === null;
      kill();
    }, graceMs);
    void handle.exited.then(() => killSeen(family));
    const exit = await exited;
    clearTimeout(timer);
    return { exit, forced, elapsedNs: clock() - askedAtNs };
  };
  const send = (message: unknown) => {
    try {
      handle.send(message);
      return true;
    } catch {
      return false;
    }
  };
  const stderrTail = () => tail.lines();
  return {
    ok: true,
    child: { pid: handle.pid, spawnedAtNs, exited, lost, stderrTail, failure, send, stop, kill },
  };
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
