import { encodeJson } from "../../../schemas/codec/json.ts";
import { encodeSbe } from "../../../schemas/codec/sbe.ts";
import type { Measurement } from "../../../schemas/load.ts";
import type { Level, MarketMessage } from "../../../schemas/market.ts";
import type { Flooding } from "../../../schemas/pressure.ts";
import type { FloodCell } from "../../../schemas/workloads/flood.ts";
import { sum } from "../../../stats/moments.ts";
import { nowNs, turnUntil } from "../../load/clock.ts";
import { type EncodedFrames, encodeClientFrames, opcodes } from "../../load/frame.ts";
import { Histogram } from "../../load/histogram.ts";
import { sumCounts } from "../../load/ledger.ts";
import { randomMask } from "../../load/mask.ts";
import { closedMeasurement, lastArrivals, reportParts } from "../closed.ts";
import { collectAndWait } from "../collect.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { costMetrics } from "../metrics.ts";
import { SentMessages, warmUpFrom } from "../sent-messages.ts";
import { attach, openSides, type Publication, type Sides, settled } from "../sides.ts";
import { accountOf, accountReader, type Delivery, deliveryOf, type Subscriber } from "../subscriber.ts";
import { numbered, sequenced, WarmUpFrames, warmUp, warmUpMessagesMax } from "../warm-up.ts";

/** How long the server is kept busy, and not more, to learn what it takes in. */
const probeMs = 100;
/** Messages of a flood at most: all are encoded ahead. */
const messagesMax = 40_000;
/** Bytes that are offered to the connection at once; while it has not taken them nothing more is. */
const blockBytes = 64 * 1024;
/** How long after the flood what was accepted may keep on coming, as long as something comes. */
const drainMs = 8_000;

/** A publisher that offers far more than the server takes: whether it is held back, and what becomes of what is accepted. */
export async function open(context: TrialContext<FloodCell>): Promise<OpenCell> {
  const { cell } = context;
  const warming = publicationOf(cell, warmUpMessagesMax);
  const { sides, warmUp: warmed, close } = await openSides(context, warming);
  let numberFrom = 0;
  return {
    warmUp: warmed,
    close,
    window: async ({ windowMs: lengthMs, waitMs }) => {
      await collectAndWait(waitMs);
      const before = sides.earlier.take();
      const probed = await capacityOf(context, sides, warming);
      const count = Math.ceil((cell.times * probed.capacityHz * lengthMs) / 1e3);
      const publication = publicationOf(cell, Math.min(messagesMax, Math.max(1, count)));
      const first = numberFrom;
      numberFrom += publication.payloads.length;
      const flooded = await measureFlood(context, sides, publication, {
        windowMs: lengthMs,
        numberFrom: first,
        capacityHz: probed.capacityHz,
      });
      const warmUp = sumCounts([before.warmUp, probed.ledger]);
      return { ...flooded, ...before, warmUp };
    },
  };
}

/** What the server takes in when it is kept busy and nothing piles up: blocks, each as soon as the one before has come back. */
async function capacityOf(
  { drainTimeoutMs }: TrialContext<FloodCell>,
  { upstream, connections }: Sides,
  { codec, opcode, payloads }: Publication,
) {
  const frames = new WarmUpFrames(codec, opcode, payloads);
  const delivery = deliveryOf(new SentMessages(codec, payloads, { warmUpMessages: frames.count }));
  const subscribers = attach(connections, delivery);
  const beganNs = nowNs();
  await warmUp(upstream, connections, subscribers, delivery, frames, probeMs, drainTimeoutMs);
  const capacityHz = ((delivery.warmUpSent - warmUpFrom) / (nowNs() - beganNs)) * 1e9;
  return { capacityHz, ledger: accountOf(subscribers) };
}

interface Flood {
  readonly windowMs: number;
  readonly numberFrom: number;
  readonly capacityHz: number;
}

async function measureFlood(
  { cell, enter, drainTimeoutMs, shard }: TrialContext<FloodCell>,
  { upstream, connections, earlyCloses, meter, earlier }: Sides,
  publication: Publication,
  { windowMs: lengthMs, numberFrom, capacityHz }: Flood,
): Promise<Omit<Measurement, "warmUp">> {
  const { codec, opcode } = publication;
  const payloads = numbered(codec, publication.payloads, numberFrom);
  const frames = encodeClientFrames(opcode, payloads, randomMask);
  const delivery = deliveryOf(new SentMessages(codec, payloads, { numberFrom }));
  const subscribers = attach(connections, delivery);
  await shard?.together();
  enter("measure");
  meter.begin();
  const rssBefore = meter.rssBytes();
  const beganNs = nowNs();
  const offering = await offer(upstream, frames, delivery, subscribers, lengthMs);
  const rssAfter = meter.rssBytes();
  const inWindow = deliveredOf(subscribers);
  enter("drain");
  const drained = await drain(subscribers, delivery, Math.min(drainTimeoutMs, 1_000));
  const elapsedNs = nowNs() - beganNs;
  const use = meter.end();
  await lastArrivals();
  enter("account");
  earlier.follow(accountReader(subscribers));
  const ledger = sumCounts(subscribers.map((s) => s.ledger.settle(delivery.sent)));
  reportParts(shard, ledger.delivered, cell.subscribers);
  const grown = rssBefore === null || rssAfter === null ? null : rssAfter - rssBefore;
  const flooding: Flooding = {
    ...offering,
    capacityHz,
    offered: payloads.length,
    offeredBytes: frames.offsets[payloads.length]!,
    rssGrowthBytesHz: grown === null ? null : grown / (lengthMs / 1e3),
  };
  const { warmUp: _, ...measurement } = closedMeasurement({
    use,
    windowMs: lengthMs,
    elapsedNs,
    sent: delivery.sent,
    ledger,
    latency: new Histogram(),
    earlyEnd: earlyCloses.soFar,
    isSpent: !drained,
    before: { warmUp: sumCounts([]) },
    metrics: {
      deliveriesHz: (inWindow / lengthMs) * 1e3,
      ...costMetrics(use, ledger.delivered, cell.subscribers),
    },
  });
  return { ...measurement, flooding };
}

/** What the connection took of the flood. */
type Offering = Pick<Flooding, "accepted" | "acceptedBytes" | "blockedShare" | "backlogBytesMax">;

/**
 * Offers the frames by a schedule that spreads them evenly over the window, whatever is taken: what is due is written as soon as the
 * connection has taken all that was written before. Sockets are read in every turn.
 */
async function offer(
  upstream: Sides["upstream"],
  { bytes, offsets }: EncodedFrames,
  delivery: Delivery,
  subscribers: readonly Subscriber[],
  lengthMs: number,
): Promise<Offering> {
  const count = offsets.length - 1;
  const lengthNs = lengthMs * 1e6;
  const startNs = nowNs();
  let lastNs = startNs;
  let blockedNs = 0;
  let backlogBytesMax = 0;
  let wasBlocked = false;
  await turnUntil(() => {
    const now = nowNs();
    // What was so at the last look was so until this one.
    if (wasBlocked) blockedNs += now - lastNs;
    lastNs = now;
    if (now >= startNs + lengthNs) return true;
    const due = Math.min(count, Math.floor((count * (now - startNs)) / lengthNs));
    if (upstream.bufferedBytes === 0 && due > delivery.sent) {
      let to = delivery.sent;
      const from = offsets[to]!;
      while (to < due && offsets[to]! - from < blockBytes) to += 1;
      delivery.sent = to;
      upstream.write(bytes, from, offsets[to]!);
    }
    wasBlocked = upstream.bufferedBytes > 0;
    let slowest = delivery.sent;
    for (const { ledger } of subscribers) slowest = Math.min(slowest, ledger.next);
    backlogBytesMax = Math.max(backlogBytesMax, offsets[delivery.sent]! - offsets[slowest]!);
    return false;
  });
  const unsent = upstream.bufferedBytes;
  return {
    accepted: delivery.sent,
    acceptedBytes: offsets[delivery.sent]! - unsent,
    blockedShare: Math.min(1, blockedNs / lengthNs),
    backlogBytesMax,
  };
}

const deliveredOf = (subscribers: readonly Subscriber[]): number =>
  sum(subscribers, ({ ledger }) => ledger.delivered);

/** Waits for what was accepted, as long as something comes within `quietMs`. Gives whether all came. */
async function drain(
  subscribers: readonly Subscriber[],
  delivery: Delivery,
  quietMs: number,
): Promise<boolean> {
  const due = subscribers.length * delivery.sent;
  const endNs = nowNs() + drainMs * 1e6;
  for (;;) {
    const before = deliveredOf(subscribers);
    const came = () => deliveredOf(subscribers) > before || before >= due;
    if (!(await settled(came, quietMs)) || nowNs() > endNs) return false;
    if (before >= due) return true;
  }
}

/** Changes of one book, about 2 kB of JSON as a spot market has them: a flood of them is more than the kernel takes. */
const change = {
  kind: "depthUpdate",
  stream: "btcusdt@depth@100ms",
  data: {
    e: "depthUpdate",
    E: 1_700_000_000_200,
    s: "BTCUSDT",
    U: 61_837_630_002,
    u: 61_837_630_005,
    b: levelsFrom(61_800),
    a: levelsFrom(61_840),
  },
} satisfies MarketMessage;

function levelsFrom(price: number): Level[] {
  return Array.from({ length: 30 }, (_, i) => [`${price + i}.63000000`, "1.20480000"]);
}

/** Messages of one stream; when they leave is not part of the schedule. */
function publicationOf({ codec, subscribers, times }: FloodCell, count: number): Publication {
  const template = codec === "sbe" ? encodeSbe(change, 0) : new TextEncoder().encode(encodeJson(change, 0));
  return {
    codec,
    opcode: codec === "sbe" ? opcodes.binary : opcodes.text,
    payloads: sequenced(codec, Array<Uint8Array>(count).fill(template), 0),
    intendedNs: new Float64Array(count),
    firstCounted: 0,
    windowAtNs: 0,
    streams: [change.stream],
    description: `changes of one book at ${times} × what the server can take to ${subscribers} subscribers`,
    loops: 0,
  };
}
