import { join } from "node:path";
import type { Subprocess } from "bun";
import { bundleEntry } from "../../runner/process/bundle.ts";
import { type ReadyLine, readyLine } from "../../schemas/ready.ts";
import type { Candidate } from "../../servers/manifest.ts";
import { within } from "./deadline.ts";
import { runtimeOf } from "./runtime.ts";

const root = join(import.meta.dir, "../..");
const bundles = join(root, "node_modules/.cache/tickbench/contract");

type Child = Subprocess<"ignore", "pipe", "pipe">;
type Env = Readonly<Record<string, string>>;

/** How long a start may take on a machine that has much else to do. */
const readyMs = 50_000;

const children = new Set<Child>();
const commands = new Map<string, Promise<string[]>>();
process.on("exit", killAll);

/** Ends every server that is still running, whatever became of its test. */
export function killAll(): void {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
}

export interface Exit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningServer {
  readonly ready: ReadyLine;
  readonly port: number;
  readonly pid: number;
  signal(name: NodeJS.Signals): void;
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  stop(): Promise<void>;
}

/** Starts a candidate and resolves when it has printed its ready line. */
export async function start(candidate: Candidate, env: Env = {}): Promise<RunningServer> {
  const child = await spawn(candidate, env);
  const line = await within(`ready line of ${candidate.id}`, firstLine(child), readyMs);
  const ready = readyLine.parse(JSON.parse(line));
  return {
    ready,
    port: ready.port,
    pid: child.pid,
    signal: (name) => child.kill(name),
    exited: child.exited,
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
      children.delete(child);
    },
  };
}

/** Runs a candidate that is expected to refuse its settings. */
export async function runToExit(candidate: Candidate, env: Env): Promise<Exit> {
  const child = await spawn(candidate, env);
  const code = await within(`exit of ${candidate.id}`, child.exited, readyMs);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** Starts a candidate below a shell, kills the shell, and resolves when the candidate has ended too. */
export async function outliveParent(candidate: Candidate): Promise<void> {
  const shell = spawnCommand(["sh", "-c", '"$@" & echo $!; wait', "sh", ...(await command(candidate))], {});
  const lines = linesOf(shell.stdout);
  const pid = Number((await within("pid of the candidate", lines.next(), readyMs)).value);
  try {
    await within(`ready line of ${candidate.id}`, lines.next(), readyMs);
    shell.kill("SIGKILL");
    await shell.exited;
    // The candidate holds the other end of the pipe until it ends.
    const { done } = await within(`end of ${candidate.id}`, lines.next());
    if (!done) throw new Error("it said more than its ready line");
  } catch (error) {
    process.kill(pid, "SIGKILL");
    throw error;
  } finally {
    shell.kill("SIGKILL");
    children.delete(shell);
  }
}

async function spawn(candidate: Candidate, env: Env): Promise<Child> {
  const [runtime = "", ...program] = await command(candidate);
  const starter =
    env.SERVER_CORES === undefined ? [] : [await runnable(candidate, "servers/gateway/cores.ts")];
  return spawnCommand([runtime, ...starter, ...program], env);
}

function spawnCommand(words: string[], env: Env): Child {
  const child = Bun.spawn(words, {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  children.add(child);
  return child;
}

/** Transpiled once a candidate, however often it is started. */
function command(candidate: Candidate): Promise<string[]> {
  let found = commands.get(candidate.id);
  if (found === undefined) {
    found = commandOf(candidate);
    commands.set(candidate.id, found);
  }
  return found;
}

async function commandOf(candidate: Candidate): Promise<string[]> {
  const { entry, args = [] } = candidate;
  const { path } = runtimeOf(candidate);
  return [path, await runnable(candidate, entry), ...args];
}

async function runnable({ runtime }: Candidate, entry: string): Promise<string> {
  const file = join(root, entry);
  return runtime === "node" ? bundleEntry(file, bundles) : file;
}

async function firstLine(child: Child): Promise<string> {
  const { done, value } = await linesOf(child.stdout).next();
  if (done) throw new Error(`ended before it was ready: ${await text(child.stderr)}`);
  return value;
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}

function text(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return new Response(stream).text();
}
