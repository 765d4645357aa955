import type { EchoCell } from "../../schemas/workloads/echo.ts";
import type { BufferView } from "../load/buffer-view.ts";
import { nowNs, turnUntil } from "../load/clock.ts";
import type { Connection, ConnectionSink } from "../load/connection.ts";
import type { DataOpcode } from "../load/frame.ts";
import { Histogram } from "../load/histogram.ts";
import { Ledger } from "../load/ledger.ts";
import type { PayloadCheck } from "../load/payload.ts";
import { SendBatch } from "../load/send-batch.ts";
import type { MessageShape } from "../load/shape.ts";
import { textOf, type UnsolicitedMessages } from "../load/unsolicited.ts";
import { closedMeasurement, lastArrivals, type OpeningTimes, reportParts, requireIntact } from "./closed.ts";
import { collectAndWait } from "./collect.ts";
import type { OpenCell, TrialContext } from "./context.ts";
import { Earlier } from "./earlier.ts";
import { costMetrics, latencyMetrics } from "./metrics.ts";
import type { WindowMeter } from "./window.ts";

/** Round trips that must come back intact before the cell counts. */
const verifyTrips = 8;

/** Looks for an echo that is lost, within the time that one may take. */
const looksForLost = 8;

/** One message in flight on one connection. An echo that does not come is given up, and its message is a gap. */
class RoundTrips implements ConnectionSink {
  /** Set while the cell is verified: takes what is no echo. */
  verifying: UnsolicitedMessages | null = null;
  latency = new Histogram();
  ledger = new Ledger();
  /** Of what was sent before the account began anew. */
  #before = new Ledger();
  readonly #connection: Connection;
  readonly #batch: SendBatch;
  readonly #check: PayloadCheck;
  #first = 0;
  #next = 0;
  #sentNs = 0;
  #waiting = false;
  readonly #watch: Timer;
  #firstSentNs: number | null = null;
  #lastArrivedNs = 0;
  #turnaroundNs = 0;
  #turnarounds = 0;
  #arrived = Promise.withResolvers<void>();
  #lost: Error | null = null;

  constructor(connection: Connection, shape: MessageShape, check: PayloadCheck, lostMs: number) {
    this.#connection = connection;
    this.#batch = new SendBatch(shape, 1);
    this.#check = check;
    this.#arrived.resolve();
    // One timer for all trips: one a trip would cost more than the trip's accounting.
    this.#watch = setInterval(() => {
      if (this.#waiting && nowNs() - this.#sentNs > lostMs * 1e6) this.#end(nowNs());
    }, lostMs / looksForLost);
    connection.sink = this;
    void connection.closed.then(({ code, reason, error }) => {
      const why = error?.message ?? `code ${code}${reason === "" ? "" : `, ${reason}`}`;
      this.#lost = new Error(`the server closed the connection: ${why}`);
      this.#arrived.reject(this.#lost);
    });
  }

  /** Starts a new account; what was in flight before has come back. */
  reset(): void {
    this.latency = new Histogram();
    this.#before = this.ledger;
    this.ledger = new Ledger(this.#next);
    this.#first = this.#next;
    this.#firstSentNs = null;
    this.#turnaroundNs = 0;
    this.#turnarounds = 0;
  }

  /** Looks for nothing any more. */
  close(): void {
    clearInterval(this.#watch);
  }

  /** Mean time between an echo and the next send, in ns: mitata's loop and our accounting. */
  get turnaroundNsMean(): number {
    return this.#turnarounds === 0 ? 0 : this.#turnaroundNs / this.#turnarounds;
  }

  /**
   * From the first message sent to the last that arrived, in ns. What mitata does before and after (it compiles its loop, and
   * sorts the samples) is no time in which a message could be in flight.
   */
  get elapsedNs(): number {
    return this.#firstSentNs === null ? 0 : this.#lastArrivedNs - this.#firstSentNs;
  }

  get next(): number {
    return this.#next;
  }

  /** Sends one message and resolves when its echo is here, or is given up. Rejects when the connection is lost. */
  trip(): Promise<void> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    this.#arrived = Promise.withResolvers<void>();
    const bytes = this.#batch.patch(this.#next, 1);
    this.#next += 1;
    this.#sentNs = nowNs();
    if (this.#firstSentNs === null) {
      this.#firstSentNs = this.#sentNs;
    } else {
      this.#turnaroundNs += this.#sentNs - this.#lastArrivedNs;
      this.#turnarounds += 1;
    }
    this.#waiting = true;
    this.#connection.write(this.#batch.bytes, 0, bytes);
    return this.#arrived.promise;
  }

  message(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    const now = nowNs();
    const n = this.#check.sequenceOf(opcode, buffer, start, end);
    const awaited = this.#next - 1;
    if (n >= 0 && n < this.#first) {
      // The warm-up's: one that came again is counted, one that it gave up is nobody's.
      if (!this.#before.record(n)) this.ledger.recordDuplicate();
      return;
    }
    if (n < 0 || n > awaited) {
      if (!this.#other(n, opcode, buffer, start, end)) return;
    } else if (n < awaited) {
      // One that came again, or after it was given up: nobody waits for it.
      this.ledger.record(n);
      return;
    } else if (this.ledger.record(n)) {
      this.latency.record(now - this.#sentNs);
      if (this.#check.isRewritten?.(start, end) === true) this.ledger.noteRewritten();
    }
    this.#end(now);
  }

  /** Takes what is no echo of anything sent. False where it may be a greeting, for which the echo is still to come. */
  #other(n: number, opcode: DataOpcode, buffer: BufferView, start: number, end: number): boolean {
    if (n >= 0) {
      // The true echo may follow.
      this.ledger.recordCorrupt({ rule: "early", got: n });
      return false;
    }
    const fault = this.#check.faultOf(opcode, buffer, start, end);
    if (this.verifying !== null) {
      this.verifying.hold(buffer.bytes, start, end, this.ledger, fault);
      return false;
    }
    this.ledger.recordCorrupt({ ...fault, text: textOf(buffer.bytes, start, end) });
    return true;
  }

  /** Ends the trip under way. */
  #end(now: number): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#lastArrivedNs = now;
    this.#arrived.resolve();
  }
}

interface RoundTripParts {
  readonly shape: MessageShape;
  readonly check: PayloadCheck;
  readonly meter: WindowMeter;
  readonly times: OpeningTimes;
  readonly unasked: UnsolicitedMessages;
}

/**
 * Window 1 on one connection, driven by mitata's `measure`: it decides when enough was seen. Our histogram is filled
 * inside the measured function and keeps every sample, where mitata drops the four outermost and sorts the rest.
 * Batching is switched off (`batch_threshold` 0): mitata would call anything below 65 µs a micro-benchmark and report
 * means of 4,096 calls, which have no tail.
 */
export async function openRoundTrips(
  { cell, enter, drainTimeoutMs, shard }: TrialContext<EchoCell>,
  [connection]: readonly Connection[],
  { shape, check, meter, times, unasked }: RoundTripParts,
): Promise<OpenCell> {
  if (connection === undefined) throw new Error("the round-trip loop needs one connection");
  const trips = new RoundTrips(connection, shape, check, drainTimeoutMs);
  try {
    const trip = () => trips.trip();
    enter("verify");
    trips.verifying = unasked;
    for (let i = 0; i < verifyTrips; i += 1) await trip();
    requireIntact(() => trips.ledger.settle(trips.next), unasked);
    trips.verifying = null;
    enter("warm-up");
    times.connected();
    if (cell.warmupMs > 0) await drive(trip, cell.warmupMs);
    const warmUp = times.warmed();
    const account = () => trips.ledger.settle(trips.next);
    const earlier = new Earlier(account, unasked.report);
    return {
      warmUp,
      close: () => {
        trips.close();
        connection.terminate();
      },
      window: async ({ windowMs, waitMs }) => {
        await collectAndWait(waitMs);
        await shard?.together();
        const before = earlier.take();
        trips.reset();
        enter("measure");
        meter.begin();
        const first = trips.next;
        const stats = await drive(trip, windowMs);
        const { elapsedNs } = trips;
        const use = meter.end();
        await lastArrivals();
        enter("account");
        const sent = trips.next - first;
        const ledger = account();
        earlier.follow(account);
        const throughputHz = (ledger.delivered / elapsedNs) * 1e9;
        reportParts(shard, ledger.delivered, 1);
        return closedMeasurement({
          use,
          windowMs,
          elapsedNs,
          sent,
          ledger,
          latency: trips.latency,
          mitataNsP50: stats.p50,
          turnaroundNsMean: trips.turnaroundNsMean,
          // No `earlyEnd`: a trip on a connection that has ended fails the trial.
          sentBefore: first,
          before,
          metrics: {
            ...latencyMetrics(trips.latency),
            throughputHz,
            ...costMetrics(use, ledger.delivered, 1),
          },
        });
      },
    };
  } catch (error) {
    trips.close();
    throw error;
  }
}

/**
 * mitata is loaded with the first warm-up: whoever only lists cells does not need it. The loop turns meanwhile: one that slept until its
 * echo came would have its own way out of sleep in every round trip.
 */
async function drive(trip: () => Promise<void>, ms: number) {
  const { measure } = await import("mitata");
  let isDone = false;
  const turning = turnUntil(() => isDone);
  try {
    return await measure(trip, { min_cpu_time: ms * 1e6, batch_threshold: 0, gc: false, now: nowNs });
  } finally {
    isDone = true;
    await turning;
  }
}
