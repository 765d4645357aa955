import { jsonSequenceOf } from "../../schemas/codec/json.ts";
import { sbeSequenceOf } from "../../schemas/codec/sbe.ts";
import { controlErrorCodes, parseReply } from "../../schemas/control.ts";
import type { Corruption } from "../../schemas/load.ts";
import type { Random } from "../../stats/random.ts";
import type { BufferView } from "../load/buffer-view.ts";
import type { Connection, ConnectionSink } from "../load/connection.ts";
import type { DataOpcode } from "../load/frame.ts";
import { TrialError } from "../load/trial-error.ts";
import { textOf } from "../load/unsolicited.ts";
import { type Market, retryDelayMs } from "./market.ts";
import { bookStreams, type Slot } from "./published-book.ts";

/** Opens a connection to `/feed`, whose messages go to `sink`. */
export type Dial = (from: string, sink: ConnectionSink) => Promise<Connection>;

/** Share of the messages on a thinned socket that its subscriber never sees. */
export const thinShare = 0.98;

/** What happened to one place of the feed at one subscriber. */
const seen = { never: 0, arrived: 1, applied: 2 } as const;

/** Of one subscriber, since its account began. */
export interface HolderAccount {
  /** Distinct messages that arrived intact. */
  readonly arrived: number;
  readonly duplicates: number;
  readonly reorders: number;
  readonly corrupt: number;
  readonly firstCorrupt: Corruption | undefined;
  readonly rewritten: number;
  readonly resentMessages: number;
  readonly resentBytes: number;
  readonly tooOld: number;
  /** Sequence of the first message that was missing on a live socket; null where none was. */
  readonly missing: number | null;
  /** When a live socket was first found wanting, by the clock; null where none was. */
  readonly noticedNs: number | null;
  /** Published, and arrived, while a socket that the generator had not thinned was subscribed. */
  readonly live: { readonly due: number; readonly arrived: number };
  /** From the disturbance to a right book; null where it never was right again. */
  readonly bookNs: number | null;
}

function noAccount() {
  return {
    arrived: 0,
    duplicates: 0,
    reorders: 0,
    corrupt: 0,
    firstCorrupt: undefined as Corruption | undefined,
    rewritten: 0,
    resentMessages: 0,
    resentBytes: 0,
    tooOld: 0,
    missing: null as number | null,
    noticedNs: null as number | null,
    live: { due: 0, arrived: 0 },
    bookNs: null as number | null,
  };
}

/**
 * A subscriber that keeps an order book as a client of a market does: it applies updates by the gap rule, waits for the next snapshot
 * where one is missing, and connects again, from the sequence behind its last, where its connection ends or falls silent.
 */
export class BookHolder implements ConnectionSink {
  readonly #market: Market;
  readonly #dial: Dial;
  readonly #random: Random;
  /**
   * Update id of its book; −1 before the first snapshot. A message counts only where each of its bytes is the published one, and an
   * update only behind the one before it: its book is then the reference book of that id (published-book.ts), and is not kept again
   * for each of them.
   */
  #u = -1;
  /** Sequence of the newest message that is in the book. */
  #last = -1;
  #snapshotLast = -1;
  /** An update is missing, and only a snapshot makes the book right again. */
  #isBroken = false;
  #connection: Connection | null = null;
  #answer: PromiseWithResolvers<"agreed" | "too-old"> | null = null;
  #isAgreed = false;
  /** What had left when the present subscription was agreed on, or when its account began. */
  #agreedAt: Market["left"] = { n: -1, count: 0 };
  #joins = 0;
  #highest = -1;
  #isThinned = false;
  #isEnded = false;
  #staleSinceNs: number | null = null;
  /** The connection that is given up: what still comes over it makes no book right. */
  #given: Connection | null = null;
  /** Looks at the connection since the last snapshot on it. */
  #quietLooks = 0;
  #nowNs = 0;
  #base = 0;
  #seen = new Uint8Array(0);
  #account = noAccount();

  constructor(market: Market, dial: Dial, random: Random) {
    this.#market = market;
    this.#dial = dial;
    this.#random = random;
  }

  /** Connects and subscribes, and keeps doing so until it has to `leave`. Rejects where the first time fails. */
  async open(): Promise<void> {
    await this.#join("snapshot");
  }

  /** Cuts the connection, for good. */
  leave(): void {
    this.#isEnded = true;
    this.#connection?.terminate();
  }

  /** Begins a new account, of at most `count` places from `base` on. */
  beginAccount(base: number, count: number): void {
    this.#base = base;
    this.#seen = new Uint8Array(count);
    this.#account = noAccount();
    this.#agreedAt = this.#market.left;
    this.#snapshotLast = -1;
    this.#quietLooks = 0;
  }

  /** The book is not to be trusted from `sinceNs` on, until it is the publisher's own over another connection than the present one. */
  disturb(sinceNs: number, thin: boolean): void {
    this.#staleSinceNs = sinceNs;
    this.#given = this.#connection;
    if (!thin) return;
    this.#settleLive();
    this.#isThinned = true;
  }

  /** Whether the book is the publisher's own now. */
  get isRight(): boolean {
    const { newest } = this.#market;
    return newest !== null && this.#u === newest.u;
  }

  /** Whether it is right again after the last disturbance. */
  get isRecovered(): boolean {
    return this.#staleSinceNs === null;
  }

  /**
   * Ends a connection on which no snapshot has come for so many looks: the publisher sends them far more often. Looks are counted
   * and not time, since a client that stood still itself has heard nothing either.
   */
  watch(looksMax: number): void {
    this.#quietLooks += 1;
    if (!this.#isAgreed || this.#quietLooks < looksMax) return;
    this.#notice(this.#market.clock());
    this.#connection?.terminate();
    // Its end is not waited for twice.
    this.#quietLooks = 0;
  }

  /** The account so far. */
  settle(): HolderAccount {
    this.#settleLive();
    return this.#account;
  }

  /** What became of the place `n` of the account: whether it arrived, and whether it is in the book. */
  fate(n: number): { readonly arrived: boolean; readonly applied: boolean; readonly superseded: boolean } {
    const state = this.#seen[n - this.#base] ?? seen.never;
    return {
      arrived: state !== seen.never,
      applied: state === seen.applied,
      superseded: n < this.#snapshotLast,
    };
  }

  message(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    if (!this.#isAgreed) {
      this.#takeAnswer(buffer, start, end);
      return;
    }
    if (this.#isThinned && this.#random.uniform() < thinShare) return;
    this.#nowNs = this.#market.clock();
    const bytes = buffer.bytes;
    const n = (this.#market.codec === "json" ? jsonSequenceOf : sbeSequenceOf)(bytes, start, end - start);
    const slot = n < 0 ? undefined : this.#market.published.slot(n);
    const form = slot?.left ? slot[slot.left] : undefined;
    if (slot === undefined || form === undefined || form.messages.identify(opcode, bytes, start, end) !== 0) {
      this.#corrupt(
        form === undefined
          ? { rule: "sequence", ...(n < 0 ? {} : { got: n }) }
          : form.messages.faultOf(opcode, bytes, start, end),
        textOf(bytes, start, end),
      );
      return;
    }
    if (form.messages.isRewritten(0, start, end)) this.#account.rewritten += 1;
    this.#arrived(slot, end - start);
  }

  /** A message as it was sent. */
  #arrived(slot: Slot, bytes: number): void {
    const { n } = slot;
    const account = this.#account;
    if (n <= this.#agreedAt.n) {
      if (this.#joins > 1) {
        account.resentMessages += 1;
        account.resentBytes += bytes;
      }
    } else if (!this.#isThinned) account.live.arrived += 1;
    const at = n - this.#base;
    if (at >= 0) {
      if (this.#seen[at] !== seen.never) {
        // What it had before it connected again is sent twice since it asked for it.
        if (n <= this.#highest) account.duplicates += 1;
      } else {
        this.#seen[at] = seen.arrived;
        account.arrived += 1;
        if (n < this.#highest) account.reorders += 1;
      }
    }
    this.#highest = Math.max(this.#highest, n);
    if (this.#take(slot) && at >= 0) this.#seen[at] = seen.applied;
    this.#look();
  }

  /** Puts a message into the book; false where the book cannot take it. */
  #take(slot: Slot): boolean {
    if (slot.left === "snapshot") {
      // Every snapshot is a sign of life, one that is older than the book too.
      this.#quietLooks = 0;
      if (slot.n < this.#last && !this.#isBroken) return true;
      this.#u = slot.u;
      this.#isBroken = false;
      this.#last = slot.n;
      this.#snapshotLast = Math.max(this.#snapshotLast, slot.n);
      return true;
    }
    if (this.#isBroken) return false;
    const { U, u } = slot.update.data;
    if (this.#u >= 0 && u <= this.#u) return true;
    if (this.#u >= 0 && U === this.#u + 1) {
      this.#u = u;
      this.#last = slot.n;
      return true;
    }
    // A book that has not begun misses nothing.
    if (this.#last >= 0) {
      this.#isBroken = true;
      this.#notice(this.#nowNs);
      if (!this.#isThinned) this.#account.missing ??= this.#last + 1;
    }
    return false;
  }

  #notice(nowNs: number): void {
    this.#account.noticedNs ??= nowNs;
  }

  /** Whether the book has become right. */
  #look(): void {
    const { newest, clock } = this.#market;
    if (this.#staleSinceNs === null || this.#isThinned || this.#isBroken) return;
    if (this.#connection === this.#given && this.#given !== null) return;
    if (!this.#isAgreed || newest === null || this.#u !== newest.u) return;
    this.#account.bookNs = clock() - this.#staleSinceNs;
    this.#staleSinceNs = null;
    this.#given = null;
  }

  #corrupt(fault: Corruption, text: string): void {
    this.#account.corrupt += 1;
    this.#account.firstCorrupt ??= { ...fault, text };
  }

  /** Closes the account of the present subscription, whose live messages are those behind its agreement. */
  #settleLive(): void {
    const { left } = this.#market;
    if (this.#isAgreed && !this.#isThinned) this.#account.live.due += left.count - this.#agreedAt.count;
    this.#agreedAt = left;
  }

  async #join(from: string): Promise<void> {
    const answer = Promise.withResolvers<"agreed" | "too-old">();
    answer.promise.catch(() => undefined);
    this.#answer = answer;
    this.#isAgreed = false;
    const connection = await this.#dial(from, this);
    if (this.#isEnded) {
      connection.terminate();
      return;
    }
    this.#connection = connection;
    void connection.closed.then(() => {
      answer.reject(refused("the server closed a subscriber's connection during SUBSCRIBE"));
      if (this.#connection === connection) this.#lost();
    });
    this.#subscribe(1);
    if ((await answer.promise) === "agreed") return;
    this.#account.tooOld += 1;
    // What the book lacks is gone: it has to begin anew.
    this.#isBroken = true;
    const again = Promise.withResolvers<"agreed" | "too-old">();
    void connection.closed.then(() =>
      again.reject(refused("the server closed a subscriber's connection during SUBSCRIBE")),
    );
    this.#answer = again;
    this.#subscribe(2);
    await again.promise;
  }

  #subscribe(id: number): void {
    this.#connection?.sendText(JSON.stringify({ method: "SUBSCRIBE", params: bookStreams, id }));
  }

  #takeAnswer({ bytes }: BufferView, start: number, end: number): void {
    const text = Buffer.from(bytes.subarray(start, end)).toString("utf8");
    const reply = parseReply(text);
    // Whatever else comes before the answer was not asked for.
    if (reply === undefined) return;
    if ("error" in reply) {
      if (reply.error.code === controlErrorCodes.tooOld) this.#answer?.resolve("too-old");
      else this.#answer?.reject(refused(`SUBSCRIBE was answered with ${textOf(bytes, start, end)}`));
      return;
    }
    this.#isAgreed = true;
    this.#isThinned = false;
    this.#joins += 1;
    this.#agreedAt = this.#market.left;
    this.#highest = -1;
    this.#quietLooks = 0;
    this.#answer?.resolve("agreed");
    this.#look();
  }

  /** The connection has ended, by whoever's doing. */
  #lost(): void {
    this.#settleLive();
    const wasAgreed = this.#isAgreed;
    this.#isAgreed = false;
    this.#connection = null;
    // Where a subscription was under way, whoever began it goes on.
    if (wasAgreed && !this.#isEnded) void this.#rejoin();
  }

  /** Connects again at once, and where that fails after a while, again and again. */
  async #rejoin(): Promise<void> {
    while (!this.#isEnded) {
      try {
        await this.#join(this.#last < 0 ? "snapshot" : `${this.#last + 1}`);
        return;
      } catch {
        this.#connection?.terminate();
        this.#connection = null;
        await Bun.sleep(retryDelayMs(this.#random));
      }
    }
  }
}

const refused = (text: string) => new TrialError("subscribe-refused", text);
