import type { FanoutCell, FeedCell } from "../../schemas/cell.ts";
import { flawsText, isIntact } from "../../schemas/delivery.ts";
import type { FeedStretch } from "../../schemas/feed.ts";
import type { EarlyEnd, Measurement, Unasked } from "../../schemas/load.ts";
import { nowNs } from "../load/clock.ts";
import type { Connection } from "../load/connection.ts";
import { Endings } from "../load/endings.ts";
import { encodeClientFrames } from "../load/frame.ts";
import type { Histogram } from "../load/histogram.ts";
import { encodeHistogram } from "../load/histogram-codec.ts";
import { sumCounts } from "../load/ledger.ts";
import { randomMask } from "../load/mask.ts";
import { type PaceResult, pace } from "../load/pace.ts";
import { TrialError } from "../load/trial-error.ts";
import { UnaskedMessages } from "../load/unasked.ts";
import { lastArrivals } from "./closed.ts";
import type { TrialContext, Warmed } from "./context.ts";
import { SentMessages, warmUpFrom } from "./intact.ts";
import { costMetrics } from "./metrics.ts";
import { openPublisher, openSubscribers, subscribeAll } from "./subscribe.ts";
import { type Delivery, Subscriber } from "./subscriber.ts";
import { allCame, sendWarmUp, WarmUpFrames, warmUp, warmUpMessagesMax } from "./warm-up.ts";
import { WindowMeter } from "./window.ts";

/** What is published: encoded messages, when each is meant to leave, and which of them are warm-up. */
export interface Publication {
  readonly codec: "json" | "sbe";
  readonly opcode: 1 | 2;
  readonly payloads: readonly Uint8Array[];
  /** From the schedule's start, in ns, never falling. */
  readonly intendedNs: Float64Array;
  /** Messages before this one are warm-up. */
  readonly firstCounted: number;
  /** When the window begins, from the schedule's start, in ns. */
  readonly windowAtNs: number;
  readonly streams: readonly string[];
  readonly description: string;
  /** Times that a capture begins anew within the window. */
  readonly loops: number;
  /** The part of a feed that is replayed. */
  readonly stretch?: FeedStretch;
}

/** What a workload adds to the open loop: what it notes of each arrival, and the figures it makes of that. */
export interface Observer {
  /** The first intact arrival of message `n` at one subscriber, `latencyNs` after its intended time. */
  readonly onArrival: (n: number, latencyNs: number) => void;
  /** Called once when all has arrived or the drain's time is over. */
  readonly finish: () => {
    readonly metrics: Measurement["metrics"];
    readonly histograms: Partial<Record<keyof Measurement["histograms"], Histogram>>;
    readonly slices: Measurement["slices"];
  };
}

/** The schedule's own pace before the window, in ms: its first messages find the loop in step. */
export const leadMs = 20;

/** Messages that go through once before the cell counts. */
export const verifyMessages = 4;

type OpenCell = FeedCell | FanoutCell;

/**
 * One publisher, many subscribers, one clock: messages leave when the schedule says, whatever came back. Latency runs
 * from the intended time, so that a stall anywhere is seen by every message that it held up.
 */
export async function openLoop(
  context: TrialContext<OpenCell>,
  publication: Publication,
  observer: Observer,
): Promise<Measurement | Warmed> {
  const { cell, enter, drainTimeoutMs } = context;
  const meter = new WindowMeter(context);
  enter("connect");
  let complaint: string | null = null;
  const mode = cell.workload === "feed" ? cell.mode : "passthrough";
  const unasked = new UnaskedMessages();
  const connections = await openSubscribers(context, cell.subscribers, cell.codec, unasked);
  let publisher: Connection | null = null;
  try {
    publisher = await openPublisher(context, mode, cell.broadcast, (text) => {
      complaint ??= text;
    });
    await subscribeAll(context, connections, publication.streams, unasked);
    meter.connected();
    const endings = new Endings([...connections, publisher]);
    const { payloads, codec, opcode } = publication;
    const frames = encodeClientFrames(opcode, payloads, randomMask);
    const warmUpFrames = new WarmUpFrames(codec, opcode, payloads.slice(0, warmUpMessagesMax));
    let startNs = 0;
    const intended = publication.intendedNs;
    const delivery: Delivery = {
      messages: new SentMessages(codec, payloads, warmUpFrames.count),
      clock: nowNs,
      onArrival: (n, now) => observer.onArrival(n, now - startNs - (intended[n] ?? 0)),
      firstCounted: publication.firstCounted,
      sent: 0,
      warmUpSent: warmUpFrom,
      verifying: unasked,
    };
    const subscribers = connections.map((connection) => {
      const subscriber = new Subscriber(delivery);
      connection.sink = subscriber;
      return subscriber;
    });
    enter("verify");
    sendWarmUp(publisher, delivery, warmUpFrames, verifyMessages);
    await settled(() => allCame(subscribers, delivery), drainTimeoutMs);
    mustHaveArrived(subscribers, unasked, complaint);
    delivery.verifying = null;

    enter("warm-up");
    await warmUp(publisher, subscribers, delivery, warmUpFrames, cell.warmupMs, drainTimeoutMs);
    if (context.warmOnly) return { warmed: sumCounts(subscribers.map((s) => s.settleBefore())) };
    const upstream = publisher;
    const paced = await pace({
      intendedNs: intended,
      clock: nowNs,
      onStart: (ns) => {
        startNs = ns;
      },
      windowAtNs: publication.windowAtNs,
      onWindow: () => {
        enter("measure");
        meter.begin();
      },
      send: (from, to) => {
        delivery.sent = to;
        upstream.write(frames.bytes, frames.offsets[from] ?? 0, frames.offsets[to] ?? 0);
      },
    });
    enter("drain");
    const due = payloads.length - publication.firstCounted;
    await settled(() => subscribers.every((s) => s.ledger.delivered >= due), drainTimeoutMs);
    const elapsedNs = nowNs() - startNs - publication.windowAtNs;
    const use = meter.end();
    await lastArrivals();
    enter("account");
    const { soFar: earlyEnd } = endings;
    return account({
      cell,
      publication,
      subscribers,
      use,
      paced,
      elapsedNs,
      observer,
      earlyEnd,
      unasked: unasked.told,
    });
  } finally {
    publisher?.terminate();
    for (const connection of connections) connection.terminate();
  }
}

/** Resolves when `done`, or after `limitMs`. */
async function settled(done: () => boolean, limitMs: number): Promise<void> {
  const deadlineNs = nowNs() + limitMs * 1e6;
  while (nowNs() < deadlineNs && !done()) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Throws where a subscriber did not get the first messages intact: what came unasked is then what came in their place. */
function mustHaveArrived(
  subscribers: readonly Subscriber[],
  unasked: UnaskedMessages,
  complaint: string | null,
): void {
  const isWhole = (s: Subscriber) => isIntact(s.settleBefore());
  if (subscribers.every(isWhole)) {
    unasked.forgive();
    return;
  }
  unasked.charge();
  const short = subscribers.filter((s) => !isWhole(s));
  const ledger = sumCounts(short.map((s) => s.settleBefore()));
  const said = complaint === null ? "" : `; the server said ${complaint}`;
  throw new TrialError(
    "not-intact",
    `${short.length} of ${subscribers.length} subscribers did not get the first messages intact: of ${ledger.due} due ${ledger.delivered} came, ${flawsText(ledger)}${said}`,
    ledger,
  );
}

interface Accounted {
  readonly cell: OpenCell;
  readonly publication: Publication;
  readonly subscribers: readonly Subscriber[];
  readonly use: ReturnType<WindowMeter["end"]>;
  readonly paced: PaceResult;
  readonly elapsedNs: number;
  readonly observer: Observer;
  readonly earlyEnd: EarlyEnd | undefined;
  readonly unasked: Unasked | undefined;
}

function account({
  cell,
  publication,
  subscribers,
  use,
  paced,
  elapsedNs,
  observer,
  earlyEnd,
  unasked,
}: Accounted): Measurement {
  const ledger = sumCounts(subscribers.map((s) => s.ledger.settle(publication.payloads.length)));
  const warmUp = sumCounts(subscribers.map((s) => s.settleBefore()));
  const { metrics, histograms, slices } = observer.finish();
  const { lateness, hiccups } = paced;
  const encoded = (histogram: Histogram | undefined) =>
    histogram === undefined || histogram.total === 0 ? null : encodeHistogram(histogram);
  return {
    elapsedNs,
    sent: publication.payloads.length - publication.firstCounted,
    metrics: {
      ...metrics,
      // Over the schedule's own length: the drain behind it is not offered load.
      deliveriesHz: (ledger.delivered / (cell.windowMs * 1e6)) * 1e9,
      ...costMetrics(use, ledger.delivered, cell.subscribers),
    },
    ledger,
    warmUp,
    ...(unasked === undefined ? {} : { unasked }),
    histograms: {
      latency: encoded(histograms.latency),
      first: encoded(histograms.first),
      last: encoded(histograms.last),
      skew: encoded(histograms.skew),
      lateness: encoded(lateness),
    },
    slices,
    server: use.server,
    ...(use.unattributed === null ? {} : { unattributed: use.unattributed }),
    generator: {
      cpuNs: use.generatorCpuNs,
      waitNs: use.generatorWaitNs,
      latenessNsP50: lateness.percentileNs(50),
      latenessNsP99: lateness.percentileNs(99),
      latenessNsMax: lateness.maxNs,
      hiccupNsMax: hiccups.maxNs,
      turnaroundNsMean: null,
    },
    cores: use.cores,
    ...(use.limited === null ? {} : { limited: use.limited }),
    mitataNsP50: null,
    feed: publication.description,
    ...(publication.stretch === undefined ? {} : { feedStretch: publication.stretch }),
    ...(publication.loops > 0 ? { feedLoops: publication.loops } : {}),
    ...(earlyEnd === undefined ? {} : { earlyEnd }),
  };
}
