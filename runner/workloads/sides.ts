import type { CellSpec } from "../../schemas/cell.ts";
import { flawsText, isCorrect } from "../../schemas/delivery.ts";
import type { FeedStretch } from "../../schemas/feed.ts";
import type { LedgerTotals, WarmUp } from "../../schemas/load.ts";
import type { Broadcast } from "../../schemas/ready.ts";
import { nowNs } from "../load/clock.ts";
import { collectPrepared } from "../load/connect-all.ts";
import type { Connection } from "../load/connection.ts";
import { type Intake, runtimeIntake } from "../load/direct.ts";
import { EarlyCloseWatch } from "../load/early-close.ts";
import type { Gaps } from "../load/pace.ts";
import { TrialError } from "../load/trial-error.ts";
import { UnsolicitedMessages } from "../load/unsolicited.ts";
import { OpeningTimes } from "./closed.ts";
import type { TrialContext } from "./context.ts";
import { Earlier } from "./earlier.ts";
import { SentMessages, warmUpFrom } from "./sent-messages.ts";
import { Share } from "./share.ts";
import { type Chosen, type Offered, openPublisher, openSubscribers, Subscriptions } from "./subscribe.ts";
import { accountOf, accountReader, type Delivery, deliveryOf, Subscriber } from "./subscriber.ts";
import { allCame, lastOfWarmUp, sendWarmUp, WarmUpFrames, warmUp, warmUpMessagesMax } from "./warm-up.ts";
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
  /** Streams that each subscriber takes, and which of `streams` each message is of; absent where all take all. */
  readonly chosen?: Chosen;
  readonly description: string;
  /** Times that a capture begins anew within the window. */
  readonly loops: number;
  /** The part of a feed that is replayed. */
  readonly stretch?: FeedStretch;
}

/** Messages that go through once before the cell counts. */
export const verifyMessages = 4;

/** A cell whose messages go from one publisher to its subscribers. */
export type OpenSpec = Extract<CellSpec, { subscribers: number; broadcast: Broadcast }>;

/** Both ends of an open cell, and what watches them. */
export interface Sides {
  readonly upstream: Connection;
  readonly connections: readonly Connection[];
  readonly earlyCloses: EarlyCloseWatch;
  readonly meter: WindowMeter;
  readonly earlier: Earlier;
}

/** Both ends of a cell that load processes may share. */
export interface Ends extends Omit<Sides, "upstream"> {
  /** Null where another process publishes. */
  readonly upstream: Connection | null;
}

/** What is opened: the ends, and how they came to be. */
interface Opened<Of> {
  readonly sides: Of;
  readonly warmUp: WarmUp;
  /** Number behind the last message of the warm-up; null where another process published. */
  readonly warmUpSent: number | null;
  /** Subscribes every connection to those streams of a publication that it takes and has not yet, and to no others. */
  readonly subscribe: (offered: Offered) => Promise<void>;
  /** Cuts every connection. */
  readonly close: () => void;
}

/**
 * Opens, verifies and warms the ends of a cell with the messages of `warming`. The last `unwatched` subscribers may be closed by the
 * server within the cell without ending it.
 */
export function openSides(
  context: TrialContext<OpenSpec>,
  warming: Publication,
  unwatched?: number,
): Promise<Opened<Sides>>;
/** The same for a cell that processes may share: the first of them publishes. */
export function openSides(
  context: TrialContext<OpenSpec>,
  warming: Publication,
  unwatched: number,
  mayBeShared: true,
): Promise<Opened<Ends>>;
export async function openSides(
  context: TrialContext<OpenSpec>,
  warming: Publication,
  unwatched = 0,
): Promise<Opened<Ends>> {
  const { cell, enter, drainTimeoutMs, shard } = context;
  const meter = new WindowMeter(context);
  const times = new OpeningTimes();
  enter("connect");
  await shard?.together();
  let serverError: string | null = null;
  const mode = "mode" in cell ? cell.mode : "passthrough";
  const unasked = new UnsolicitedMessages();
  const connections = await openSubscribers(context, cell.subscribers, cell.codec, unasked);
  let publisher: Connection | null = null;
  const close = () => {
    publisher?.terminate();
    for (const connection of connections) connection.terminate();
  };
  try {
    if (shard === undefined || shard.index === 0) {
      publisher = await openPublisher(context, mode, cell.broadcast, (text) => {
        serverError ??= text;
      });
    }
    const upstream = publisher;
    const subscriptions = new Subscriptions(context, connections, unasked);
    // All take all of the warm-up, so that it warms the way to each of them, whatever they take afterwards.
    await subscriptions.follow({ streams: warming.streams });
    const watched = connections.slice(0, connections.length - unwatched);
    const earlyCloses = new EarlyCloseWatch(upstream === null ? watched : [...watched, upstream]);
    const { payloads, codec, opcode } = warming;
    const frames = new WarmUpFrames(codec, opcode, payloads.slice(0, warmUpMessagesMax));
    const delivery = deliveryOf(new SentMessages(codec, payloads, { warmUpMessages: frames.count }), {
      // What another process publishes may be ahead of what is expected here.
      warmUpSent: upstream === null ? 2 * warmUpFrom : warmUpFrom,
      verifying: unasked,
    });
    const subscribers = attach(connections, delivery);
    await shard?.together();
    meter.connected();
    collectPrepared(connections.length);
    enter("verify");
    const verified = warmUpFrom + Math.min(verifyMessages, frames.count);
    let end = warmUpFrom;
    let came = true;
    while (came && end < verified) {
      end += 1;
      if (upstream !== null) sendWarmUp(upstream, delivery, frames, 1);
      came = await polled(() => allCame(subscribers, end), drainTimeoutMs);
      // One by one, since each leaves as many chunks behind as there are subscribers.
      collectPrepared(connections.length);
    }
    mustHaveArrived(subscribers, end, unasked, serverError);
    delivery.verifying = null;

    enter("warm-up");
    times.connected();
    if (upstream === null) {
      // The publisher's process says when it is over, and how much there was.
      delivery.warmUpSent = (await shard?.together())?.warmUpSent ?? warmUpFrom;
      await lastOfWarmUp(subscribers, delivery.warmUpSent);
    } else {
      await warmUp(upstream, connections, subscribers, delivery, frames, cell.warmupMs, drainTimeoutMs);
    }
    const warmed = times.warmed();
    const earlier = new Earlier(accountReader(subscribers), unasked.report);
    return {
      sides: { upstream, connections, earlyCloses, meter, earlier },
      warmUp: warmed,
      warmUpSent: upstream === null ? null : delivery.warmUpSent,
      subscribe: (publication) => subscriptions.follow(publication),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Gives each connection a sink that accounts for what it is sent from now on: all, or what it takes of a publication. The last
 * `untimed` have no latency. What a sink of this kind accounted for before has to be read by then.
 */
export function attach(
  connections: readonly Connection[],
  delivery: Delivery,
  { streams, chosen, payloads }: Pick<Publication, "streams" | "chosen" | "payloads"> = everything,
  untimed = 0,
): Subscriber[] {
  return connections.map((connection, client) => {
    const takes = chosen === undefined ? null : streams.map((stream) => chosen.takes(client, stream));
    const share =
      takes === null ? null : new Share(payloads.length, (n) => takes[chosen?.streamOf[n] ?? -1] === true);
    const isTimed = client < connections.length - untimed;
    const { sink } = connection;
    if (sink instanceof Subscriber) {
      sink.renew(delivery, share, isTimed);
      return sink;
    }
    const subscriber = new Subscriber(delivery, share, isTimed);
    connection.sink = subscriber;
    return subscriber;
  });
}

const everything: Pick<Publication, "streams" | "chosen" | "payloads"> = { streams: [], payloads: [] };

/** Resolves as `settled` does, where nothing is timed: a loop that turned meanwhile would leave tens of megabytes behind. */
export async function polled(done: () => boolean, limitMs: number): Promise<boolean> {
  const deadlineNs = nowNs() + limitMs * 1e6;
  while (!done()) {
    if (nowNs() >= deadlineNs) return false;
    await Bun.sleep(1);
  }
  return true;
}

/** Turns the loop until `done`. Resolves with true then, with false after `limitMs`. */
export async function settled(
  done: () => boolean,
  limitMs: number,
  gaps?: Gaps,
  intake = runtimeIntake,
): Promise<boolean> {
  let lastNs = nowNs();
  const deadlineNs = lastNs + limitMs * 1e6;
  let isDone = false;
  await intake.until(() => {
    const now = nowNs();
    gaps?.note(lastNs, now);
    lastNs = now;
    isDone = done();
    return isDone || now >= deadlineNs;
  });
  return isDone;
}

/** A drain that takes this long, in ms, is a phase of its own. */
const soonMs = 20;

/**
 * What was sent last comes to its receiver: the loop turns as it did within the window, and says nothing to anybody until the last ones
 * have had their time. A message to the runner, which may share the generator's core, would be a part of their latency.
 */
export async function drain(
  done: () => boolean,
  { drainTimeoutMs, enter }: Pick<TrialContext, "drainTimeoutMs" | "enter">,
  gaps: Gaps,
  intake?: Intake,
): Promise<boolean> {
  if (await settled(done, Math.min(soonMs, drainTimeoutMs), gaps, intake)) return true;
  enter("drain");
  return settled(done, drainTimeoutMs, gaps, intake);
}

/** Throws where a subscriber did not get the first messages intact: what came unasked is then what came in their place. */
function mustHaveArrived(
  subscribers: readonly Subscriber[],
  end: number,
  unasked: UnsolicitedMessages,
  serverError: string | null,
): void {
  const warmUp = (s: Subscriber, into: LedgerTotals) => s.warmUp.settleInto(into, end);
  if (isCorrect(accountOf(subscribers, warmUp))) {
    unasked.forgive();
    return;
  }
  unasked.charge();
  const short = subscribers.filter((s) => !isCorrect(s.warmUp.settle(end)));
  const ledger = accountOf(short, warmUp);
  const serverSaid = serverError === null ? "" : `; the server said ${serverError}`;
  throw new TrialError(
    "not-intact",
    `${short.length} of ${subscribers.length} subscribers did not get the first messages as sent: of ${ledger.due} due ${ledger.delivered} arrived, ${flawsText(ledger)}${serverSaid}`,
    ledger,
  );
}
