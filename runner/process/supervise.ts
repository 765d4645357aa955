import { z } from "zod";
import { type ReadyLine, readyLine } from "../../schemas/ready.ts";
import { type Child, type ChildSpec, type Stopped, startChild } from "./child.ts";
import type { Children } from "./children.ts";
import { clock } from "./clock.ts";
import { describeExit, type Exit, type Failure } from "./failure.ts";

/** A candidate that accepts connections. */
export interface Server {
  readonly pid: number;
  readonly ready: ReadyLine;
  /** From the spawn to the ready line, in ns. */
  readonly startupNs: number;
  /** Resolves when the server ends unasked; never otherwise. */
  readonly lost: Promise<Failure>;
  stderrTail(): string[];
  usedCpuNs(): number | null;
  /** Asks it to end; the failure is of a server that had to be killed or did not exit with 0. */
  stop(graceMs: number): Promise<{ readonly stopped: Stopped; readonly failure: Failure | null }>;
  kill(): void;
}

export type ServerResult =
  | { readonly ok: true; readonly server: Server }
  | { readonly ok: false; readonly failure: Failure };

/** A ready line is a few hundred bytes; a program that writes this much without a newline has none. */
const readyLineBytesMax = 65_536;

/** Starts a candidate and waits, `readyMs` at most, for the ready line that must be the first line of its stdout. */
export async function startServer(
  spec: ChildSpec,
  children: Children,
  limits: { readonly readyMs: number },
): Promise<ServerResult> {
  const first = firstLine(readyLineBytesMax);
  const started = startChild(spec, children, { onStdout: first.push });
  if (!started.ok) return started;
  const { child } = started;

  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), limits.readyMs);
  const came = await Promise.race([first.line, child.exited, late.promise]);
  clearTimeout(timer);

  const fail = async (kind: Failure["kind"], reason: string, exit?: Exit): Promise<ServerResult> => {
    child.kill();
    await child.exited;
    return { ok: false, failure: child.failure("start", kind, reason, exit) };
  };
  if (came === "late") return fail("not-ready", `no ready line within ${limits.readyMs} ms`);
  if ("signal" in came) {
    if (children.interruptedBy !== null) {
      return fail("interrupted", `ended by the runner on ${children.interruptedBy}`, came);
    }
    return fail("exited", `the process ended with ${describeExit(came)} before its ready line`, came);
  }
  const parsed = parseReadyLine(came.text);
  if (!parsed.ok) return fail("bad-ready-line", parsed.reason);
  return { ok: true, server: serverOf(child, parsed.ready, came.atNs - child.spawnedAtNs) };
}

function serverOf(child: Child, ready: ReadyLine, startupNs: number): Server {
  return {
    pid: child.pid,
    ready,
    startupNs,
    lost: child.lost,
    stderrTail: child.stderrTail,
    usedCpuNs: child.usedCpuNs,
    kill: child.kill,
    stop: async (graceMs) => {
      const stopped = await child.stop(graceMs);
      const { exit, forced } = stopped;
      if (forced) {
        const reason = `still running ${graceMs} ms after SIGTERM; killed`;
        return { stopped, failure: child.failure("stop", "ignored-sigterm", reason) };
      }
      if (exit.code === 0) return { stopped, failure: null };
      const reason = `ended with ${describeExit(exit)} on SIGTERM, 0 was expected`;
      return { stopped, failure: child.failure("stop", "unclean-exit", reason, exit) };
    },
  };
}

/** Collects the first line of a stream, and when it came; the rest is dropped. A line that never ends is cut. */
function firstLine(bytesMax: number) {
  const { promise, resolve } = Promise.withResolvers<{ text: string; atNs: number }>();
  const decoder = new TextDecoder();
  let text = "";
  let done = false;
  const push = (chunk: Uint8Array) => {
    if (done) return;
    text += decoder.decode(chunk.subarray(0, bytesMax), { stream: true });
    const end = text.indexOf("\n");
    if (end < 0 && text.length < bytesMax) return;
    done = true;
    resolve({ text: end < 0 ? text : text.slice(0, end), atNs: clock() });
    text = "";
  };
  return { line: promise, push };
}

function parseReadyLine(text: string): { ok: true; ready: ReadyLine } | { ok: false; reason: string } {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: `the first line of stdout is not JSON: ${shown}` };
  }
  const parsed = readyLine.safeParse(value);
  if (parsed.success) return { ok: true, ready: parsed.data };
  const why = z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ");
  return { ok: false, reason: `the ready line breaks its schema: ${why} in ${shown}` };
}
