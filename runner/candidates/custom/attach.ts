import { listed } from "../../../reports/format.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import type { Target } from "../../../schemas/plan.ts";
import { attribute } from "../../process/attribution.ts";
import { clock } from "../../process/clock.ts";
import type { Failure } from "../../process/failure.ts";
import { addressText, kernelTables, listensOn, nameOf, treePids } from "../../process/listeners.ts";
import type { ServerProcess } from "../../process/server-process.ts";
import { answering, notStarted, type OwnStarted } from "./start.ts";
import { addressesOf } from "./upgrade-attempt.ts";

/** Of a process that was not started here nothing is known but what its connections show. */
const notStartedHere = {
  ready: null,
  startupNs: null,
  lost: new Promise<Failure>(() => undefined),
  stderrTail: () => [],
  usedCpuNs: () => null,
  stop: () => Promise.resolve(null),
} as const;

/** It runs already, so that nothing but a busy machine has to be waited out, in ms. */
const answerMs = 2_000;

/**
 * Looks whether a server that was running before answers, for `readyMs` at most. It is never ended, and nothing shows its end
 * but the connections. Who listens shows whose work it is: the process that the user named, or another.
 */
export async function attach(
  endpoint: Endpoint,
  port: number,
  pid: number | null,
  readyMs: number,
): Promise<OwnStarted> {
  if (pid !== null && !runs(pid)) return { ok: false, failure: notStarted(`there is no process ${pid}`) };
  const found = await answering(
    endpoint,
    port,
    clock(),
    false,
    AbortSignal.timeout(Math.min(readyMs, answerMs)),
  );
  if (found === null) return { ok: false, failure: notStarted(absentText(endpoint, port, pid)) };
  const who = attribute({ host: found.host, port, startedPid: pid });
  const isOther = who.known && pid !== null && who.pid !== pid;
  const note = `${isOther ? nameOf(who.pid) : ""} listens on ${addressText(found.host, port)}, and not process ${pid}: CPU time and memory are those of that process`;
  const server = {
    pid: who.known ? who.pid : null,
    unattributed: who.known ? null : { code: who.code, reason: who.reason },
    host: found.host,
    port,
    notes: isOther ? [note] : [],
    ...notStartedHere,
  };
  return { ok: true, server };
}

/** A server on a host of which nothing can be seen but its answers. Whether it answers is found out by its first connection. */
export function unseen({ host, port }: Target): ServerProcess {
  const reason = `it runs on ${host}, of which this run sees nothing but its answers`;
  return {
    pid: null,
    unattributed: { code: "listener-unseen", reason },
    host: "127.0.0.1",
    port,
    notes: [],
    ...notStartedHere,
  };
}

/** Where it was looked, and where something is. */
function absentText({ host }: Endpoint, port: number, pid: number | null): string {
  const looked = addressesOf(host)
    .map((address) => addressText(address, port))
    .join(" nor on ");
  const others = kernelTables.sockets("self").filter((s) => s.state === "listening" && s.port === port);
  const here = others.map(({ address }) => addressText(address, port));
  const listening = pid === null ? [] : listensOn(treePids(pid)).map((s) => addressText(s.address, s.port));
  const places = (all: readonly string[]) => listed(new Set(all));
  const where = [
    here.length === 0 ? `nothing listens on port ${port}` : `what listens is on ${places(here)}`,
    ...(pid === null
      ? []
      : [`process ${pid} listens on ${listening.length === 0 ? "no port" : places(listening)}`]),
  ];
  return `nothing answers on ${looked}; ${where.join("; ")}`;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled, and runs all the same.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
