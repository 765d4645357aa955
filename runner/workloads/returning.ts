import type { LedgerTotals } from "../../schemas/load.ts";
import type { BufferView } from "../load/buffer-view.ts";
import { nowNs } from "../load/clock.ts";
import type { Connection, ConnectionSink } from "../load/connection.ts";
import type { DataOpcode } from "../load/frame.ts";
import { emptyCounts, Ledger, sumCounts } from "../load/ledger.ts";
import { textOf, UnsolicitedMessages } from "../load/unsolicited.ts";
import type { TrialContext } from "./context.ts";
import type { SentMessages } from "./sent-messages.ts";
import { type OpenSpec, settled } from "./sides.ts";
import { openSubscribers, subscribeAll } from "./subscribe.ts";

/** Takes what comes over one connection of a client that comes back: every message from its first to its last is due. */
class Life implements ConnectionSink {
  readonly #messages: SentMessages;
  readonly #firstCounted: number;
  /** Null before the first message. */
  #ledger: Ledger | null;
  /** Number behind the newest message. */
  next = 0;

  /** `from` is the first message that is due; null where that is the first that comes. Those before `firstCounted` are checked alone. */
  constructor(messages: SentMessages, firstCounted: number, from: number | null) {
    this.#messages = messages;
    this.#firstCounted = firstCounted;
    this.#ledger = from === null ? null : new Ledger(from);
  }

  message(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    const n = this.#messages.identify(opcode, buffer.bytes, start, end);
    if (n >= 0 && n < this.#firstCounted) return;
    const ledger = this.#ledger ?? new Ledger(Math.max(this.#firstCounted, n));
    this.#ledger = ledger;
    if (n < 0) {
      const fault = this.#messages.faultOf(opcode, buffer.bytes, start, end);
      ledger.recordCorrupt({ ...fault, text: textOf(buffer.bytes, start, end) });
      return;
    }
    ledger.record(n);
    this.next = Math.max(this.next, n + 1);
  }

  settle(end: number): LedgerTotals {
    const ledger = this.#ledger;
    if (ledger === null) return emptyCounts();
    return ledger.settle(this.next === 0 ? ledger.next : end);
  }
}

/**
 * Clients beside the timed ones, which are all cut within a window and come back at once. On the first connection all is due up to
 * the last that came: what was under way is lost by the cut. On the second all from the first that comes to the window's end.
 */
export class Returning {
  readonly #context: TrialContext<OpenSpec>;
  readonly #codec: "json" | "sbe";
  readonly #streams: readonly string[];
  #connections: readonly Connection[];
  #messages: SentMessages | null = null;
  #firstCounted = 0;
  #isOver = false;
  #before: readonly Life[] = [];
  #after: readonly Life[] = [];
  #back: Promise<void> = Promise.resolve();

  private constructor(
    context: TrialContext<OpenSpec>,
    codec: "json" | "sbe",
    streams: readonly string[],
    connections: readonly Connection[],
  ) {
    this.#context = context;
    this.#codec = codec;
    this.#streams = streams;
    this.#connections = connections;
  }

  /** Connects `count` of them and subscribes them to all streams. */
  static async open(
    context: TrialContext<OpenSpec>,
    count: number,
    codec: "json" | "sbe",
    streams: readonly string[],
  ): Promise<Returning> {
    return new Returning(context, codec, streams, await subscribed(context, count, codec, streams));
  }

  /** A window of these messages begins, of which those from `firstCounted` on count. */
  begin(messages: SentMessages, firstCounted: number): void {
    this.#messages = messages;
    this.#firstCounted = firstCounted;
    this.#before = this.#take(firstCounted);
  }

  /** Cuts all of them, and has them come back. */
  comeBack(): void {
    // A machine that stood still may have let the window pass.
    if (this.#isOver) return;
    const count = this.#connections.length;
    this.#cut();
    this.#back = subscribed(this.#context, count, this.#codec, this.#streams).then((connections) => {
      this.#connections = connections;
      if (this.#isOver) this.#cut();
      this.#after = this.#take(null);
    });
    // It is waited for when the window is over.
    this.#back.catch(() => undefined);
  }

  /** Their account, when they are back and have all before `end`. Rejects where one is not served again. */
  async account(end: number, limitMs: number): Promise<LedgerTotals> {
    const deadlineNs = nowNs() + limitMs * 1e6;
    await this.#back;
    this.#isOver = true;
    const hasAll = (life: Life) => life.next === 0 || life.next >= end;
    await settled(() => this.#after.every(hasAll), Math.max(0, (deadlineNs - nowNs()) / 1e6));
    return sumCounts([
      ...this.#before.map((life) => life.settle(life.next)),
      ...this.#after.map((life) => life.settle(end)),
    ]);
  }

  /** Ends all connections, those too that are not back yet. */
  close(): void {
    this.#isOver = true;
    this.#cut();
  }

  #cut(): void {
    for (const connection of this.#connections) connection.terminate();
  }

  #take(from: number | null): Life[] {
    const messages = this.#messages;
    if (messages === null) return [];
    return this.#connections.map((connection) => {
      const life = new Life(messages, this.#firstCounted, from);
      connection.sink = life;
      return life;
    });
  }
}

async function subscribed(
  context: TrialContext<OpenSpec>,
  count: number,
  codec: "json" | "sbe",
  streams: readonly string[],
): Promise<Connection[]> {
  const unasked = new UnsolicitedMessages();
  const connections = await openSubscribers(context, count, codec, unasked);
  try {
    await subscribeAll(context, connections, streams, unasked);
    return connections;
  } catch (error) {
    for (const connection of connections) connection.terminate();
    throw error;
  }
}
