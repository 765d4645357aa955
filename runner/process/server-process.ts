import type { ReadyLine } from "../../schemas/ready.ts";
import type { Failure } from "./failure.ts";
import type { Server } from "./supervise.ts";

/** A server that accepts connections, whoever wrote it and whoever started it. */
export interface ServerProcess {
  /** Null where it is not known: then neither CPU time nor memory can be told. */
  readonly pid: number | null;
  readonly port: number;
  /** Null where it prints none that says everything. */
  readonly ready: ReadyLine | null;
  /** Null where it ran before. */
  readonly startupNs: number | null;
  /** Resolves when it ends unasked; never otherwise. */
  readonly lost: Promise<Failure>;
  stderrTail(): readonly string[];
  /** Ends it, where it is the runner's to end. Gives what went wrong. */
  stop(graceMs: number): Promise<Failure | null>;
}

/** A candidate of the manifest, which keeps the whole contract. */
export function candidateProcess(server: Server): ServerProcess {
  const { pid, ready, startupNs, lost, stderrTail } = server;
  const stop = async (graceMs: number) => (await server.stop(graceMs)).failure;
  return { pid, port: ready.port, ready, startupNs, lost, stderrTail, stop };
}
