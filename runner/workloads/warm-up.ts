import { sum } from "../../stats/moments.ts";
import { BufferView } from "../load/buffer-view.ts";
import { nowNs, turnUntil } from "../load/clock.ts";
import type { Connection } from "../load/connection.ts";
import { type Intake, withIntake } from "../load/direct.ts";
import { type DataOpcode, type EncodedFrames, encodeClientFrames } from "../load/frame.ts";
import { randomMask } from "../load/mask.ts";
import { jsonShape, type SequenceField, sbeShape, writeSequence } from "../load/shape.ts";
import { TrialError } from "../load/trial-error.ts";
import { warmUpFrom } from "./sent-messages.ts";
import { accountOf, type Delivery, type Subscriber } from "./subscriber.ts";

/** Deliveries that one block of a flood makes: enough to keep the server busy, few enough to stay far from any limit. */
const deliveriesPerBlock = 2000;
const blockMessagesMax = 256;
/** Messages of a schedule that a warm-up sends again and again: of every kind and size, and few enough to be encoded anew. */
export const warmUpMessagesMax = 4096;
/** How long nothing at all may arrive before the rest of a block is taken for lost and the next is sent. */
const silenceMs = 100;
/** How long the last messages may take once those behind them have come: a connection keeps its order. */
const lateMs = 20;

/** The messages under sequences from `numberFrom` on. */
export function numbered(
  codec: "json" | "sbe",
  payloads: readonly Uint8Array[],
  numberFrom: number,
): readonly Uint8Array[] {
  return numberFrom === 0 ? payloads : sequenced(codec, payloads, numberFrom);
}

/** Copies of messages, numbered one by one from `numberFrom` on, whatever numbers they had. */
export function sequenced(
  codec: "json" | "sbe",
  payloads: readonly Uint8Array[],
  numberFrom: number,
): readonly Uint8Array[] {
  return payloads.map((payload, n) => {
    const buffer = new BufferView(payload.slice());
    writeSequence(sequenceOf(codec, payload), buffer, 0, numberFrom + n);
    return buffer.bytes;
  });
}

/** Where a message has its sequence. */
function sequenceOf(codec: "json" | "sbe", payload: Uint8Array): SequenceField {
  return (codec === "json" ? jsonShape("") : sbeShape(payload)).sequence;
}

/** The frames of a warm-up: the schedule's own messages, under numbers that no window uses. */
export class WarmUpFrames {
  readonly #frames: EncodedFrames;
  readonly #buffer: BufferView;
  readonly #masks: number[] = [];
  readonly #fields: readonly SequenceField[];
  readonly #bytes: readonly number[];
  readonly #scratch = BufferView.ofSize(16);

  constructor(codec: "json" | "sbe", opcode: DataOpcode, payloads: readonly Uint8Array[]) {
    this.#frames = encodeClientFrames(opcode, payloads, () => {
      const mask = randomMask();
      this.#masks.push(mask);
      return mask;
    });
    this.#buffer = new BufferView(this.#frames.bytes);
    this.#bytes = payloads.map((payload) => payload.length);
    this.#fields = payloads.map((payload) => sequenceOf(codec, payload));
  }

  get count(): number {
    return this.#bytes.length;
  }

  /** Sends the messages from number `first` on, at most `count` of them; gives how many. */
  send(connection: Connection, first: number, count: number): number {
    const from = (first - warmUpFrom) % this.count;
    const sent = Math.min(count, this.count - from);
    for (let i = 0; i < sent; i += 1) this.#number(from + i, first + i);
    const { bytes, offsets } = this.#frames;
    connection.write(bytes, offsets[from]!, offsets[from + sent]!);
    return sent;
  }

  /** Writes sequence `n` into frame `i`, under the frame's mask. */
  #number(i: number, n: number): void {
    const field = this.#fields[i]!;
    const mask = this.#masks[i]!;
    const at = this.#frames.offsets[i + 1]! - this.#bytes[i]! + field.at;
    writeSequence({ ...field, at: 0 }, this.#scratch, 0, n);
    const { bytes } = this.#buffer;
    for (let byte = 0; byte < field.bytes; byte += 1) {
      bytes[at + byte] = this.#scratch.bytes[byte]! ^ (mask >>> (8 * ((field.at + byte) & 3)));
    }
  }
}

/**
 * Warms a gateway at full speed for `ms`: blocks of the schedule's own messages, each as soon as the one before has come
 * back. A schedule's own pace would leave most of a fresh process's code uncompiled when the window begins.
 *
 * Every message is in the subscribers' books. One that is lost does not stop the flood, as those behind it show that it is.
 * Rejects with `warm-up-incomplete` where nothing comes any more for `silentMs`: the server would enter its window cold.
 */
export async function warmUp(
  publisher: Connection,
  connections: readonly Connection[],
  subscribers: readonly Subscriber[],
  delivery: Delivery,
  frames: WarmUpFrames,
  ms: number,
  silentMs: number,
): Promise<void> {
  const wanted = Math.ceil(deliveriesPerBlock / subscribers.length);
  const block = Math.max(1, Math.min(wanted, blockMessagesMax, frames.count));
  const endNs = nowNs() + ms * 1e6;
  const arrivals = new Arrivals(subscribers);
  const passed = () => subscribers.every((one) => one.warmUp.next >= delivery.warmUpSent);
  await withIntake([publisher, ...connections], async (intake) => {
    while (nowNs() < endNs || !passed()) {
      // Behind the end, one message shows whether those before it are lost or the server has fallen silent.
      sendWarmUp(publisher, delivery, frames, nowNs() < endNs ? block : 1);
      const sentNs = nowNs();
      const quietMs = () => Math.min(arrivals.quietMs, (nowNs() - sentNs) / 1e6);
      await intake.until(() => passed() || quietMs() >= silenceMs);
      if (!passed() && arrivals.quietMs > silentMs) throw incomplete(subscribers);
    }
  });
  await lastOfWarmUp(subscribers, delivery.warmUpSent, arrivals);
}

/**
 * Messages that every connection has had right before a window, one by one. Linux acknowledges the first 16 segments after a silence
 * longer than its retransmission timeout as they arrive (TCP_MAX_QUICKACKS, net/ipv4/tcp_input.c), on loopback in the server's time, and
 * later ones when the client reads them, in the client's. The windows of other candidates are such a silence, and a market is none.
 */
export const wakingMessages = 20;

/**
 * Brings connections that were silent into step: the first messages of a publication under numbers of the warm-up, each as soon as the
 * one before has reached everybody, so that a slow server is given none that it has to catch up with. Gives how many deliveries that
 * made. Where one does not come, the window says why.
 */
export async function wake(
  publisher: Connection,
  subscribers: readonly Subscriber[],
  delivery: Delivery,
  frames: WarmUpFrames,
  intake: Intake,
): Promise<number> {
  const passed = () => subscribers.every(({ warmUp }) => warmUp.next >= delivery.warmUpSent);
  for (let n = 0; n < wakingMessages && passed(); n += 1) {
    sendWarmUp(publisher, delivery, frames, 1);
    const sentNs = nowNs();
    await intake.until(() => passed() || (nowNs() - sentNs) / 1e6 >= silenceMs);
  }
  return sum(subscribers, ({ warmUp }) => warmUp.delivered);
}

/** Waits for what comes before number `end`, as long as anything comes at all. */
export async function lastOfWarmUp(
  subscribers: readonly Subscriber[],
  end: number,
  arrivals = new Arrivals(subscribers),
): Promise<void> {
  await turnUntil(() => allCame(subscribers, end) || arrivals.quietMs >= lateMs);
}

/** Whether every subscriber has as many messages of the warm-up as come before number `end`. */
export function allCame(subscribers: readonly Subscriber[], end: number): boolean {
  return subscribers.every((one) => one.warmUp.delivered >= end - warmUpFrom);
}

/** Sends the next messages of a warm-up, `count` at most. */
export function sendWarmUp(
  publisher: Connection,
  delivery: Delivery,
  frames: WarmUpFrames,
  count: number,
): void {
  const first = delivery.warmUpSent;
  // What is counted as sent before the write cannot come before its send.
  delivery.warmUpSent = first + Math.min(count, frames.count - ((first - warmUpFrom) % frames.count));
  frames.send(publisher, first, count);
}

function incomplete(subscribers: readonly Subscriber[]): TrialError {
  const ledger = accountOf(subscribers, (one, into) => one.settleBefore(into));
  return new TrialError(
    "warm-up-incomplete",
    `of ${ledger.due} warm-up messages ${ledger.gaps} had not come back within the time limit`,
    ledger,
  );
}

/** Measures for how long nothing has arrived at any of the subscribers. */
class Arrivals {
  readonly #subscribers: readonly Subscriber[];
  #count = -1;
  #lastNs = nowNs();

  constructor(subscribers: readonly Subscriber[]) {
    this.#subscribers = subscribers;
  }

  get quietMs(): number {
    const count = this.#subscribers.reduce((sum, one) => sum + one.warmUp.delivered, 0);
    const now = nowNs();
    if (count !== this.#count) {
      this.#count = count;
      this.#lastNs = now;
    }
    return (now - this.#lastNs) / 1e6;
  }
}
