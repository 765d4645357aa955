import type { Restarted } from "../../schemas/load.ts";
import { clock } from "./clock.ts";
import type { Failure } from "./failure.ts";
import type { ServerProcess } from "./server-process.ts";

type Start = () => Promise<
  { readonly ok: true; readonly server: ServerProcess } | { readonly ok: false; readonly failure: Failure }
>;

/** A server that may be ended and started again while it is measured. Whoever holds it sees the one that runs now. */
export class RestartableServer implements ServerProcess {
  readonly lost: Promise<Failure>;
  readonly #lose: (failure: Failure) => void;
  readonly #start: Start;
  #now: ServerProcess;

  constructor(first: ServerProcess, start: Start) {
    const { promise, resolve } = Promise.withResolvers<Failure>();
    this.lost = promise;
    this.#lose = resolve;
    this.#start = start;
    this.#now = first;
    void first.lost.then(resolve);
  }

  /** Null where it did not end as it should, or did not come back: it is lost then. */
  async restart(graceMs: number): Promise<Restarted | null> {
    const ended = this.#now;
    const askedNs = clock();
    const badEnd = await ended.stop(graceMs);
    const endedNs = clock();
    if (badEnd !== null) return this.#gone("was ended to be started again", badEnd);
    const started = await this.#start();
    const readyNs = clock();
    if (!started.ok) return this.#gone("was started again", started.failure);
    const { server } = started;
    this.#now = server;
    void server.lost.then(this.#lose);
    return {
      port: server.port,
      serverPid: server.pid,
      stopNs: endedNs - askedNs,
      startNs: server.startupNs ?? readyNs - endedNs,
      endedCpuNs: ended.usedCpuNs(),
    };
  }

  #gone(what: string, failure: Failure): null {
    this.#lose({ ...failure, reason: `it ${what}, and ${failure.reason}` });
    return null;
  }

  get pid() {
    return this.#now.pid;
  }
  get unattributed() {
    return this.#now.unattributed;
  }
  get host() {
    return this.#now.host;
  }
  get port() {
    return this.#now.port;
  }
  get ready() {
    return this.#now.ready;
  }
  get startupNs() {
    return this.#now.startupNs;
  }
  get notes() {
    return this.#now.notes;
  }
  stderrTail(): readonly string[] {
    return this.#now.stderrTail();
  }
  usedCpuNs(): number | null {
    return this.#now.usedCpuNs();
  }
  stop(graceMs: number): Promise<Failure | null> {
    return this.#now.stop(graceMs);
  }
}
