import type { LedgerTotals } from "../../schemas/load.ts";
import type { BufferView } from "./buffer-view.ts";
import { type Clock, nowNs } from "./clock.ts";
import type { Connection, ConnectionSink } from "./connection.ts";
import { ExpectedFrames, minFrames } from "./expected-frames.ts";
import type { DataOpcode } from "./frame.ts";
import { Histogram } from "./histogram.ts";
import { int32 } from "./int32.ts";
import { Ledger } from "./ledger.ts";
import { ExactCheck, type PayloadCheck } from "./payload.ts";
import { type FrameRoom, SendBatch } from "./send-batch.ts";
import type { MessageShape } from "./shape.ts";
import { textOf, type UnsolicitedMessages } from "./unsolicited.ts";

export interface EchoOptions {
  readonly shape: MessageShape;
  /** Messages in flight on each connection. */
  readonly window: number;
  /** How an echo is recognized; byte for byte unless given. */
  readonly check?: PayloadCheck;
  readonly clock?: Clock;
}

/** What the connections of a loop have in common: one for all, where functions for each would stay with each. */
export interface EchoGroup {
  /** Where the frames of all of them lie; each has its own buffer without it. */
  readonly room?: FrameRoom;
  /** Where their send times lie; each has its own array without it. */
  readonly times?: TimeRoom;
  /** Nothing of a peer is in flight any more, and it sends no more. */
  onIdle(): void;
  /** Whether a message that is no echo of `peer`'s is what another connection's should be. */
  isOthers(peer: EchoPeer, opcode: DataOpcode, buffer: BufferView, start: number, end: number): boolean;
}

/** Send times are kept for this many windows, so that even an echo that others overtook has its latency. */
const windowsRemembered = 8;
/** Times that the rings of many peers share; a ring of more than an eighth of it has its own array. */
const blockTimes = 16_384;

/** Room for the send times of many peers in few arrays: each of its own costs 50 bytes more than it holds. */
export class TimeRoom {
  #block: Float64Array | undefined;
  #used = 0;

  take(count: number): { readonly times: Float64Array; readonly at: number } {
    if (count > blockTimes / 8) return { times: new Float64Array(count), at: 0 };
    if (this.#block === undefined || this.#used + count > blockTimes) {
      this.#block = new Float64Array(blockTimes);
      this.#used = 0;
    }
    const at = int32(this.#used);
    this.#used += count;
    return { times: this.#block, at };
  }
}

/** Where latencies go before a run: nothing is due then. */
const noLatency = new Histogram();

/** One connection of a closed loop: what it has in flight, when each left, and what came back. */
export class EchoPeer implements ConnectionSink {
  readonly #connection: Connection;
  readonly #batch: SendBatch;
  readonly #check: PayloadCheck;
  readonly #clock: Clock;
  readonly #window: number;
  readonly #group: EchoGroup;
  /** Send time of message `n` at `n mod` a power of two behind where the peer's own times begin. */
  readonly #sentNs: Float64Array;
  readonly #sentFrom: number;
  readonly #sentMask: number;
  /** Made when it is first of use: it takes kilobytes, and there may be thousands of peers. */
  #expected: ExpectedFrames | undefined;
  #latency = noLatency;
  readonly #ledger = new Ledger();
  #first = 0;
  #next = 0;
  /** The first message of the last write, and when it left. */
  #lastFirst = 0;
  #lastNs = 0;
  #nowNs = 0;
  #returned = 0;
  #running = false;
  /** Set while the cell is verified: takes what is no echo. */
  verifying: UnsolicitedMessages | null = null;
  #deliveredBefore = 0;
  #turnaroundNs = 0;
  #turnarounds = 0;

  constructor(connection: Connection, options: EchoOptions, group: EchoGroup) {
    this.#connection = connection;
    this.#batch = new SendBatch(options.shape, options.window, group.room);
    this.#check = options.check ?? new ExactCheck(options.shape);
    this.#clock = options.clock ?? nowNs;
    this.#window = int32(options.window);
    this.#group = group;
    const remembered = 2 ** Math.ceil(Math.log2(windowsRemembered * options.window));
    const { times, at } = group.times?.take(remembered) ?? { times: new Float64Array(remembered), at: 0 };
    this.#sentNs = times;
    this.#sentFrom = at;
    this.#sentMask = remembered - 1;
  }

  /** Messages sent since the start. */
  get sent(): number {
    return this.#next - this.#first;
  }

  get isIdle(): boolean {
    return this.#ledger.delivered === this.sent;
  }

  /** Begins a run: fills the window. */
  start(latency: Histogram): void {
    this.#latency = latency;
    this.#ledger.restart(this.#next);
    this.#first = this.#next;
    this.#returned = 0;
    this.#deliveredBefore = 0;
    this.#running = true;
    this.#send(this.#window);
  }

  /** From now on arrivals count for the window: latencies go to `latency`, and `arrived` starts at 0. */
  mark(latency: Histogram): void {
    this.#latency = latency;
    this.#deliveredBefore = this.#ledger.delivered;
    this.#turnaroundNs = 0;
    this.#turnarounds = 0;
  }

  /** Sends since the mark that an echo made room for. */
  get turnarounds(): number {
    return this.#turnarounds;
  }

  /** Sum of their times from the receipt of the echo's chunk to the send, in ns. */
  get turnaroundNs(): number {
    return this.#turnaroundNs;
  }

  /** Echoes delivered since the mark. */
  get arrived(): number {
    return this.#ledger.delivered - this.#deliveredBefore;
  }

  /** Nothing more is sent. */
  stop(): void {
    this.#running = false;
  }

  /** Adds the account of the run to `into`. */
  settle(into: LedgerTotals): void {
    this.#ledger.settleInto(into, this.#next);
  }

  begin(): void {
    this.#nowNs = this.#clock();
  }

  takeKnown(bytes: Uint8Array, at: number, end: number): number {
    const { shape } = this.#check;
    const { next } = this.#ledger;
    const due = this.#next - next;
    // Beyond what the ring of send times remembers the latency is unknown, which is decided message by message.
    if (shape === undefined || this.#window < minFrames || due > this.#sentMask + 1) return at;
    this.#expected ??= new ExpectedFrames(shape, this.#window);
    const count = this.#expected.match(bytes, at, end, next, due);
    if (count === 0) return at;
    this.#ledger.recordInOrder(count);
    this.#returned += count;
    this.#recordLatencies(next, count);
    return at + count * this.#expected.frameBytes;
  }

  message(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    const sequence = this.#check.sequenceOf(opcode, buffer, start, end);
    if (sequence < this.#first || sequence >= this.#next) {
      this.#other(sequence, opcode, buffer, start, end);
      return;
    }
    if (!this.#ledger.record(sequence)) return;
    if (this.#check.isRewritten?.(start, end) === true) this.#ledger.noteRewritten();
    this.#returned += 1;
    // An echo later than the ring remembers is delivered all the same; only its latency is unknown.
    if (this.#next - sequence <= this.#sentMask + 1) {
      this.#latency.record(this.#nowNs - this.#sentNs[this.#sentFrom + (sequence & this.#sentMask)]!);
    }
  }

  /** What belongs to this connection alone. */
  sequenceOf(opcode: DataOpcode, buffer: BufferView, start: number, end: number): number {
    return this.#check.sequenceOf(opcode, buffer, start, end);
  }

  #other(sequence: number, opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    // What an earlier run sent came back in it, or that run would have been the last.
    if (sequence >= 0 && sequence < this.#first) {
      this.#ledger.recordDuplicate();
      return;
    }
    if (sequence >= this.#next) {
      this.#ledger.recordCorrupt({ rule: "early", got: sequence });
      return;
    }
    const fault = this.#group.isOthers(this, opcode, buffer, start, end)
      ? { rule: "connection" as const }
      : this.#check.faultOf(opcode, buffer, start, end);
    if (this.verifying !== null) this.verifying.hold(buffer.bytes, start, end, this.#ledger, fault);
    else this.#ledger.recordCorrupt({ ...fault, text: textOf(buffer.bytes, start, end) });
  }

  end(): void {
    const returned = this.#returned;
    if (returned === 0) return;
    this.#returned = 0;
    if (this.#running) {
      this.#turnaroundNs += returned * (this.#send(returned) - this.#nowNs);
      this.#turnarounds += returned;
    } else if (this.isIdle) {
      this.#group.onIdle();
    }
  }

  /** Messages that left in one write have one send time, and came in one chunk: they truly have one latency. */
  #recordLatencies(first: number, count: number): void {
    if (first >= this.#lastFirst) {
      this.#latency.recordMany(this.#nowNs - this.#lastNs, count);
      return;
    }
    const sentNs = this.#sentNs;
    const mask = this.#sentMask;
    const from = this.#sentFrom;
    for (let done = 0; done < count; ) {
      const leftNs = sentNs[from + ((first + done) & mask)]!;
      let same = 1;
      while (done + same < count && sentNs[from + ((first + done + same) & mask)] === leftNs) same++;
      this.#latency.recordMany(this.#nowNs - leftNs, same);
      done += same;
    }
  }

  /** Gives when they left. */
  #send(count: number): number {
    const first = this.#next;
    const bytes = this.#batch.patch(first, count);
    const now = this.#clock();
    // Fewer than the ring holds, of which the last may lie before the first.
    const slot = this.#sentFrom + (first & this.#sentMask);
    const end = slot + count;
    const ringEnd = this.#sentFrom + this.#sentMask + 1;
    if (count === 1) this.#sentNs[slot] = now;
    else if (end <= ringEnd) this.#sentNs.fill(now, slot, end);
    else {
      this.#sentNs.fill(now, slot, ringEnd);
      this.#sentNs.fill(now, this.#sentFrom, end - this.#sentMask - 1);
    }
    this.#lastFirst = first;
    this.#lastNs = now;
    this.#next = first + count;
    const { from } = this.#batch;
    this.#connection.write(this.#batch.bytes, from, from + bytes);
    return now;
  }
}
