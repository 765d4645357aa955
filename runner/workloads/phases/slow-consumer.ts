import { encodeJson } from "../../../schemas/codec/json.ts";
import { encodeSbe } from "../../../schemas/codec/sbe.ts";
import type { Measurement } from "../../../schemas/load.ts";
import type { Level, MarketMessage } from "../../../schemas/market.ts";
import { contractPolicy } from "../../../schemas/pressure.ts";
import { typicalQuote } from "../../../schemas/quote.ts";
import type { SlowConsumerCell } from "../../../schemas/workloads/slow-consumer.ts";
import { nowNs } from "../../load/clock.ts";
import type { Connection } from "../../load/connection.ts";
import { encodeClientFrames, opcodes } from "../../load/frame.ts";
import { Histogram } from "../../load/histogram.ts";
import { randomMask } from "../../load/mask.ts";
import { pace } from "../../load/pace.ts";
import { UnsolicitedMessages } from "../../load/unsolicited.ts";
import { kernelQueue } from "../../process/kernel-queue.ts";
import { boundReceiveBuffer } from "../../process/libc.ts";
import { lastArrivals, reportParts } from "../closed.ts";
import { collectAndWait } from "../collect.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { latencyMetrics } from "../metrics.ts";
import { account, leadMs, type Window } from "../open-loop.ts";
import { SentMessages } from "../sent-messages.ts";
import { attach, drain, openSides, type Publication, type Sides } from "../sides.ts";
import { Slices } from "../slices.ts";
import { type Look, type Stopped, StoppedReader, stoppedSubscriber } from "../stopped.ts";
import { openSubscribers, subscribeAll } from "../subscribe.ts";
import { accountReader, type Delivery, deliveryOf, type Subscriber, unobserved } from "../subscriber.ts";
import { numbered, sequenced } from "../warm-up.ts";

/** Parts of the window: before anybody stops, and until they read again. */
const stopsAt = 0.12;
const resumesAt = 0.86;
/** No quotes leave meanwhile, around the time at which reading goes on: the newest before has to come, and not the one behind it. */
const silentAt = { from: 0.83, to: 0.94 } as const;
const symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT"] as const;
/**
 * Of a subscriber that is to stop. The kernel would else let its buffer grow to 32 MiB behind a hold-up of the machine, and take in what
 * the server is to be owed. A much smaller one would let the server's own queue run full while the subscriber still reads.
 */
const receiveBytes = 2 * 1024 * 1024;
/** Two looks at the kernel's queues are this far apart, or so many times what one takes where many sockets make it slow. */
const lookNs = 20e6;
const lookTimes = 20;
/** A subscriber that reads again is owed nothing more where nothing comes for this long. */
const quietNs = 200e6;

/** Some subscribers stop reading while the stream goes on: what the others see, and what the server does with what it cannot send. */
export async function open(context: TrialContext<SlowConsumerCell>): Promise<OpenCell> {
  const { cell } = context;
  const warming = publicationOf(cell, cell.windowMs);
  const { sides, warmUp, close } = await openSides(context, warming, cell.slow);
  const healthy = sides.connections.slice(0, cell.subscribers - cell.slow);
  let slow: readonly Connection[] = sides.connections.slice(healthy.length);
  let numberFrom = 0;
  return {
    warmUp,
    close: () => {
      close();
      for (const connection of slow) connection.terminate();
    },
    window: async ({ windowMs, waitMs }) => {
      const publication = publicationOf(cell, windowMs);
      if (numberFrom > 0) slow = await afresh(context, slow, publication.streams);
      await collectAndWait(waitMs);
      const window = { publication, windowMs, numberFrom };
      numberFrom += publication.payloads.length;
      return measureWindow(context, { ...sides, healthy, slow }, window);
    },
  };
}

/** Other connections in place of those that have stopped before: the policy has cut some, and the kernel has grown buffers for others. */
async function afresh(
  context: TrialContext<SlowConsumerCell>,
  slow: readonly Connection[],
  streams: readonly string[],
): Promise<readonly Connection[]> {
  for (const connection of slow) connection.terminate();
  const unasked = new UnsolicitedMessages();
  const connections = await openSubscribers(context, slow.length, context.cell.codec, unasked);
  await subscribeAll(context, connections, streams, unasked);
  return connections;
}

interface SlowWindow extends Pick<Window, "windowMs" | "numberFrom"> {
  readonly publication: Quotes;
}

interface Ends extends Sides {
  readonly healthy: readonly Connection[];
  readonly slow: readonly Connection[];
}

async function measureWindow(
  {
    cell,
    transport,
    declared = contractPolicy,
    enter,
    drainTimeoutMs,
    shard,
  }: TrialContext<SlowConsumerCell>,
  { upstream, healthy, slow, earlyCloses, meter, earlier }: Ends,
  { publication, windowMs, numberFrom }: SlowWindow,
): Promise<Measurement> {
  const { codec, opcode, intendedNs, firstCounted, windowAtNs, streams } = publication;
  const payloads = numbered(codec, publication.payloads, numberFrom);
  const frames = encodeClientFrames(opcode, payloads, randomMask);
  const latency = new Histogram();
  const calm = new Histogram();
  const slices = new Slices(windowMs * 1e6);
  const at = (part: number) => windowAtNs + part * windowMs * 1e6;
  const [stopNs, resumeNs] = [at(stopsAt), at(resumesAt)];
  let startNs = 0;
  const delivery = deliveryOf(new SentMessages(codec, payloads, { numberFrom }), {
    onArrival: (n, now) => {
      const atNs = intendedNs[n]!;
      const latencyNs = now - startNs - atNs;
      slices.record(atNs - windowAtNs, latencyNs);
      if (atNs < stopNs) calm.record(latencyNs);
      else if (atNs < resumeNs) latency.record(latencyNs);
    },
    firstCounted,
  });
  const before = earlier.take();
  const subscribers = attach(healthy, delivery);
  const stopping = slow.map(
    (connection) => new Stopping(connection, { isPlain: transport?.deflate !== true }, delivery, subscribers),
  );
  await shard?.together();
  enter("measure");
  meter.begin();
  const paced = await pace({
    intendedNs,
    clock: nowNs,
    onStart: (ns) => {
      startNs = ns;
    },
    windowAtNs,
    send: (from, to) => {
      delivery.sent = to;
      upstream.write(frames.bytes, frames.offsets[from]!, frames.offsets[to]!);
      const atNs = intendedNs[to - 1]!;
      for (const one of stopping) one.at(atNs >= stopNs && atNs < resumeNs);
    },
  });
  const due = payloads.length - firstCounted;
  const drained = await drain(
    () => subscribers.every((s) => s.ledger.delivered >= due) && stopping.every((one) => one.isQuiet),
    { drainTimeoutMs, enter },
    paced.gaps,
  );
  const elapsedNs = nowNs() - startNs - windowAtNs;
  const use = meter.end();
  await lastArrivals();
  enter("account");
  const { soFar: earlyEnd } = earlyCloses;
  delivery.onArrival = unobserved;
  earlier.follow(accountReader(subscribers));
  const calmNsP99 = calm.total === 0 ? null : (calm.percentilesNs([99])[0] ?? null);
  const observer = {
    onArrival: () => undefined,
    finish: () => ({
      metrics: latencyMetrics(latency),
      histograms: { latency },
      slices,
    }),
  };
  const silentNs = at(silentAt.from);
  const silentFrom = intendedNs.findIndex((ns) => ns >= silentNs);
  const wireBytes = Float64Array.from(payloads, ({ length }) => serverFrameBytes(length));
  const { measurement, metered } = account({
    cell: { ...cell, subscribers: healthy.length },
    window: { publication, observer, windowMs, numberFrom },
    before,
    subscribers,
    use,
    paced,
    late: [],
    elapsedNs,
    earlyEnd,
    drained,
  });
  reportParts(shard, metered, healthy.length);
  return {
    ...measurement,
    stopped: {
      declared,
      calmNsP99,
      subscribers: stopping.map((one) =>
        stoppedSubscriber({
          wireBytes,
          streamOf: (n) => streams[publication.streamAt[n]!]!,
          silentFrom: silentFrom < 0 ? payloads.length : silentFrom,
          isQuote: (stream) => stream.endsWith(quoteSuffix),
          ...one.seen(),
          dueNs: (n) => startNs + intendedNs[n]!,
          leavesOut: declared.policy !== "disconnect",
          conflates: declared.policy === "conflate",
        }),
      ),
    },
  };
}

/** A subscriber that stops: pauses its socket, and looks meanwhile at what the kernel holds for it. */
class Stopping {
  readonly #reader: StoppedReader;
  readonly #connection: Connection;
  readonly #isPlain: boolean;
  readonly #ends: Connection["ends"];
  readonly #delivery: Delivery;
  readonly #others: readonly Subscriber[];
  readonly #looks: Look[] = [];
  #state: "before" | "stopped" | "reading" = "before";
  #readBefore = 0;
  #nextLookNs = 0;
  #wasSeen = false;
  #closeCode: number | null = null;

  /** Where messages are compressed, bytes of the wire are not those of the messages. */
  constructor(
    connection: Connection,
    { isPlain }: { readonly isPlain: boolean },
    delivery: Delivery,
    others: readonly Subscriber[],
  ) {
    this.#isPlain = isPlain;
    this.#connection = connection;
    this.#ends = connection.ends;
    this.#delivery = delivery;
    this.#others = others;
    this.#reader = new StoppedReader(delivery.messages, () => delivery.sent, delivery.clock);
    connection.sink = this.#reader;
    boundReceiveBuffer(connection.descriptor, receiveBytes);
    void connection.closed.then(({ code }) => {
      this.#closeCode = code;
    });
  }

  /** Whether it should stand still now. Called with every message that is published. */
  at(stands: boolean): void {
    if (stands && this.#state === "before") {
      this.#state = "stopped";
      this.#connection.pause();
      this.#readBefore = this.#reader.arrivals.length;
      this.#look();
    } else if (stands) {
      if (this.#delivery.clock() >= this.#nextLookNs) this.#look();
    } else if (this.#state === "stopped") {
      this.#state = "reading";
      this.#look();
      this.#connection.resume();
    }
  }

  /**
   * Whether nothing more is to be expected: all has come, the connection has ended, or nothing comes and nothing is under way. Packets
   * that found no room in the full buffer are sent again when the sender's timer says so, which doubles with each try: seconds after
   * reading has gone on.
   */
  get isQuiet(): boolean {
    const { arrivals, lastNs } = this.#reader;
    if (this.#closeCode !== null || arrivals.length >= this.#delivery.sent) return true;
    const now = this.#delivery.clock();
    if (now - lastNs <= quietNs || now < this.#nextLookNs) return false;
    this.#nextLookNs = now + lookNs;
    const queue = kernelQueue(this.#ends.remote, this.#ends.local);
    return queue === null || queue.bytes === 0;
  }

  seen(): Pick<Stopped, "arrivals" | "arrivedNs" | "corrupt" | "looks" | "readBefore" | "closeCode"> {
    return {
      arrivals: this.#reader.arrivals,
      arrivedNs: this.#reader.arrivedNs,
      corrupt: this.#reader.corrupt,
      looks: this.#looks,
      readBefore: this.#readBefore,
      closeCode: this.#closeCode,
    };
  }

  #look(): void {
    const beganNs = this.#delivery.clock();
    const queue = kernelQueue(this.#ends.remote, this.#ends.local);
    this.#wasSeen ||= queue !== null;
    const nexts = this.#others.map(({ ledger }) => ledger.next);
    this.#looks.push({
      othersMin: Math.min(...nexts),
      othersMax: Math.max(...nexts),
      kernelBytes: this.#isPlain ? (queue?.bytes ?? null) : null,
      // Where both ends were in the tables and are gone, it was cut.
      isEstablished: queue?.isEstablished ?? !this.#wasSeen,
    });
    const now = this.#delivery.clock();
    this.#nextLookNs = now + Math.max(lookNs, lookTimes * (now - beganNs));
  }
}

/** A server's frame is not masked. */
const serverFrameBytes = (payload: number): number =>
  payload + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10);

/** A publication, with the place of each message's stream among its streams. */
interface Quotes extends Publication {
  readonly streamAt: Uint8Array;
}

/** Quotes and books of each symbol in turn, evenly spaced, with the lead before them; without the quotes of the silence. */
function publicationOf(
  { codec, rateHz, bookBytes, subscribers, slow }: SlowConsumerCell,
  windowMs: number,
): Quotes {
  const gapNs = 1e9 / rateHz;
  const firstCounted = Math.ceil((leadMs * 1e6) / gapNs);
  const count = firstCounted + Math.max(1, Math.round((windowMs * 1e6) / gapNs));
  const windowAtNs = firstCounted * gapNs;
  const messages = symbols.flatMap((symbol) => messagesOf(symbol, codec, bookBytes));
  const streams = messages.map(({ stream }) => stream ?? "");
  const text = new TextEncoder();
  // Of one stream nothing changes but the sequence, by which a quote is known to be the newest.
  const templates = messages.map((message) =>
    codec === "sbe" ? encodeSbe(message, 0) : text.encode(encodeJson(message, 0)),
  );
  const isSilent = (place: number) => {
    const at = (place * gapNs - windowAtNs) / (windowMs * 1e6);
    const isQuote = streams[place % streams.length]!.endsWith(quoteSuffix);
    return isQuote && at >= silentAt.from && at < silentAt.to;
  };
  const places = Array.from({ length: count }, (_, place) => place).filter((place) => !isSilent(place));
  return {
    codec,
    opcode: codec === "sbe" ? opcodes.binary : opcodes.text,
    payloads: sequenced(
      codec,
      places.map((place) => templates[place % templates.length]!),
      0,
    ),
    intendedNs: Float64Array.from(places, (place) => place * gapNs),
    firstCounted,
    windowAtNs,
    streams,
    streamAt: Uint8Array.from(places, (place) => place % streams.length),
    description: `quotes and books of ${symbols.length} symbols at ${rateHz} messages/s to ${subscribers} subscribers, ${slow} of which stop reading`,
    loops: 0,
  };
}

const quoteSuffix = "@bookTicker";
/** Bytes of a level of a book, for its price and its quantity. */
const levelBytes = { json: 31, sbe: 16 } as const;

function messagesOf(symbol: string, codec: "json" | "sbe", bookBytes: number): MarketMessage[] {
  const name = symbol.toLowerCase();
  const count = Math.max(1, Math.round(bookBytes / levelBytes[codec] / 2));
  const side = (first: number): Level[] =>
    Array.from({ length: count }, (_, i) => [`${first + i}.63000000`, "1.20480000"]);
  return [
    {
      kind: "bookTicker",
      stream: `${name}${quoteSuffix}`,
      data: { ...typicalQuote.data, s: symbol },
    },
    {
      kind: "depthSnapshot",
      stream: `${name}@depth20`,
      data: { lastUpdateId: 61_837_630_002, bids: side(50_000), asks: side(70_000) },
    },
  ];
}
