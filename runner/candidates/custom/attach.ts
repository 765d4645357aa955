import type { Failure } from "../../process/failure.ts";
import { accepting, type OwnStarted } from "./start.ts";

/**
 * Looks whether a server that was running before accepts connections, for `readyMs` at most. It is never ended, and
 * nothing tells of its end but the connections.
 */
export async function attach(
  host: string,
  port: number,
  pid: number | null,
  readyMs: number,
): Promise<OwnStarted> {
  const over = new AbortController();
  const late = setTimeout(() => over.abort(), readyMs);
  const accepted = await accepting(host, port, over.signal);
  clearTimeout(late);
  if (accepted === null) {
    return { ok: false, failure: failed(`nothing accepts connections on ${host}:${port}`) };
  }
  if (pid !== null && !runs(pid)) return { ok: false, failure: failed(`there is no process ${pid}`) };
  const server = {
    pid,
    port,
    ready: null,
    startupNs: null,
    lost: new Promise<Failure>(() => undefined),
    stderrTail: () => [],
    stop: () => Promise.resolve(null),
  };
  return { ok: true, server };
}

function failed(reason: string): Failure {
  return { phase: "start", kind: "not-ready", reason, exit: null, stderrTail: [] };
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled, and runs all the same.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
