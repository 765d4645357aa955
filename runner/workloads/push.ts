import type { PushCell } from "../../schemas/cell.ts";
import type { Measurement } from "../../schemas/load.ts";
import { Endings } from "../load/endings.ts";
import { FirstMessageCheck } from "../load/payload.ts";
import { type PushOptions, runPush } from "../load/push-loop.ts";
import { jsonShape, rawShape, sbeShape } from "../load/shape.ts";
import { closedMeasurement, mustBeIntact, mustDrain, noSink } from "./closed.ts";
import type { TrialContext } from "./context.ts";
import { costMetrics, latencyMetrics } from "./metrics.ts";
import { openAll } from "./open.ts";
import { WindowMeter } from "./window.ts";

/** Seed of the pattern that servers fill raw messages with. */
const seed = 1;

/** The server generates and sends as fast as backpressure allows; the generator receives and checks. */
export async function push(context: TrialContext<PushCell>): Promise<Measurement | null> {
  const { cell, drainTimeoutMs } = context;
  const { codec, bytes, count } = cell;
  const meter = new WindowMeter(context);
  context.enter("connect");
  const connections = await openAll(context, "push", cell.connections, () => noSink);
  meter.connected();
  const endings = new Endings(connections);
  const checkOf = () =>
    new FirstMessageCheck((message) => {
      if (codec === "raw") return rawShape(bytes, seed);
      return codec === "json" ? jsonShape(Buffer.from(message).toString()) : sbeShape(message);
    });
  const options: PushOptions = { request: { count, bytes, codec, seed }, checkOf };
  try {
    context.enter("verify");
    mustBeIntact(
      await runPush(
        connections,
        { ...options, request: { ...options.request, count: 3 } },
        1,
        drainTimeoutMs,
      ),
    );
    context.enter("warm-up");
    const warm = await runPush(connections, options, cell.warmupMs, drainTimeoutMs);
    mustDrain(warm);
    if (context.warmOnly) return null;
    context.enter("measure");
    meter.begin();
    const grown = { ...options, request: { ...options.request, count: warm.batch } };
    const result = await runPush(connections, grown, cell.windowMs, drainTimeoutMs);
    const use = meter.end();
    context.enter("account");
    const throughputHz = (result.delivered / result.elapsedNs) * 1e9;
    return closedMeasurement({
      use,
      elapsedNs: result.elapsedNs,
      sent: 0,
      ledger: result.ledger,
      // From the moment that a batch could begin to each message's receipt: flat out it is a matter of the batch's length as
      // much as of the server, so that it is recorded and nothing is ranked on it.
      latency: result.latency,
      mitataNsP50: null,
      turnaroundNsMean: null,
      earlyEnd: endings.soFar,
      verified: undefined,
      metrics: {
        ...latencyMetrics(result.latency),
        throughputHz,
        ...costMetrics(use, result.ledger.delivered, cell.connections),
      },
    });
  } finally {
    for (const connection of connections) connection.terminate();
  }
}
