import type { EchoCell } from "../../schemas/cell.ts";
import { encodeJson } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import type { Measurement } from "../../schemas/load.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { EchoLoop } from "../load/echo-loop.ts";
import { Endings } from "../load/endings.ts";
import { sumCounts } from "../load/ledger.ts";
import { ExactCheck, type PayloadCheck } from "../load/payload.ts";
import { jsonShape, type MessageShape, rawShape, sbeShape } from "../load/shape.ts";
import { UnaskedMessages } from "../load/unasked.ts";
import { closedMeasurement, lastArrivals, mustBeIntact, mustDrain } from "./closed.ts";
import type { TrialContext, Warmed } from "./context.ts";
import { RewrittenJsonCheck } from "./intact.ts";
import { costMetrics, latencyMetrics } from "./metrics.ts";
import { openAll } from "./open.ts";
import { measureRoundTrips } from "./round-trip.ts";
import { WindowMeter } from "./window.ts";

/** Seed of the bytes of `raw` messages: the same for every candidate. */
const rawSeed = 0x7469636b;
/** Messages that each connection must return intact before the cell counts. */
const verifyMs = 5;

/** Closed loop. One connection with one message in flight is mitata's; wider windows are the pipelined loop's. */
export async function echo(context: TrialContext<EchoCell>): Promise<Measurement | Warmed> {
  const { cell } = context;
  const meter = new WindowMeter(context);
  const unasked = new UnaskedMessages();
  context.enter("connect");
  const connections = await openAll(context, "echo", cell.connections, () => unasked.sink);
  meter.connected();
  const endings = new Endings(connections);
  try {
    if (cell.connections === 1 && cell.window === 1) {
      const shape = shapeOf(cell, 0);
      return await measureRoundTrips(context, connections, shape, checkOf(cell, shape), meter, unasked);
    }
    const loop = new EchoLoop(connections, {
      shapeOf: (connection) => shapeOf(cell, connection),
      checkOf: (shape) => checkOf(cell, shape),
      window: cell.window,
    });
    context.enter("verify");
    loop.verifying = unasked;
    const verified = await loop.run(verifyMs, context.drainTimeoutMs);
    mustBeIntact(() => loop.ledger, unasked);
    loop.verifying = null;
    context.enter("warm-up");
    if (context.warmOnly) {
      const warm = await loop.run(cell.warmupMs, context.drainTimeoutMs);
      mustDrain(warm);
      return { warmed: sumCounts([verified.ledger, warm.ledger]) };
    }
    const result = await loop.run(cell.windowMs, context.drainTimeoutMs, {
      ms: cell.warmupMs,
      onWindow: () => {
        context.enter("measure");
        meter.begin();
      },
    });
    const use = meter.end();
    await lastArrivals();
    context.enter("account");
    const throughputHz = (result.delivered / result.elapsedNs) * 1e9;
    return closedMeasurement({
      use,
      elapsedNs: result.elapsedNs,
      sent: result.sent,
      ledger: loop.ledger,
      latency: result.latency,
      mitataNsP50: null,
      turnaroundNsMean: result.turnaroundNsMean,
      earlyEnd: endings.soFar,
      verified: verified.sent,
      warmUp: verified.ledger,
      unasked: unasked.told,
      metrics: {
        ...latencyMetrics(result.latency),
        throughputHz,
        throughputBytesHz: throughputHz * shapeOf(cell, 0).template.length,
        ...costMetrics(use, result.arrived, cell.connections),
      },
    });
  } finally {
    for (const connection of connections) connection.terminate();
  }
}

/** One length on every connection, and bytes of its own: raw messages of 8 bytes alone have no room for any. */
function shapeOf({ codec, bytes }: EchoCell, connection: number): MessageShape {
  if (codec === "raw") return rawShape(bytes ?? 64, rawSeed + connection);
  const { data } = typicalQuote;
  const quote = { ...typicalQuote, data: { ...data, u: data.u + connection } };
  return codec === "json" ? jsonShape(encodeJson(quote, 0)) : sbeShape(encodeSbe(quote, 0));
}

function checkOf({ codec }: EchoCell, shape: MessageShape): PayloadCheck {
  return codec === "json" ? new RewrittenJsonCheck(shape) : new ExactCheck(shape);
}
