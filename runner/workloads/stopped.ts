import type { StoppedSubscriber } from "../../schemas/pressure.ts";
import type { BufferView } from "../load/buffer-view.ts";
import type { Clock } from "../load/clock.ts";
import type { ConnectionSink } from "../load/connection.ts";
import type { DataOpcode } from "../load/frame.ts";
import type { SentMessages } from "./sent-messages.ts";

/** Takes what a subscriber is sent that stops reading for a while: which messages, in which order. */
export class StoppedReader implements ConnectionSink {
  /** Numbers in the order of their arrival, and when each came, in ns of the clock. */
  readonly arrivals: number[] = [];
  readonly arrivedNs: number[] = [];
  corrupt = 0;
  readonly #messages: SentMessages;
  readonly #sent: () => number;

  readonly #clock: Clock;
  /** When something came last. */
  lastNs: number;

  /** `sent` gives how many messages have been sent by now. */
  constructor(messages: SentMessages, sent: () => number, clock: Clock) {
    this.#messages = messages;
    this.#sent = sent;
    this.#clock = clock;
    this.lastNs = clock();
  }

  begin(): void {
    this.lastNs = this.#clock();
  }

  message(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    const n = this.#messages.identify(opcode, buffer.bytes, start, end);
    if (n < 0 || n >= this.#sent()) {
      this.corrupt += 1;
      return;
    }
    this.arrivals.push(n);
    this.arrivedNs.push(this.lastNs);
  }
}

/** A look at a stopped subscriber and the others, at one moment. */
export interface Look {
  /** Messages that every other subscriber had by then, and that the first of them had. */
  readonly othersMin: number;
  readonly othersMax: number;
  /** Bytes between the server's writes and the subscriber's reads; null where the kernel does not report it. */
  readonly kernelBytes: number | null;
  /** Whether the server's end still lived. */
  readonly isEstablished: boolean;
}

/** What was sent, and what one stopped subscriber had of it. */
export interface Stopped {
  /** Bytes on the wire of each message. */
  readonly wireBytes: Float64Array;
  /** Messages of each stream in order, by number; those of which the newest is enough are `quotes`. */
  readonly streamOf: (n: number) => string;
  readonly isQuote: (stream: string) => boolean;
  /** When each message was due, on the clock of the arrivals. */
  readonly dueNs: (n: number) => number;
  readonly arrivals: readonly number[];
  readonly arrivedNs: readonly number[];
  readonly corrupt: number;
  /** Arrivals before it stopped. */
  readonly readBefore: number;
  /** From the stop on, in order. */
  readonly looks: readonly Look[];
  /** The first message behind which no quotes are published for a while: each stream's newest by then is owed to who conflates. */
  readonly silentFrom: number;
  /** Close code, 1006 for none; null where the connection lived to the end. */
  readonly closeCode: number | null;
  /** Whether the policy is to leave messages out, and not to end the connection. */
  readonly leavesOut: boolean;
  /** Whether it may send streams out of each other's order. */
  readonly conflates: boolean;
}

/** What became of one subscriber, by what came and by what the looks saw. */
export function stoppedSubscriber(stopped: Stopped): StoppedSubscriber {
  const { arrivals, corrupt, looks, closeCode, leavesOut, wireBytes } = stopped;
  const come = new Uint8Array(wireBytes.length);
  let duplicates = 0;
  for (const n of arrivals) {
    duplicates += come[n]!;
    come[n] = 1;
  }
  const last = arrivals.reduce((most, n) => Math.max(most, n), -1);
  // The end of a connection cuts off what follows; one that lives owes all.
  const owed = closeCode === null ? wireBytes.length : last + 1;
  const missing = numbersWhere(owed, (n) => come[n] === 0);
  const firstClosed = looks.findIndex(({ isEstablished }) => !isEstablished);
  const sumBefore = sums(wireBytes);
  const read = arrivals.slice(0, stopped.readBefore).reduce((sum, n) => sum + wireBytes[n]!, 0);
  const heldAt = (n: number, kernelBytes: number) => Math.max(0, sumBefore[n]! - read - kernelBytes);
  const [firstMissing] = missing;
  const struck = leavesOut ? firstMissing !== undefined : closeCode !== null || firstClosed >= 0;
  const kernelBytes = looks.findLast((look) => look.isEstablished)?.kernelBytes ?? null;
  const queued = (): StoppedSubscriber["queuedBytes"] => {
    if (!struck || kernelBytes === null) return null;
    if (leavesOut) {
      const bytes = heldAt(firstMissing ?? 0, kernelBytes);
      return { low: bytes, high: bytes };
    }
    const [before, after] = [looks[firstClosed - 1], looks[firstClosed]];
    if (before === undefined || after === undefined) return null;
    return { low: heldAt(before.othersMin, kernelBytes), high: heldAt(after.othersMax, kernelBytes) };
  };
  const owedMax = looks.flatMap((look) =>
    look.isEstablished && look.kernelBytes !== null ? [heldAt(look.othersMin, look.kernelBytes)] : [],
  );
  return {
    queuedBytes: queued(),
    owedBytesMax: owedMax.length === 0 ? null : Math.max(...owedMax),
    kernelBytes,
    struck,
    closeCode,
    missing: missing.length,
    missingIdle: idlyMissing(stopped, missing),
    reorders: reordersOf(stopped),
    duplicates,
    corrupt,
    ...newestOf(stopped, come),
  };
}

function numbersWhere(count: number, holds: (n: number) => boolean): number[] {
  return Array.from({ length: count }, (_, n) => n).filter(holds);
}

/** Messages left out that were due when all that the server had taken for this subscriber had come: nothing waited then. */
function idlyMissing({ arrivals, arrivedNs, dueNs }: Stopped, missing: readonly number[]): number {
  const order = arrivals.map((n, i) => ({ n, ns: arrivedNs[i]! })).sort((a, b) => a.n - b.n);
  let next = 0;
  let lastNs = Number.NEGATIVE_INFINITY;
  let idle = 0;
  for (const n of missing) {
    for (; next < order.length && order[next]!.n < n; next += 1) lastNs = Math.max(lastNs, order[next]!.ns);
    if (lastNs < dueNs(n)) idle += 1;
  }
  return idle;
}

/** Sum of the bytes before each message, and of all. */
function sums(bytes: Float64Array): Float64Array {
  const sum = new Float64Array(bytes.length + 1);
  for (let n = 0; n < bytes.length; n += 1) sum[n + 1] = sum[n]! + bytes[n]!;
  return sum;
}

/** Arrivals behind a later message: of the same stream where the newest of each may overtake, and else of any. */
function reordersOf({ arrivals, streamOf, conflates }: Stopped): number {
  const latest = new Map<string, number>();
  let reorders = 0;
  for (const n of arrivals) {
    const order = conflates ? streamOf(n) : "";
    const before = latest.get(order) ?? -1;
    if (n < before) reorders += 1;
    latest.set(order, Math.max(n, before));
  }
  return reorders;
}

/** Streams of quotes with a hole before the silence, and those of which the newest before it has not come. */
function newestOf({ wireBytes, streamOf, isQuote, silentFrom, conflates }: Stopped, come: Uint8Array) {
  if (!conflates) return { conflated: 0, stale: 0 };
  const holes = new Set<string>();
  const newest = new Map<string, number>();
  for (let n = 0; n < Math.min(silentFrom, wireBytes.length); n += 1) {
    const stream = streamOf(n);
    if (!isQuote(stream)) continue;
    newest.set(stream, n);
    if (come[n] === 0) holes.add(stream);
  }
  return { conflated: holes.size, stale: [...newest.values()].filter((n) => come[n] === 0).length };
}
