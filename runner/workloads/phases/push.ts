import { CodecError } from "../../../schemas/codec/error.ts";
import { decodeJson } from "../../../schemas/codec/json.ts";
import { decodeSbe } from "../../../schemas/codec/sbe.ts";
import type { Sequenced } from "../../../schemas/market.ts";
import type { PushCell } from "../../../schemas/workloads/push.ts";
import { type DataOpcode, opcodes } from "../../load/frame.ts";
import { Ledger, sumCounts } from "../../load/ledger.ts";
import { ExactCheck, FirstMessageCheck, FirstMessageError, type PayloadCheck } from "../../load/payload.ts";
import { type PushOptions, runPush } from "../../load/push-loop.ts";
import { jsonShape, type MessageShape, rawShape, sbeShape } from "../../load/shape.ts";
import {
  closedMeasurement,
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

/** Seed of the pattern that servers fill raw messages with. */
const seed = 1;
/** Messages that each connection must get intact before the cell counts. */
const verifyMessages = 3;

/** The server generates and sends as fast as backpressure allows; the generator receives and checks. */
export async function open(context: TrialContext<PushCell>): Promise<OpenCell> {
  const { cell, enter, drainTimeoutMs, shard } = context;
  const { codec, bytes, count } = cell;
  return openClosed(context, "push", async ({ connections, meter, times, unasked, earlyCloses }) => {
    const checks = connections.map(() => checkOf(cell));
    const asking = (batch: number): PushOptions => ({
      request: { count: batch, bytes, codec, seed },
      checkOf: (i) => checks[i]!,
    });
    enter("verify");
    const verifying = { unasked, ledger: new Ledger() };
    const verified = await runPush(connections, { ...asking(verifyMessages), verifying }, 1, drainTimeoutMs);
    requireIntact(() => sumCounts([verified.ledger, verifying.ledger.settle(0)]), unasked);
    enter("warm-up");
    times.connected();
    const warm = await runPush(connections, asking(count), cell.warmupMs, drainTimeoutMs);
    mustDrain(warm);
    const warmUp = times.warmed();
    const earlier = new Earlier(
      () => sumCounts([verified.ledger, warm.ledger, warm.later()]),
      unasked.report,
    );
    let { batch } = warm;
    return {
      warmUp,
      window: async ({ windowMs, waitMs }) => {
        await collectAndWait(waitMs);
        const started = await startTogether(shard);
        enter("measure");
        meter.begin();
        const before = earlier.take();
        const result = await runPush(connections, asking(batch), windowMs, drainTimeoutMs);
        const use = meter.end();
        enter("account");
        batch = result.batch;
        earlier.follow(() => sumCounts([result.ledger, result.later()]));
        reportParts(shard, result.ledger.delivered, cell.connections, started);
        const throughputHz = (result.delivered / result.elapsedNs) * 1e9;
        return closedMeasurement({
          use,
          windowMs,
          elapsedNs: result.elapsedNs,
          sent: 0,
          ledger: result.ledger,
          // From the moment that a batch could begin to each message's receipt. At full speed it depends on the batch's length
          // as much as on the server, so that it is recorded and nothing is ranked on it.
          latency: result.latency,
          earlyEnd: earlyCloses.soFar,
          isSpent: !result.drained,
          before,
          metrics: {
            ...latencyMetrics(result.latency),
            throughputHz,
            ...costMetrics(use, result.ledger.delivered, cell.connections),
          },
        });
      },
    };
  });
}

/**
 * A raw message is known to the byte before the first comes. Of the others the first message is parsed, as any client of a
 * market would, and has to be of the kind and size that the contract says; all others must equal it but for the sequence.
 */
function checkOf({ codec, bytes }: PushCell): PayloadCheck {
  if (codec === "raw") return new ExactCheck(rawShape(bytes, seed));
  return new FirstMessageCheck((opcode, message) =>
    codec === "json" ? jsonPattern(opcode, message, bytes) : sbePattern(opcode, message),
  );
}

const space = 0x20;

/** A best-bid-ask message, padded with spaces before its last brace to the size asked for, or longer by itself. */
function jsonPattern(opcode: DataOpcode, message: Uint8Array, bytes: number): MessageShape {
  if (opcode !== opcodes.text) {
    throw new FirstMessageError({ rule: "opcode", expected: opcodes.text, got: opcode });
  }
  const [got, natural] = [message.length, message.length - paddingOf(message)];
  // What is too short is reported as such, even where it is no market message either.
  if (got < bytes) throw new FirstMessageError({ rule: "length", expected: bytes, got });
  mustBeQuote(() => decodeJson(message));
  const expected = Math.max(bytes, natural);
  if (got !== expected) throw new FirstMessageError({ rule: "length", expected, got });
  return jsonShape(Buffer.from(message).toString());
}

/** Spaces in front of the last brace. */
function paddingOf(message: Uint8Array): number {
  let spaces = 0;
  while (message[message.length - 2 - spaces] === space) spaces += 1;
  return spaces;
}

/** A best-bid-ask message as long as its block and symbol are. */
function sbePattern(opcode: DataOpcode, message: Uint8Array): MessageShape {
  if (opcode !== opcodes.binary) {
    throw new FirstMessageError({ rule: "opcode", expected: opcodes.binary, got: opcode });
  }
  mustBeQuote(() => decodeSbe(message));
  return sbeShape(message);
}

function mustBeQuote(decode: () => Sequenced): void {
  const refuse = (why: string) => new FirstMessageError({ rule: "schema", why });
  let decoded: Sequenced;
  try {
    decoded = decode();
  } catch (error) {
    if (error instanceof CodecError) throw refuse(error.message);
    throw error;
  }
  if (decoded.n < 0) throw refuse("it carries no sequence");
  if (decoded.message.kind !== "bookTicker") throw refuse(`${decoded.message.kind} where bookTicker is due`);
}
