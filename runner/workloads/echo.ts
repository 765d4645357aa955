import type { Codec } from "../../schemas/cell.ts";
import { encodeJson } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Profile } from "../../schemas/plan.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import type { EchoCell } from "../../schemas/workloads/echo.ts";
import { nowNs, waitUntil } from "../load/clock.ts";
import { EarlyCloseWatch } from "../load/early-close.ts";
import { EchoLoop } from "../load/echo-loop.ts";
import { sumCounts } from "../load/ledger.ts";
import { ExactCheck, type PayloadCheck } from "../load/payload.ts";
import { jsonShape, type MessageShape, rawShape, sbeShape } from "../load/shape.ts";
import { UnsolicitedMessages } from "../load/unsolicited.ts";
import type { Depth, ProfileCell } from "../plan/depth.ts";
import { closedMeasurement, lastArrivals, mustBeIntact, mustDrain, OpeningTimes } from "./closed.ts";
import { collectAndWait } from "./collect.ts";
import type { OpenCell, TrialContext } from "./context.ts";
import { Earlier } from "./earlier.ts";
import { costMetrics, latencyMetrics } from "./metrics.ts";
import { openAll } from "./open.ts";
import { openRoundTrips } from "./round-trip.ts";
import { RewrittenJsonCheck } from "./sent-messages.ts";
import { WindowMeter } from "./window.ts";
import type { MeasuredWorkload } from "./workload.ts";

/** Seed of the bytes of `raw` messages: the same for every candidate. */
const rawSeed = 0x7469636b;
/** Messages that each connection must return intact before the cell counts. */
const verifyMs = 5;

/** The loop runs this long before a window opens on it, in ms: a window that begins with it would lose the first round trip. */
const leadMs = 10;

/**
 * Warm-up of a pipelined echo of text, which takes longer than any other: Bun's server spends three times the CPU time on a
 * message until some 0.4 s of full load, and falls back when other cells have left it idle (bench/warm-up.ts).
 */
const textWarmupMs: Readonly<Record<Profile, number>> = {
  smoke: 40,
  quick: 120,
  standard: 240,
  thorough: 800,
  open: 240,
};

/**
 * Messages in flight on each of the four connections of a pipelined echo. With 32 the system calls are what is measured, the
 * same for the fastest server and for a null server; with 128 a null server is half as fast again as the fastest candidate.
 * More connections would keep a slow server busy with one turn for longer than a window can count whole turns.
 */
const pipelined = 128;

function cells({ profile, warmupMs, closed }: Depth): ProfileCell[] {
  const cell = (
    codec: Codec,
    bytes: number | null,
    [connections, window]: readonly [number, number],
    headline: MetricName[],
    warmup = warmupMs,
  ): ProfileCell => ({
    spec: { workload: "echo", codec, bytes, connections, window, warmupMs: warmup, windowMs: closed.ms },
    windows: closed.count,
    longWindowMs: null,
    headline,
  });
  const rate = (): MetricName[] => ["throughputHz", "cpuNsPerMessage"];
  return [
    cell("raw", 64, [1, 1], ["latencyNsP50"]),
    cell("json", null, [4, pipelined], rate(), textWarmupMs[profile]),
    cell("sbe", null, [4, pipelined], rate()),
    cell("raw", 64, [32, 32], []),
    cell("raw", 1024, [32, 32], []),
  ];
}

/** Closed loop. One connection with one message in flight is mitata's; wider windows are the pipelined loop's. */
async function open(context: TrialContext<EchoCell>): Promise<OpenCell> {
  const { cell, enter, drainTimeoutMs, shard } = context;
  const meter = new WindowMeter(context);
  const times = new OpeningTimes();
  const unasked = new UnsolicitedMessages();
  enter("connect");
  await shard?.together();
  const connections = await openAll(context, "echo", cell.connections, () => unasked.sink);
  const close = () => {
    for (const connection of connections) connection.terminate();
  };
  try {
    await shard?.together();
    meter.connected();
    const earlyCloses = new EarlyCloseWatch(connections);
    if ((shard === undefined || shard.of === 1) && cell.connections === 1 && cell.window === 1) {
      const shape = shapeOf(cell, 0);
      const parts = { shape, check: checkOf(cell, shape), meter, times, unasked };
      return await openRoundTrips(context, connections, parts);
    }
    const loop = new EchoLoop(connections, {
      shapeOf: (connection) => shapeOf(cell, connection + (shard?.connectionsBefore ?? 0)),
      checkOf: (shape) => checkOf(cell, shape),
      window: cell.window,
    });
    enter("verify");
    loop.verifying = unasked;
    const verified = await loop.run(verifyMs, drainTimeoutMs);
    mustBeIntact(() => loop.ledger, unasked);
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
      unasked.told,
    );
    return {
      warmUp,
      close,
      window: async ({ windowMs, waitMs }) => {
        await collectAndWait(waitMs);
        const start = await shard?.together();
        if (start !== undefined) await waitUntil(start.startNs);
        const lateStartNs = start === undefined ? 0 : Math.max(0, nowNs() - start.startNs);
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
        shard?.tell({
          messages: result.arrived,
          connections: cell.connections,
          lateStartNs,
          clockBoundNs: start?.clockBoundNs ?? 0,
          slices: [],
        });
        return closedMeasurement({
          use,
          windowMs,
          elapsedNs: result.elapsedNs,
          sent: result.sent,
          ledger: loop.ledger,
          latency: result.latency,
          mitataNsP50: null,
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
  } catch (error) {
    close();
    throw error;
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

export const echo: MeasuredWorkload<EchoCell> = { open, cells, offeredHz: () => Promise.resolve(null) };
