import { jsonSequenceOf } from "../../schemas/codec/json.ts";
import { sbeSequenceOf } from "../../schemas/codec/sbe.ts";
import { streamKind } from "../../schemas/stream.ts";
import type { Data } from "./peer.ts";

/** A message as it was published, kept for subscribers that were cut off. */
export interface Kept {
  readonly n: number;
  readonly stream: string;
  readonly data: Data;
  readonly isText: boolean;
  /** UTF-8 bytes of a text. */
  readonly bytes: number;
}

/** What a buffer holds at most. */
export interface ReplayBounds {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * The newest messages of a publisher that asked for them to be kept (`/publish?keep=on`), in their order. A subscriber that was cut
 * off is sent those that it has missed, or is answered that some of them are gone.
 *
 * Sequences of one publisher follow each other without a hole. A message that does not follow the last one begins the buffer anew:
 * what went before is of another publisher, or something in between was never seen here.
 */
export class ReplayBuffer {
  readonly #bounds: ReplayBounds;
  /** A ring: message `i` of those kept is in slot (`#head` + i) modulo its length. */
  readonly #slots: (Kept | undefined)[];
  #head = 0;
  #count = 0;
  #bytes = 0;
  /** Every message from this sequence to the newest is kept. */
  #completeFrom = 0;
  #newest = -1;

  constructor(bounds: ReplayBounds) {
    this.#bounds = bounds;
    this.#slots = Array.from({ length: bounds.messages });
  }

  /** Bytes of the messages that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a message that was published. One without a sequence cannot be asked for, and is not kept. */
  keep(stream: string, data: Data, isText: boolean): void {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const n = isText ? jsonSequenceOf(bytes, 0, bytes.length) : sbeSequenceOf(bytes, 0, bytes.length);
    if (n < 0) return;
    if (n !== this.#newest + 1 || this.#newest < 0) this.#beginAt(n);
    this.#newest = n;
    while (
      this.#count > 0 &&
      (this.#count === this.#bounds.messages || this.#bytes + bytes.length > this.#bounds.bytes)
    ) {
      this.#dropOldest();
    }
    if (bytes.length > this.#bounds.bytes) {
      this.#completeFrom = n + 1;
      return;
    }
    // A framework's buffer may be a small part of all that was read at once, which it would keep alive.
    const copy = typeof data === "string" ? data : Buffer.from(data);
    this.#slots[(this.#head + this.#count) % this.#slots.length] = {
      n,
      stream,
      data: copy,
      isText,
      bytes: bytes.length,
    };
    this.#count += 1;
    this.#bytes += bytes.length;
  }

  /** The kept messages of `streams` from sequence `from` on; null where not all of those that there were are kept. */
  since(from: number, streams: readonly string[]): Kept[] | null {
    if (this.#newest < 0 || from < this.#completeFrom || from > this.#newest + 1) return null;
    return this.#of(streams, Math.max(0, this.#count - (this.#newest + 1 - from)));
  }

  /** The latest kept snapshot of each of `streams` that has any, and all that followed the earliest of those. */
  sinceSnapshot(streams: readonly string[]): Kept[] {
    const missing = new Set(streams.filter((stream) => streamKind(stream) === "depthSnapshot"));
    let first = this.#count;
    for (let i = this.#count - 1; i >= 0 && missing.size > 0; i -= 1) {
      if (missing.delete(this.#at(i).stream)) first = i;
    }
    return this.#of(streams, first);
  }

  #at(i: number): Kept {
    return this.#slots[(this.#head + i) % this.#slots.length]!;
  }

  #of(streams: readonly string[], first: number): Kept[] {
    const wanted = new Set(streams);
    const found: Kept[] = [];
    for (let i = first; i < this.#count; i += 1) {
      const kept = this.#at(i);
      if (wanted.has(kept.stream)) found.push(kept);
    }
    return found;
  }

  #beginAt(n: number): void {
    this.#slots.fill(undefined);
    this.#head = 0;
    this.#count = 0;
    this.#bytes = 0;
    this.#completeFrom = n;
  }

  #dropOldest(): void {
    const oldest = this.#at(0);
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.#count -= 1;
    this.#bytes -= oldest.bytes;
    this.#completeFrom = oldest.n + 1;
  }
}
