import { join } from "node:path";
import {
  type LoadReply,
  type LoadRequest,
  loadReply,
  type OpenRequest,
  type Restarted,
  type WarmUp,
  type WindowAsked,
} from "../schemas/load.ts";
import type { SeenFrame } from "../schemas/seen-frame.ts";
import type { TrialPhase } from "../schemas/trial-phase.ts";
import { InterruptedError } from "./cli/interrupted.ts";
import type { Measured, TrialFailure } from "./experiment.ts";
import type { Children } from "./process/children.ts";
import { childEnv } from "./process/env.ts";
import type { Failure } from "./process/failure.ts";
import { quietRuntimeEnv } from "./process/helper-threads.ts";
import { startWorker, type Worker } from "./process/worker.ts";

/** Program of the load worker, from the project's root. */
export const entry = join(import.meta.dir, "load", "worker.ts");
/** How long the worker may take to say that it is ready, on a machine that has much else to do. */
const readyMs = 30_000;
/** How long the worker may take to give up a trial whose server has gone. */
const giveUpMs = 2_000;

/** How long the worker may take to answer a ping: longer than any chunk of messages keeps its loop. */
const answerMs = 1_000;

/** What the runner says of a cell; the client adds the rest. */
export type Trial = Omit<OpenRequest, "type" | "id">;

export type Failed = { readonly failure: TrialFailure };

/** Ends the server of a cell and starts it again; null where it did not come back, and the cell's `lost` then says why. */
export type Restart = () => Promise<Restarted | null>;

/** A cell that the load generator holds open. */
export interface LoadCell {
  readonly warmUp: WarmUp;
  /** One window. `limitMs` bounds it whatever the server does. After a failure the cell is closed. */
  window(asked: WindowAsked, limitMs: number): Promise<Measured>;
  /** Closes its connections. */
  close(): Promise<void>;
}

/** What a run has its load from: one process, or several that share a cell's connections. */
export interface LoadGenerator {
  /** Starts what does not run yet. Throws where it cannot be started. */
  ready(): Promise<{ readonly clockResolutionNs: number }>;
  open(
    request: Trial,
    limitMs: number,
    lost: Promise<Failure>,
    restart?: Restart,
  ): Promise<{ readonly cell: LoadCell } | Failed>;
  /** Ends its processes; the next cell finds new ones. */
  stop(): Promise<void>;
}

/** Requests about a cell, and the answers that end the wait for one. */
export type CellRequest = Extract<LoadRequest, { id: string }>;
export type CellAnswer = Extract<LoadReply, { type: "waiting" | "opened" | "measured" | "closed" }>;

interface Live {
  readonly worker: Worker<LoadRequest>;
  readonly clockResolutionNs: number;
}

/** The load generator's process, as the runner speaks to it. Kept warm over the run; started anew when it is lost. */
export class LoadClient implements LoadGenerator {
  readonly #children: Children;
  readonly #cores: readonly number[] | null;
  readonly #command: readonly string[];
  /** Whether whatever lasts is waited for: somebody holds the worker at a breakpoint. */
  readonly #patient: boolean;
  /** Frames of a trial that asked for them. */
  onFrames: (frames: readonly SeenFrame[]) => void = () => undefined;
  #live: Live | null = null;
  #onReply: (reply: LoadReply) => void = () => undefined;
  #onAlive: () => void = () => undefined;
  #trials = 0;
  #phase: TrialPhase = "connect";
  /** Resolves when the request under way is answered. */
  #turn: Promise<void> = Promise.resolve();

  /** `command` is another way to start the worker: under a profiler, or as a bench wants it. */
  constructor(
    children: Children,
    cores: readonly number[] | null,
    command: readonly string[] = [process.execPath, entry],
    patient = false,
  ) {
    this.#children = children;
    this.#cores = cores;
    this.#command = command;
    this.#patient = patient;
  }

  /** The worker's process; null while none runs. */
  get pid(): number | null {
    return this.#live?.worker.pid ?? null;
  }

  /**
   * Starts the worker where none runs. Throws where it cannot be started: without it there is no run. That is an
   * InterruptedError where the runner was asked to end.
   */
  async ready(): Promise<{ pid: number; clockResolutionNs: number }> {
    const { worker, clockResolutionNs } = await this.#running();
    return { pid: worker.pid, clockResolutionNs };
  }

  /**
   * Opens, verifies and warms a cell. `limitMs` bounds that whatever the server does; `lost` resolves when the server ends, and
   * then ends whatever the cell is doing. `restart` is for a request that says that it can be asked for.
   */
  async open(
    request: Trial,
    limitMs: number,
    lost: Promise<Failure>,
    restart?: Restart,
  ): Promise<{ readonly cell: LoadCell } | Failed> {
    const id = `${++this.#trials}`;
    const opened = await this.ask({ type: "open", id, ...request }, limitMs, lost);
    if ("failure" in opened) return opened;
    if (opened.type !== "opened") throw new Error(`the load generator answered "open" with "${opened.type}"`);
    return {
      cell: {
        warmUp: opened.warmUp,
        window: async (asked, windowLimitMs) => {
          const answer = await this.ask({ type: "window", id, ...asked }, windowLimitMs, lost, restart);
          if ("failure" in answer) return answer;
          if (answer.type === "measured") return { measurement: answer.measurement };
          throw new Error(`the load generator answered "window" with "${answer.type}"`);
        },
        close: async () => {
          await this.ask({ type: "close", id }, giveUpMs, lost);
        },
      },
    };
  }

  /** Opens a cell, measures one window of the given length and closes it. `limitMs` bounds the opening and the window alike. */
  async measure(
    request: Trial,
    limitMs: number,
    lost: Promise<Failure>,
    restart?: Restart,
  ): Promise<Measured> {
    const opened = await this.open(request, limitMs, lost, restart);
    if ("failure" in opened) return opened;
    const { windowMs } = request.cell;
    const asked = { windowMs, stretch: 0, waitMs: 0 };
    const outcome = await opened.cell.window(asked, limitMs);
    if ("measurement" in outcome) await opened.cell.close();
    return outcome;
  }

  /** One request about a cell. `limitMs` bounds it, and so does the end of the server. A second one waits for the first. */
  async ask(
    request: CellRequest,
    limitMs: number,
    lost: Promise<Failure>,
    restart?: Restart,
  ): Promise<CellAnswer | Failed> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      return await this.#answerTo(request, limitMs, lost, restart);
    } finally {
      resolve();
    }
  }

  async #answerTo(
    request: CellRequest,
    limitMs: number,
    lost: Promise<Failure>,
    restart?: Restart,
  ): Promise<CellAnswer | Failed> {
    let live: Live;
    try {
      live = await this.#running();
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      return { failure: { phase: "connect", reason: error.message, stderr: [] } };
    }
    const { id } = request;
    if (request.type !== "go-on") this.#phase = request.type === "open" ? "connect" : "measure";
    const reply = Promise.withResolvers<CellAnswer | Failed>();
    this.#onReply = (said) => {
      if (!("id" in said) || said.id !== id) return;
      // Of the request that waited for the others and was given up by this one, whose own answer comes behind it.
      if (request.type === "close" && said.type === "failed" && said.code === "abandoned") return;
      if (said.type === "phase") this.#phase = said.phase;
      else if (said.type === "restart") {
        void restart?.().then((restarted) => {
          if (restarted !== null) live.worker.send({ type: "restarted", id, ...restarted });
        });
      } else if (said.type === "failed") reply.resolve({ failure: failureOf(said) });
      else reply.resolve(said);
    };
    live.worker.send(request);
    const limit = timer(this.#patient ? null : limitMs);
    const failed = (reason: string, stderr: readonly string[], fault?: "generator"): Failed => ({
      failure: { phase: this.#phase, reason, stderr, ...(fault === undefined ? {} : { fault }) },
    });
    const overdue = async (): Promise<Failed> => {
      const reason = `no result within ${limitMs} ms`;
      // One that answers waits for the server; one that does not is itself what is awaited.
      if (await this.#answers(live.worker)) return failed(reason, []);
      return failed(`${reason}, and the load generator does not respond`, [], "generator");
    };
    const outcome = await Promise.race([
      reply.promise,
      live.worker.lost.then((f) =>
        failed(`the load generator was lost: ${f.reason}`, f.stderrTail, "generator"),
      ),
      lost.then((f) => failed(serverLost(f), f.stderrTail)),
      limit.over.then(overdue),
    ]);
    limit.clear();
    if (!("failure" in outcome)) return outcome;
    // What was abandoned is over, and its process as good as before.
    if (outcome.failure.fault === "generator" && outcome.failure.code !== "abandoned") await this.stop();
    else await this.#settle(reply.promise);
    return outcome;
  }

  /** Ends the worker. */
  async stop(): Promise<void> {
    const live = this.#live;
    this.#live = null;
    await live?.worker.stop(giveUpMs);
  }

  /** After a failed trial the worker either gives an answer soon, and is free again, or is replaced. */
  async #settle(reply: Promise<unknown>): Promise<void> {
    const limit = timer(giveUpMs);
    const free = await Promise.race([reply.then(() => true), limit.over.then(() => false)]);
    limit.clear();
    if (!free) await this.stop();
  }

  /** Whether the worker's loop turns, whatever its trial is doing. */
  async #answers(worker: Worker<LoadRequest>): Promise<boolean> {
    const limit = timer(answerMs);
    const alive = Promise.withResolvers<boolean>();
    this.#onAlive = () => alive.resolve(true);
    worker.send({ type: "ping" });
    const answers = await Promise.race([
      alive.promise,
      ...[worker.lost, limit.over].map((end) => end.then(() => false)),
    ]);
    limit.clear();
    return answers;
  }

  async #running(): Promise<Live> {
    const live = this.#live ?? (await this.#start());
    this.#live = live;
    return live;
  }

  async #start(): Promise<Live> {
    if (this.#children.interruptedBy !== null) throw new InterruptedError(this.#children.interruptedBy);
    const ready = Promise.withResolvers<number>();
    this.#onReply = (reply) => {
      if (reply.type === "ready") ready.resolve(reply.clockResolutionNs);
    };
    const started = startWorker<LoadRequest, LoadReply>(
      { name: "load", command: this.#command, env: childEnv(quietRuntimeEnv), cores: this.#cores },
      this.#children,
      (message) => loadReply.parse(message),
      (reply) => {
        if (reply.type === "alive") this.#onAlive();
        else if (reply.type === "frames") this.onFrames(reply.frames);
        else this.#onReply(reply);
      },
    );
    if (!started.ok) throw new Error(`the load generator did not start: ${started.failure.reason}`);
    const { worker } = started;
    void worker.lost.then(() => {
      if (this.#live?.worker === worker) this.#live = null;
    });
    const limit = timer(readyMs);
    const outcome = await Promise.race([
      ready.promise,
      worker.lost.then((f) => [f.reason, ...f.stderrTail].join("\n")),
      limit.over.then(() => `it was not ready within ${readyMs} ms`),
    ]);
    limit.clear();
    if (typeof outcome === "number") return { worker, clockResolutionNs: outcome };
    worker.kill();
    if (this.#children.interruptedBy !== null) throw new InterruptedError(this.#children.interruptedBy);
    throw new Error(`the load generator did not start: ${outcome}`);
  }
}

/** A failure as a run records it. */
export function failureOf({
  phase,
  reason,
  code,
  fault,
  refused,
}: Omit<Extract<LoadReply, { type: "failed" }>, "type" | "id">): TrialFailure {
  return {
    phase,
    reason,
    stderr: [],
    ...(code === undefined ? {} : { code }),
    ...(fault === undefined ? {} : { fault }),
    ...(refused === undefined ? {} : { refused }),
  };
}

/** How a server's end is reported, whatever it ended. */
function serverLost({ reason }: Failure): string {
  return `the server was lost: ${reason}`;
}

/** Null is no limit. */
function timer(ms: number | null): { over: Promise<void>; clear: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle = ms === null ? undefined : setTimeout(resolve, ms);
  return { over: promise, clear: () => clearTimeout(handle) };
}
