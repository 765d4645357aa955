import type { ConnectionFates } from "../../schemas/connections.ts";
import { type Clock, nowNs } from "./clock.ts";
import { Connection, type ConnectionOptions, type ConnectionSink, OpenTimeout } from "./connection.ts";
import { HandshakeError } from "./handshake.ts";
import { type PaceResult, pace } from "./pace.ts";
import { ProtocolError } from "./protocol-error.ts";
import { withTimeout } from "./timeout.ts";

export interface ArrivalOptions {
  readonly count: number;
  readonly target: ConnectionOptions;
  readonly sink: ConnectionSink;
  /** Whether the upgrade's answer is as it has to be. */
  readonly accepts: (connection: Connection) => boolean;
  /** Bound on each connection, from its connect to the upgrade, and on what is still to be served when the last has begun. */
  readonly limitMs: number;
  /** What a connection has to go through after its upgrade. Rejects where the server answers wrongly, or ends it. */
  readonly serve?: (connection: Connection) => Promise<void>;
  /** Called for each connection that is served, with how many are by now. */
  readonly onServed?: (served: number) => void;
  /** Where the connection of that number comes from; any address unless given. */
  readonly sourceOf?: (n: number) => string | undefined;
  readonly clock?: Clock;
}

/** How connections fared that were begun on a schedule, or as fast as they are taken. */
export interface Arrived {
  /** Those that were served. */
  readonly connections: readonly Connection[];
  readonly fates: ConnectionFates;
  /** When each was served, from the first one's time on; NaN for one that was not. */
  readonly servedNs: Float64Array;
  /** From the first one's time until all were served or given up. */
  readonly elapsedNs: number;
}

/** Connections that may be opening at once where no schedule says when: the backlog that every listener has. */
const concurrency = 128;

/** Begins `intendedNs.length` connections, each at its time whatever became of the others. */
export async function arriveOnSchedule(
  options: Omit<ArrivalOptions, "count">,
  intendedNs: Float64Array,
): Promise<Arrived & Pick<PaceResult, "lateness" | "hiccups">> {
  const arrivals = new Arrivals({ ...options, count: intendedNs.length });
  const under: Promise<void>[] = [];
  const { lateness, hiccups } = await pace({
    intendedNs,
    windowAtNs: 0,
    clock: arrivals.clock,
    onStart: (startNs) => arrivals.start(startNs),
    send: (from, to) => {
      for (let n = from; n < to; n += 1) under.push(arrivals.begin(n));
    },
  });
  return { ...(await arrivals.end(under)), lateness, hiccups };
}

/** Begins each connection as soon as one of 128 before it was served: the rate is what the server takes. */
export function arriveInTurn(options: ArrivalOptions): Promise<Arrived> {
  const arrivals = new Arrivals(options);
  arrivals.start(arrivals.clock());
  let next = 0;
  const worker = async () => {
    while (next < options.count) {
      const n = next;
      next += 1;
      await arrivals.begin(n);
    }
  };
  return arrivals.end(Array.from({ length: Math.min(concurrency, options.count) }, worker));
}

class Arrivals {
  readonly clock: Clock;
  readonly #options: ArrivalOptions;
  readonly #fates: ConnectionFates;
  readonly #servedNs: Float64Array;
  readonly #served: Connection[] = [];
  /** Upgraded, and not served yet. */
  readonly #waiting = new Set<Connection>();
  #startNs = 0;
  #over = false;

  constructor(options: ArrivalOptions) {
    this.#options = options;
    this.clock = options.clock ?? nowNs;
    this.#fates = { due: options.count, opened: 0, refused: 0, reset: 0, timedOut: 0, wrong: 0 };
    this.#servedNs = new Float64Array(options.count).fill(Number.NaN);
  }

  start(startNs: number): void {
    this.#startNs = startNs;
  }

  /** Opens one connection and has it served. Never rejects for what a server does: that is its fate. */
  async begin(n: number): Promise<void> {
    const { target, sink, limitMs, sourceOf, accepts, serve, onServed } = this.#options;
    let connection: Connection | null = null;
    try {
      const localAddress = sourceOf?.(n);
      const source = localAddress === undefined ? {} : { localAddress };
      connection = await Connection.open({ ...target, ...source, openTimeoutMs: limitMs }, sink);
      if (!accepts(connection)) throw new Error("the answer to the upgrade is not valid");
      if (serve !== undefined) {
        this.#waiting.add(connection);
        await serve(connection);
        this.#waiting.delete(connection);
      }
      this.#servedNs[n] = this.clock() - this.#startNs;
      this.#served.push(connection);
      onServed?.(this.#served.length);
    } catch (error) {
      const ended = connection !== null && !connection.isOpen;
      this.#fates[
        this.#over ? "timedOut" : connection === null ? fateOf(error) : ended ? "reset" : "wrong"
      ] += 1;
      connection?.terminate();
    }
  }

  /** Waits for those under way, and gives up what the server has not served by the time limit. */
  async end(under: readonly Promise<void>[]): Promise<Arrived> {
    const all = Promise.all(under);
    const { limitMs, count } = this.#options;
    // An opening has its own limit, behind which what follows gets as long.
    if (!(await withTimeout(limitMs, all))) {
      this.#over = true;
      for (const connection of this.#waiting) connection.terminate();
      await all;
    }
    // One that the server has ended since is not open.
    const connections = this.#served.filter((connection) => connection.isOpen);
    this.#fates.opened = connections.length;
    this.#fates.reset += this.#served.length - connections.length;
    const elapsedNs = this.clock() - this.#startNs;
    return { connections, fates: { ...this.#fates, due: count }, servedNs: this.#servedNs, elapsedNs };
  }
}

/** What became of a connection whose opening failed. Throws a failure of this machine: no more ports or descriptors. */
function fateOf(error: unknown): "refused" | "reset" | "timedOut" | "wrong" {
  if (error instanceof OpenTimeout) return "timedOut";
  if (error instanceof HandshakeError) return error.refusedPath === null ? "wrong" : "refused";
  if (error instanceof ProtocolError) return "wrong";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") return "refused";
  if (localFailures.has(code)) {
    throw new Error(`the load generator could open no further connection (${code})`, { cause: error });
  }
  return "reset";
}

const localFailures: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "EADDRNOTAVAIL",
  "EADDRINUSE",
  "ENOBUFS",
  "ENOMEM",
]);
