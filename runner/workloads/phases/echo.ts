import { encodeJson } from "../../../schemas/codec/json.ts";
import { encodeSbe } from "../../../schemas/codec/sbe.ts";
import { typicalQuote } from "../../../schemas/quote.ts";
import type { EchoCell } from "../../../schemas/workloads/echo.ts";
import { EchoLoop } from "../../load/echo-loop.ts";
import { sumCounts } from "../../load/ledger.ts";
import { ExactCheck, type PayloadCheck } from "../../load/payload.ts";
import { jsonShape, type MessageShape, rawShape, sbeShape } from "../../load/shape.ts";
import {
  closedMeasurement,
  lastArrivals,
  mustDrain,
  openClosed,
  reportParts,
  requireIntact,
  startTogether,
} from "../closed.ts";
import { collectAndWait } from "../collect.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { Earlier } from "../earlier.ts";
import { costMetrics, latencyMetrics } from "../metrics.ts";
import { openRoundTrips } from "../round-trip.ts";
import { RewrittenJsonCheck } from "../sent-messages.ts";

/** Seed of the bytes of `raw` messages: the same for every candidate. */
const rawSeed = 0x7469636b;
/** Messages that each connection must return intact before the cell counts. */
const verifyMs = 5;

/** The loop runs this long before a window opens on it, in ms: a window that begins with it would lose the first round trip. */
const leadMs = 10;

/** Closed loop. One connection with one message in flight is mitata's; wider windows are the pipelined loop's. */
export async function open(context: TrialContext<EchoCell>): Promise<OpenCell> {
  const { cell, enter, drainTimeoutMs, shard } = context;
  return openClosed(context, "echo", async ({ connections, meter, times, unasked, earlyCloses }) => {
    if ((shard === undefined || shard.of === 1) && cell.connections === 1 && cell.window === 1) {
      const shape = shapeOf(cell, 0);
      const parts = { shape, check: checkOf(cell, shape), meter, times, unasked };
      return openRoundTrips(context, connections, parts);
    }
    const loop = new EchoLoop(connections, {
      shapeOf: (connection) => shapeOf(cell, connection + (shard?.connectionsBefore ?? 0)),
      checkOf: (shape) => checkOf(cell, shape),
      window: cell.window,
    });
    enter("verify");
    loop.verifying = unasked;
    const verified = await loop.run(verifyMs, drainTimeoutMs);
    requireIntact(() => loop.ledger, unasked);
    loop.verifying = null;
    enter("warm-up");
    times.connected();
    const verifiedLedger = loop.ledger;
    const warm = cell.warmupMs > 0 ? await loop.run(cell.warmupMs, drainTimeoutMs) : null;
    if (warm?.delivered === 0) mustDrain(warm);
    const warmUp = times.warmed();
    let sentBefore = verified.sent + (warm?.sent ?? 0);
    const earlier = new Earlier(
      () => (warm === null ? loop.ledger : sumCounts([verifiedLedger, loop.ledger])),
      unasked.report,
    );
    return {
      warmUp,
      window: async ({ windowMs, waitMs }) => {
        await collectAndWait(waitMs);
        const started = await startTogether(shard);
        const before = earlier.take();
        enter("measure");
        const result = await loop.run(windowMs, drainTimeoutMs, {
          ms: leadMs,
          onWindow: () => meter.begin(),
        });
        const use = meter.end();
        await lastArrivals();
        enter("account");
        const throughputHz = (result.delivered / result.elapsedNs) * 1e9;
        const sentUpToHere = sentBefore;
        sentBefore += result.sent;
        earlier.follow(() => loop.ledger);
        reportParts(shard, result.arrived, cell.connections, started);
        return closedMeasurement({
          use,
          windowMs,
          elapsedNs: result.elapsedNs,
          sent: result.sent,
          ledger: loop.ledger,
          latency: result.latency,
          turnaroundNsMean: result.turnaroundNsMean,
          earlyEnd: earlyCloses.soFar,
          isSpent: !result.drained,
          sentBefore: sentUpToHere,
          before,
          metrics: {
            ...latencyMetrics(result.latency),
            throughputHz,
            throughputBytesHz: throughputHz * shapeOf(cell, 0).template.length,
            ...costMetrics(use, result.arrived, cell.connections),
          },
        });
      },
    };
  });
}

/** One length on every connection, and its own bytes: raw messages of 8 bytes alone have no room for any. */
function shapeOf({ codec, bytes }: EchoCell, connection: number): MessageShape {
  if (codec === "raw") return rawShape(bytes ?? 64, rawSeed + connection);
  const { data } = typicalQuote;
  const quote = { ...typicalQuote, data: { ...data, u: data.u + connection } };
  return codec === "json" ? jsonShape(encodeJson(quote, 0)) : sbeShape(encodeSbe(quote, 0));
}

function checkOf({ codec }: EchoCell, shape: MessageShape): PayloadCheck {
  return codec === "json" ? new RewrittenJsonCheck(shape) : new ExactCheck(shape);
}
