import { type LoadReply, loadRequest, type MeasureRequest, type TrialPhase } from "../../schemas/load.ts";
import { measureCell } from "../workloads/index.ts";
import { clockResolutionNs, nowNs } from "./clock.ts";

// The load generator's process: it takes one trial after another from the runner, and stays warm in between.

const send = (reply: LoadReply): void => {
  process.send?.(reply);
};

async function measure(request: MeasureRequest): Promise<void> {
  const { id } = request;
  let phase: TrialPhase = "connect";
  try {
    const measurement = await measureCell({
      ...request,
      enter: (entered) => {
        phase = entered;
        send({ type: "phase", id, phase });
      },
    });
    // Between the warm-up of a fresh server and its first trial, what earlier trials left is collected: it must not fall into
    // a window.
    if (measurement === null) Bun.gc(true);
    send(measurement === null ? { type: "warmed", id } : { type: "measured", id, measurement });
  } catch (error) {
    send({ type: "failed", id, phase, reason: error instanceof Error ? error.message : String(error) });
  }
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
