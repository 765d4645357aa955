import { type Clock, nowNs } from "./clock.ts";
import { Connection, type ConnectionOptions, type ConnectionSink } from "./connection.ts";

export interface ConnectAllOptions {
  /** How many may be opening at once. Default 128, the backlog that every listener has. */
  readonly concurrency?: number;
  /** Bound on all of them together. */
  readonly timeoutMs: number;
  readonly clock?: Clock;
}

/** Connections that are prepared from one collection to the next. */
const collectAfter = 500;

/**
 * Collects garbage now and then while thousands of connections are prepared, of which this is the `n`th. What that leaves behind is
 * more than what is kept, and the runtime gives no memory back while it measures (runner/process/helper-threads.ts): all of it would stay.
 */
export function collectWhilePreparing(n: number): void {
  if (n % collectAfter === 0) Bun.gc(true);
}

/** The same where `count` of them were prepared at once. */
export function collectPrepared(count: number): void {
  if (count >= collectAfter) Bun.gc(true);
}

/**
 * Opens `count` connections. All or none: at the first failure the others are cut, and the promise rejects with an
 * Error that says how many were open and has the failure as its cause.
 */
export async function connectAll(
  count: number,
  options: ConnectionOptions,
  sinkOf: (index: number) => ConnectionSink,
  limits: ConnectAllOptions,
): Promise<Connection[]> {
  const clock = limits.clock ?? nowNs;
  const connections: Connection[] = [];
  const deadlineNs = clock() + limits.timeoutMs * 1e6;
  let started = 0;
  let opened = 0;
  let failed = false;
  const openInTurn = async (): Promise<void> => {
    while (started < count && !failed) {
      const index = started++;
      const leftMs = Math.max(1, Math.ceil((deadlineNs - clock()) / 1e6));
      const openTimeoutMs = Math.min(options.openTimeoutMs ?? leftMs, leftMs);
      connections[index] = await Connection.open(options, sinkOf(index), openTimeoutMs);
      opened += 1;
      collectWhilePreparing(opened);
    }
  };
  const workers = Array.from({ length: Math.min(limits.concurrency ?? 128, count) }, async () => {
    try {
      await openInTurn();
    } catch (error) {
      failed = true;
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(workers);
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure === undefined) return connections;
  const open = connections.filter((connection) => connection !== undefined);
  for (const connection of open) connection.terminate();
  const why = failure.reason instanceof Error ? failure.reason.message : String(failure.reason);
  throw new Error(`${open.length} of ${count} connections opened: ${why}`, { cause: failure.reason });
}
