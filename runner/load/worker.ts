import {
  type LoadReply,
  loadRequest,
  type OpenRequest,
  type Refusal,
  type Restarted,
  type ShardParts,
} from "../../schemas/load.ts";
import type { SeenFrame } from "../../schemas/seen-frame.ts";
import type { TrialPhase } from "../../schemas/trial-phase.ts";
import type { OpenCell } from "../workloads/context.ts";
import { loadPhases, openCell } from "../workloads/index.ts";
import { clockResolutionNs, nowNs } from "./clock.ts";
import { FrameTrace } from "./frame-trace.ts";
import { Abandoned, Gate } from "./gate.ts";
import { HandshakeError } from "./handshake.ts";
import { TrialError } from "./trial-error.ts";

// The load generator's process: it opens one cell after another for the runner, measures it window by
// window, and stays warm in between.

/** Frames of the open cell, where the runner asked for them. */
let trace: FrameTrace | null = null;

/** Frames come before the answer that they led to. */
const send = (reply: LoadReply): void => {
  trace?.flush();
  process.send?.(reply);
};

/** Where the shard of each open cell waits for the others, by the cell, and what a shard reported of its last window. */
const gates = new Map<string, Gate>();
let parts: ShardParts | undefined;

/** Where a window waits for its server to be started again. */
let restarting: (PromiseWithResolvers<Restarted> & { readonly id: string }) | null = null;

function restart(id: string): Promise<Restarted> {
  restarting = { id, ...Promise.withResolvers<Restarted>() };
  send({ type: "restart", id });
  return restarting.promise;
}

/** The cells that are open, by their id, and the request under way. */
const open = new Map<string, OpenCell>();
let current: { readonly id: string; phase: TrialPhase } | null = null;

function close(id: string): void {
  open.get(id)?.close();
  open.delete(id);
  gates.delete(id);
}

/** Does what a request asks for. A cell that fails is closed, and the failure is the answer; others stay open. */
async function answer(
  request: { readonly id: string; readonly type: "open" | "window" | "close" },
  act: () => Promise<LoadReply>,
): Promise<void> {
  const { id } = request;
  const trial = { id, phase: request.type === "open" ? "connect" : ("measure" as TrialPhase) };
  current = trial;
  enter = (phase) => {
    trial.phase = phase;
    if (trace !== null) trace.phase = phase;
    send({ type: "phase", id, phase });
  };
  try {
    send(await act());
  } catch (error) {
    close(id);
    send({ type: "failed", id, phase: trial.phase, ...reasonOf(error) });
  } finally {
    current = null;
  }
}

/** Says that a phase of the request under way has begun: a cell enters phases over all its requests. */
let enter: (phase: TrialPhase) => void = () => undefined;

const reportFrames = (frames: SeenFrame[]): void => send({ type: "frames", frames });

async function opened(request: OpenRequest): Promise<LoadReply> {
  // Cells that the runner gave up.
  if (request.beside !== true) for (const each of open.keys()) close(each);
  const { id, traceFrames, shard } = request;
  const seen =
    traceFrames === undefined ? null : new FrameTrace(traceFrames, reportFrames, () => performance.now());
  trace = seen;
  const tap = seen === null ? undefined : () => seen.tap();
  const gate = new Gate();
  gates.set(id, gate);
  const kept =
    shard === undefined
      ? undefined
      : {
          ...shard,
          together: () => gate.wait(() => send({ type: "waiting", id })),
          report: (reported: Omit<ShardParts, "index">) => {
            parts = { index: shard.index, ...reported };
          },
        };
  const cell = await openCell({
    ...request,
    shard: kept,
    tap,
    enter: (phase) => enter(phase),
    restart: request.restarts === true ? () => restart(id) : undefined,
  });
  open.set(id, cell);
  const { warmUp, warmUpSent } = cell;
  return { type: "opened", id, warmUp, ...(warmUpSent === undefined ? {} : { warmUpSent }) };
}

function cellOf(id: string): OpenCell {
  const cell = open.get(id);
  if (cell === undefined) throw new NotOpen("the load generator lost this cell: it had to be started again");
  return cell;
}

/** A cell that another process had open, which has ended since. */
class NotOpen extends Error {}

function reasonOf(error: unknown) {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof NotOpen)
    return { reason, code: "generator-error" as const, fault: "generator" as const };
  if (error instanceof Abandoned) return { reason, code: "abandoned" as const, fault: "generator" as const };
  if (!(error instanceof TrialError)) return { reason, ...refusalOf(error) };
  return { reason, code: error.code, ...(error.ledger === undefined ? {} : { ledger: error.ledger }) };
}

/**
 * What nobody has caught is a fault of this program, whatever a server sent to bring it about. It fails the trial that it
 * fell into, by name, and the runner starts a fresh process: one that has thrown here is in an unknown state.
 */
function guard(error: unknown): void {
  if (current === null) {
    console.error(error);
    process.exit(1);
  }
  const { id, phase } = current;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const reason = `the load generator failed: ${why.split("\n", 3).join(" ")}`;
  send({ type: "failed", id, phase, reason, code: "generator-error", fault: "generator" });
}
process.on("uncaughtException", guard);
process.on("unhandledRejection", guard);

/** Which upgrade was refused, where that is the error or its cause. */
function refusalOf(error: unknown): { refused?: Refusal } {
  if (error instanceof HandshakeError) {
    const { status, refusedPath } = error;
    return status === null || refusedPath === null ? {} : { refused: { path: refusedPath, status } };
  }
  return error instanceof Error && error.cause !== undefined ? refusalOf(error.cause) : {};
}

/** Whatever a cell waits for does not come. */
function giveUp(id: string, why: string): void {
  const abandoned = new Abandoned(why);
  gates.get(id)?.giveUp(abandoned);
  if (restarting?.id !== id) return;
  restarting.reject(abandoned);
  restarting = null;
}

let queue = Promise.resolve();
process.on("message", (message: unknown) => {
  const request = loadRequest.parse(message);
  switch (request.type) {
    case "quit":
      process.exit(0);
      break;
    case "ping":
      send({ type: "alive" });
      break;
    case "open":
      // What the runner no longer asks for may still wait for its others.
      for (const id of request.beside === true ? [] : gates.keys())
        giveUp(id, `the runner opened cell ${request.id} and had not let cell ${id} go on`);
      queue = queue.then(() => answer(request, () => opened(request)));
      break;
    case "window":
      queue = queue.then(() =>
        answer(request, async () => {
          parts = undefined;
          const measurement = await cellOf(request.id).window(request);
          return { type: "measured", id: request.id, measurement, ...(parts === undefined ? {} : { parts }) };
        }),
      );
      break;
    case "go-on": {
      const gate = gates.get(request.id);
      if (gate === undefined) {
        const { reason, ...said } = reasonOf(new Abandoned("it is no longer open in the load process"));
        send({ type: "failed", id: request.id, phase: "measure", reason, ...said });
      } else gate.open(request);
      break;
    }
    case "restarted":
      restarting?.resolve(request);
      restarting = null;
      break;
    case "close":
      giveUp(request.id, "the runner closed it and had not let it go on");
      queue = queue.then(() =>
        answer(request, async () => {
          close(request.id);
          return { type: "closed", id: request.id };
        }),
      );
      break;
  }
});
// The runner is gone when the channel closes: nobody would read the results.
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
// The runner decides what an interrupt means, and ends this process itself.
process.on("SIGINT", () => undefined);

await loadPhases();
send({ type: "ready", clockResolutionNs: clockResolutionNs(nowNs) });
