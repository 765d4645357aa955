import type { LastLook } from "../../schemas/agent.ts";
import type { Unattributed } from "../../schemas/load.ts";
import type { ReadyLine } from "../../schemas/ready.ts";
import { attribute } from "./attribution.ts";
import type { Failure } from "./failure.ts";
import type { Server } from "./supervise.ts";

/** A server that accepts connections, whoever wrote it and whoever started it. */
export interface ServerProcess {
  /** The process whose tree does the work. Null where it is not known: then neither CPU time nor memory can be known. */
  readonly pid: number | null;
  /** Why `pid` is null; null where it is known. */
  readonly unattributed: Unattributed | null;
  readonly host: "127.0.0.1" | "::1";
  readonly port: number;
  /** Null where it prints none that says everything. */
  readonly ready: ReadyLine | null;
  /** Null where it ran before. */
  readonly startupNs: number | null;
  /** Set where `startupNs` is no more than a bound: what was waited for was looked for too seldom. */
  readonly startupBound?: "at-most";
  /** Where it listens in spite of the port that it was given; absent where it listens on that. */
  readonly listensOn?: number;
  /** What a user should know of how it was found: it listens elsewhere than it was asked to, or another process does its work. */
  readonly notes: readonly string[];
  /** Resolves when it ends unasked; never otherwise. */
  readonly lost: Promise<Failure>;
  stderrTail(): readonly string[];
  /** What its own host saw of it when its visit was over; absent where that is this one. */
  lastLook?(): LastLook;
  /** CPU time of its whole life, in ns; null before it has ended, and where it is not known. */
  usedCpuNs(): number | null;
  /** Ends it, where it is the runner's to end. Gives what went wrong. */
  stop(graceMs: number): Promise<Failure | null>;
}

/** A candidate of the manifest, which keeps the whole contract. */
export function candidateProcess(server: Server): ServerProcess {
  const { ready, startupNs, lost, stderrTail, usedCpuNs } = server;
  const host = "127.0.0.1";
  const found = attribute({ host, port: ready.port, startedPid: server.pid, isOurs: true });
  const stop = async (graceMs: number) => (await server.stop(graceMs)).failure;
  return {
    pid: found.known ? server.pid : null,
    unattributed: found.known ? null : { code: found.code, reason: found.reason },
    host,
    port: ready.port,
    ready,
    startupNs,
    notes: [],
    lost,
    stderrTail,
    usedCpuNs,
    stop,
  };
}
