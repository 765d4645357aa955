import { z } from "zod";
import { type ReadyLine, readyLine } from "../../../schemas/ready.ts";
import { type Child, type ChildSpec, startChild } from "../../process/child.ts";
import type { Children } from "../../process/children.ts";
import { clock } from "../../process/clock.ts";
import { describeExit, type Failure } from "../../process/failure.ts";
import type { ServerProcess } from "../../process/server-process.ts";

/** What the ready line of a server of the user's own may say; the port is enough. */
const ownReadyLine = z.object({
  ready: z.literal(true),
  port: z.int().min(1).max(65535),
});

/** How long to wait between two tries to connect, in ms: there is no other sign of readiness to wait for. */
const retryMs = 10;
/** How long after the first connection a ready line may still come, in ms. */
const lineMs = 50;

export type OwnStarted =
  | { readonly ok: true; readonly server: ServerProcess }
  | { readonly ok: false; readonly failure: Failure };

/** A port that nothing listens on. Another program may take it before it is used: then the start fails and says so. */
export function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/**
 * Starts a server of the user's own. It is ready when it prints a ready line, whose port is then its own, or when
 * `port`, which it was given, accepts connections.
 */
export async function startOwn(
  spec: ChildSpec,
  children: Children,
  port: number,
  host: string,
  readyMs: number,
): Promise<OwnStarted> {
  const line = firstReadyLine();
  const started = startChild(spec, children, { onStdout: line.push });
  if (!started.ok) return started;
  const { child } = started;
  const over = new AbortController();
  const late = setTimeout(() => over.abort(), readyMs);
  const came = await Promise.race([line.said, accepting(host, port, over.signal), child.exited]);
  clearTimeout(late);
  over.abort();
  const atNs = clock();
  if (came !== null && "port" in came) {
    // It listens; what it says of itself is on its way.
    const said = came.ready === null ? await within(line.said, lineMs) : came;
    return { ok: true, server: processOf(child, said ?? came, atNs - child.spawnedAtNs) };
  }
  child.kill();
  await child.exited;
  if (came !== null) {
    const reason = `the process ended with ${describeExit(came)} before it listened on PORT=${port}`;
    return { ok: false, failure: child.failure("start", "exited", reason, came) };
  }
  const reason = `no ready line, and nothing accepted connections on PORT=${port}, within ${readyMs} ms`;
  return { ok: false, failure: child.failure("start", "not-ready", reason) };
}

function processOf(child: Child, { port, ready }: Listening, startupNs: number): ServerProcess {
  return {
    pid: child.pid,
    port,
    ready,
    startupNs,
    lost: child.lost,
    stderrTail: child.stderrTail,
    stop: async (graceMs) => {
      // How a server of the user's own ends is its own affair; it is only seen to that it does.
      await child.stop(graceMs);
      return null;
    },
  };
}

/** A server that accepts connections, and its ready line where that says everything. */
interface Listening {
  readonly port: number;
  readonly ready: ReadyLine | null;
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const over = Promise.withResolvers<null>();
  const timer = setTimeout(() => over.resolve(null), ms);
  const outcome = await Promise.race([promise, over.promise]);
  clearTimeout(timer);
  return outcome;
}

/** Resolves with the first line of stdout that is a ready line; other lines are the server's own matter. */
function firstReadyLine() {
  const { promise, resolve } = Promise.withResolvers<Listening>();
  const decoder = new TextDecoder();
  let rest = "";
  const push = (chunk: Uint8Array) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    // A line that never ends is no ready line, and need not be kept.
    rest = (lines.pop() ?? "").slice(-65_536);
    for (const line of lines) {
      if (!line.includes('"ready"')) continue;
      const value = parse(line);
      const parsed = ownReadyLine.safeParse(value);
      if (!parsed.success) continue;
      const whole = readyLine.safeParse(value);
      resolve({ port: parsed.data.port, ready: whole.success ? whole.data : null });
    }
  };
  return { said: promise, push };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Resolves once the port accepts a connection, or with null when `signal` is aborted. */
export async function accepting(host: string, port: number, signal: AbortSignal): Promise<Listening | null> {
  while (!signal.aborted) {
    try {
      const socket = await Bun.connect({ hostname: host, port, socket: { data: () => undefined } });
      // In order: a reset would end a server that has no listener for a socket's error.
      socket.end();
      return { port, ready: null };
    } catch {
      await Bun.sleep(retryMs);
    }
  }
  return null;
}
