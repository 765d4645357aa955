import type { LedgerTotals } from "../../schemas/load.ts";
import type { BufferView } from "../load/buffer-view.ts";
import { type Clock, nowNs } from "../load/clock.ts";
import type { ConnectionSink } from "../load/connection.ts";
import type { DataOpcode } from "../load/frame.ts";
import { int32 } from "../load/int32.ts";
import { emptyCounts, Ledger } from "../load/ledger.ts";
import { textOf, type UnsolicitedMessages } from "../load/unsolicited.ts";
import { type SentMessages, warmUpFrom } from "./sent-messages.ts";
import type { Share } from "./share.ts";

/** What every subscriber of a trial shares: what is due, how much of it has been sent, and where latencies go. */
export interface Delivery {
  readonly messages: SentMessages;
  readonly clock: Clock;
  /** Called for the first arrival of each intact, counted message at each subscriber. */
  onArrival: (n: number, nowNs: number) => void;
  /** Messages of the schedule before this one are its lead: they are checked, and not counted. */
  readonly firstCounted: number;
  /** The first message of the schedule that has not been sent: from here on an arrival is one before its send. */
  sent: number;
  /** The number that the warm-up's messages begin with: a window's begin where those before it ended. */
  readonly warmUpBegin: number;
  /** The first of them that has not been sent. */
  warmUpSent: number;
  /** Set while the cell is verified: takes what is no message due. */
  verifying: UnsolicitedMessages | null;
}

/** Takes arrivals of which nobody makes figures. */
export const unobserved = (): void => undefined;

/** A delivery of which nothing is sent yet. What arrives is accounted for, and has no latency unless `onArrival` is given. */
export const deliveryOf = (messages: SentMessages, given: Partial<Delivery> = {}): Delivery => ({
  messages,
  clock: nowNs,
  onArrival: unobserved,
  firstCounted: 0,
  sent: 0,
  warmUpBegin: warmUpFrom,
  warmUpSent: given.warmUpBegin ?? warmUpFrom,
  verifying: null,
  ...given,
});

/**
 * One subscriber's connection, from its subscription to its end: verifying, warm-up, lead and window go through this one
 * sink, so that the window runs code that is compiled, and every message that was sent is accounted for.
 */
export class Subscriber implements ConnectionSink {
  /** Of the messages that count. */
  readonly ledger: Ledger;
  /** Of what was sent to verify and to warm the server. */
  readonly warmUp: Ledger;
  readonly #lead = new Ledger();
  #delivery: Delivery;
  /** What of the schedule it is due; null for all of it. */
  #share: Share | null;
  #isTimed: boolean;
  #nowNs = 0;

  /** What comes to one that is not timed is accounted for, and has no latency. */
  constructor(delivery: Delivery, share: Share | null = null, isTimed = true) {
    this.#isTimed = isTimed;
    this.#delivery = delivery;
    this.#share = share;
    this.ledger = new Ledger(this.#upTo(delivery.firstCounted));
    this.warmUp = new Ledger(delivery.warmUpBegin);
  }

  /** Opens new books for another delivery in place of the old ones, so that of thousands no second set is kept. */
  renew(delivery: Delivery, share: Share | null, isTimed: boolean): void {
    this.#isTimed = isTimed;
    this.#delivery = delivery;
    this.#share = share;
    this.ledger.restart(this.#upTo(delivery.firstCounted));
    this.warmUp.restart(delivery.warmUpBegin);
    this.#lead.restart();
  }

  /** How many of the messages before `n` it is due. */
  #upTo(n: number): number {
    return this.#share === null ? n : this.#share.before(n);
  }

  /** Adds the account of the messages that count to `into`, given that those before `end` were sent. */
  settleCounted(into: LedgerTotals, end: number): void {
    this.ledger.settleInto(into, this.#upTo(end));
  }

  /** Whether it has all that counts of the messages before `end`. */
  hasAll(end: number): boolean {
    return this.ledger.delivered >= this.#upTo(end) - this.#upTo(this.#delivery.firstCounted);
  }

  /** Adds the account of everything but the window to `into`. */
  settleBefore(into: LedgerTotals): void {
    const { firstCounted, sent, warmUpSent } = this.#delivery;
    this.warmUp.settleInto(into, warmUpSent);
    this.#lead.settleInto(into, this.#upTo(Math.min(sent, firstCounted)));
  }

  /** Adds the account of everything to `into`: before the window, and in it. */
  settle(into: LedgerTotals): void {
    const { firstCounted, sent } = this.#delivery;
    this.settleBefore(into);
    this.settleCounted(into, Math.max(sent, firstCounted));
  }

  begin(): void {
    this.#nowNs = this.#delivery.clock();
  }

  message(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    // It knows what was sent alone, whose numbers are below 2³¹: from here on `n` is an index.
    const delivery = this.#delivery;
    const n = int32(delivery.messages.identify(opcode, buffer.bytes, start, end));
    const share = this.#share;
    if (n < delivery.firstCounted || n >= delivery.sent || (share !== null && !share.has(n))) {
      this.#uncounted(n, opcode, buffer, start, end);
      return;
    }
    if (this.ledger.record(share === null ? n : share.before(n))) {
      if (this.#isTimed) delivery.onArrival(n, this.#nowNs);
      if (delivery.messages.isRewritten(n, start, end)) this.ledger.noteRewritten();
    }
  }

  /** A message of the time before the window, one that came before its send, or one that is none. */
  #uncounted(n: number, opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    const { messages, sent, warmUpBegin, warmUpSent, firstCounted, verifying } = this.#delivery;
    // What has no number of its own belongs to what is being sent.
    const current = sent === 0 ? this.warmUp : sent <= firstCounted ? this.#lead : this.ledger;
    if (n < 0) {
      const fault = messages.faultOf(opcode, buffer.bytes, start, end);
      if (verifying === null) current.recordCorrupt({ ...fault, text: textOf(buffer.bytes, start, end) });
      else verifying.hold(buffer.bytes, start, end, current, fault);
    } else if (n >= warmUpBegin && n < warmUpSent) {
      if (this.warmUp.record(n) && messages.isRewritten(n, start, end)) this.warmUp.noteRewritten();
    } else if (n >= sent) {
      current.recordCorrupt({ rule: "early", got: n });
    } else if (this.#share !== null && !this.#share.has(n)) {
      // It is of a stream that this one has not subscribed to.
      current.recordCorrupt({ rule: "connection" });
    } else {
      this.#lead.record(this.#upTo(n));
    }
  }
}

/** The accounts of several subscribers together, as `of` adds each of them. */
export function accountOf(
  subscribers: readonly Subscriber[],
  of: (one: Subscriber, into: LedgerTotals) => void = (one, into) => one.settle(into),
): LedgerTotals {
  const into = emptyCounts();
  for (const one of subscribers) of(one, into);
  return into;
}

/**
 * Reads the account of several subscribers later on, and holds nothing else: a function that is made within a window keeps all that the
 * others made there use, such as its frames and histograms.
 */
export const accountReader =
  (subscribers: readonly Subscriber[]): (() => LedgerTotals) =>
  () =>
    accountOf(subscribers);
