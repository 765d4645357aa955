import type { PushRequest } from "../../schemas/control.ts";
import type { LedgerTotals } from "../../schemas/load.ts";
import type { BufferView } from "./buffer-view.ts";
import { type Clock, nowNs } from "./clock.ts";
import type { Connection, ConnectionSink } from "./connection.ts";
import { withIntake } from "./direct.ts";
import { type ExpectedFrames, ExpectedShapes } from "./expected-frames.ts";
import { type DataOpcode, opcodes } from "./frame.ts";
import { Histogram } from "./histogram.ts";
import { addCounts, emptyCounts, Ledger, sumCounts } from "./ledger.ts";
import type { PayloadCheck } from "./payload.ts";
import { withTimeout } from "./timeout.ts";
import { textOf, type UnsolicitedMessages } from "./unsolicited.ts";

export interface PushOptions {
  /**
   * What each connection asks for, again and again. `count` is the first batch's; later ones grow and shrink with the
   * server's speed, so that a batch lasts some milliseconds: a fast server never waits for the next request, and a
   * slow one is soon done with what it owes when the window closes.
   */
  readonly request: PushRequest;
  /** One for each connection, as a check may remember; the same one in every run of a trial, so that no pattern changes. */
  readonly checkOf: (connection: number) => PayloadCheck;
  /**
   * Takes, while the cell is verified, what is no message that was asked for. A batch is settled when it is done, so that
   * what turns out to have come in its place is counted in its own ledger.
   */
  readonly verifying?: { readonly unasked: UnsolicitedMessages; readonly ledger: Ledger };
  readonly clock?: Clock;
  /** Time that a batch should take, in ns: one that took less is followed by one of twice its size, more by half of it. */
  readonly batchNs?: readonly [min: number, max: number];
}

export interface PushResult {
  /** Messages delivered intact until the window closed. */
  delivered: number;
  /** Length of the window, in ns. */
  elapsedNs: number;
  /** Of all batches asked for since the window opened, those that drained after it included. */
  ledger: LedgerTotals;
  /** What has come since this account was closed and nobody asked for, such as the second copy of a batch's last message. */
  later: () => LedgerTotals;
  /** From the moment that a batch could begin to each message's receipt. */
  latency: Histogram;
  /** Every batch asked for was finished within the drain's bound. */
  drained: boolean;
  /** Size that the batches had grown or shrunk to: the first batch of a next run. */
  batch: number;
}

/** Batches asked for ahead, so that the server never waits for the next request. */
const batchesAhead = 2;
const usualBatchNs = [4e6, 16e6] as const;
const batchMessagesMax = 500_000;

class PushSink implements ConnectionSink {
  readonly #connection: Connection;
  readonly #request: PushRequest;
  readonly #check: PayloadCheck;
  readonly #clock: Clock;
  readonly #latency: Histogram;
  readonly #onIdle: () => void;
  readonly #shapes: ExpectedShapes;
  readonly settled = emptyCounts();
  readonly #ledger = new Ledger();
  #expected: ExpectedFrames | undefined;
  #nowNs = 0;
  #batchBeganNs = 0;
  /** Counts of the batches under way, oldest first. */
  readonly #asked: number[] = [];
  #count: number;
  readonly #batchNs: readonly [min: number, max: number];
  #asking = true;

  readonly #verifying: PushOptions["verifying"];

  constructor(
    connection: Connection,
    index: number,
    options: PushOptions,
    shapes: ExpectedShapes,
    latency: Histogram,
    onIdle: () => void,
  ) {
    this.#verifying = options.verifying;
    this.#connection = connection;
    this.#shapes = shapes;
    this.#request = options.request;
    this.#count = options.request.count;
    this.#batchNs = options.batchNs ?? usualBatchNs;
    this.#check = options.checkOf(index);
    this.#clock = options.clock ?? nowNs;
    this.#latency = latency;
    this.#onIdle = onIdle;
  }

  get delivered(): number {
    return this.settled.delivered + this.#ledger.delivered;
  }

  /** Size of the next batch. */
  get count(): number {
    return this.#count;
  }

  get isIdle(): boolean {
    return this.#asked.length === 0;
  }

  start(): void {
    this.#batchBeganNs = this.#clock();
    for (let i = 0; i < batchesAhead; i++) this.#ask();
  }

  /** No further batch is asked for. */
  stop(): void {
    this.#asking = false;
  }

  /** Flaws of what came while nothing was asked for. */
  get later(): LedgerTotals {
    return this.#ledger.settle(0);
  }

  /** Counts what was asked for and will not be waited for as missing. */
  giveUp(): void {
    while (this.#asked.length > 0) this.#settle();
  }

  begin(): void {
    this.#nowNs = this.#clock();
  }

  takeKnown(bytes: Uint8Array, at: number, end: number): number {
    const { shape } = this.#check;
    if (shape === undefined) return at;
    this.#expected ??= this.#shapes.of(shape);
    const { next } = this.#ledger;
    const count = this.#expected.match(bytes, at, end, next, (this.#asked[0] ?? 0) - next);
    this.#ledger.recordInOrder(count);
    // One chunk, one clock reading: these messages truly have one and the same value.
    this.#latency.recordMany(this.#nowNs - this.#batchBeganNs, count);
    return at + count * this.#expected.frameBytes;
  }

  message(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    const sequence = this.#check.sequenceOf(opcode, buffer, start, end);
    if (sequence >= 0 && sequence < (this.#asked[0] ?? 0)) {
      if (this.#ledger.record(sequence)) this.#latency.record(this.#nowNs - this.#batchBeganNs);
    } else {
      this.#other(sequence, opcode, buffer, start, end);
    }
  }

  #other(sequence: number, opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    if (opcode === opcodes.text && !this.isIdle && isDone(buffer, start, end)) {
      this.#settle();
      this.#adapt(this.#nowNs - this.#batchBeganNs);
      this.#batchBeganNs = this.#nowNs;
      if (this.#asking) this.#ask();
      else if (this.isIdle) this.#onIdle();
    } else if (sequence >= 0) {
      // Beyond what was asked for; where nothing was, before it.
      const rule = this.isIdle ? "early" : "sequence";
      this.#ledger.recordCorrupt({ rule, got: sequence });
    } else {
      const fault = this.#check.faultOf(opcode, buffer, start, end);
      const verifying = this.#verifying;
      if (verifying === undefined) {
        this.#ledger.recordCorrupt({ ...fault, text: textOf(buffer.bytes, start, end) });
      } else verifying.unasked.hold(buffer.bytes, start, end, verifying.ledger, fault);
    }
  }

  #adapt(batchNs: number): void {
    const [min, max] = this.#batchNs;
    if (batchNs < min) this.#count = Math.min(batchMessagesMax, this.#count * 2);
    else if (batchNs > max) this.#count = Math.max(1, this.#count >> 1);
  }

  #ask(): void {
    this.#asked.push(this.#count);
    this.#connection.sendText(JSON.stringify({ ...this.#request, count: this.#count }));
  }

  #settle(): void {
    this.#ledger.settleInto(this.settled, this.#asked.shift() ?? 0);
    this.#ledger.restart();
  }
}

function isDone(buffer: BufferView, start: number, end: number): boolean {
  return end - start < 64 && Buffer.from(buffer.bytes.subarray(start, end)).toString().includes('"done"');
}

/**
 * Servers generate, this receives: every connection asks for batches until `windowMs` have passed, then takes what is
 * under way for at most `drainMs`. Connections that fail leave gaps; after a drain cut short they should not be used again.
 */
export async function runPush(
  connections: readonly Connection[],
  options: PushOptions,
  windowMs: number,
  drainMs: number,
): Promise<PushResult> {
  const clock = options.clock ?? nowNs;
  const latency = new Histogram();
  const idle = Promise.withResolvers<void>();
  const shapes = new ExpectedShapes();
  const sinks = connections.map(
    (connection, index) =>
      new PushSink(connection, index, options, shapes, latency, () => {
        if (sinks.every((sink) => sink.isIdle)) idle.resolve();
      }),
  );
  for (const [i, connection] of connections.entries()) connection.sink = sinks[i]!;
  const { delivered, elapsedNs } = await withIntake(connections, async (intake) => {
    const beganNs = clock();
    for (const sink of sinks) sink.start();
    await intake.during(windowMs);
    const window = {
      elapsedNs: clock() - beganNs,
      delivered: sinks.reduce((sum, sink) => sum + sink.delivered, 0),
    };
    for (const sink of sinks) sink.stop();
    return window;
  });
  const drained = await withTimeout(drainMs, idle.promise);
  const ledger = emptyCounts();
  for (const sink of sinks) {
    sink.giveUp();
    addCounts(ledger, sink.settled);
  }
  const batch = Math.min(...sinks.map((sink) => sink.count));
  const later = () => sumCounts(sinks.map((sink) => sink.later));
  return { delivered, elapsedNs, ledger, later, latency, drained, batch };
}
