import {
  type LoadReply,
  loadRequest,
  type MeasureRequest,
  type Refusal,
  type TrialPhase,
} from "../../schemas/load.ts";
import { measureCell } from "../workloads/index.ts";
import { clockResolutionNs, nowNs } from "./clock.ts";
import { HandshakeError } from "./handshake.ts";
import { TrialError } from "./trial-error.ts";

// The load generator's process: it takes one trial after another from the runner, and stays warm in between.

const send = (reply: LoadReply): void => {
  process.send?.(reply);
};

/** The trial under way. */
let current: { readonly id: string; phase: TrialPhase } | null = null;

async function measure(request: MeasureRequest): Promise<void> {
  const { id } = request;
  const trial = { id, phase: "connect" as TrialPhase };
  current = trial;
  try {
    const outcome = await measureCell({
      ...request,
      enter: (entered) => {
        trial.phase = entered;
        send({ type: "phase", id, phase: entered });
      },
    });
    // Between the warm-up of a fresh server and its first trial, what earlier trials left is collected: it must not fall into
    // a window.
    if ("warmed" in outcome) Bun.gc(true);
    send(
      "warmed" in outcome
        ? { type: "warmed", id, warmUp: outcome.warmed }
        : { type: "measured", id, measurement: outcome },
    );
  } catch (error) {
    send({ type: "failed", id, phase: trial.phase, ...reasonOf(error) });
  } finally {
    current = null;
  }
}

function reasonOf(error: unknown) {
  const reason = error instanceof Error ? error.message : String(error);
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
  const reason = `the load generator met an error of its own: ${why.split("\n", 3).join(" ")}`;
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

let queue = Promise.resolve();
process.on("message", (message: unknown) => {
  const request = loadRequest.parse(message);
  if (request.type === "quit") process.exit(0);
  if (request.type === "ping") {
    send({ type: "alive" });
    return;
  }
  queue = queue.then(() => measure(request));
});
// The runner is gone when the channel closes: nobody would read the results.
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
// The runner decides what an interrupt means, and ends this process itself.
process.on("SIGINT", () => undefined);

send({ type: "ready", clockResolutionNs: clockResolutionNs(nowNs) });
