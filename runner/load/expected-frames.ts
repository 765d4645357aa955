import { int32 } from "./int32.ts";
import { ServerFrames } from "./server-frames.ts";
import type { MessageShape } from "./shape.ts";

/** What stays in the first-level cache beside the chunk. */
const blockBytes = 16_384;
/** Below this many frames at once, the call that compares them costs more than it saves. */
export const minFrames = 8;
/** No frame carries it. */
const none = -1;

/**
 * Checks whether bytes are the very frames that are due next, many at a time: it lays out what must come and compares
 * memory. Equal bytes are the same frames with the same payloads and sequences, so that nothing is left to parse or to
 * check in them. Any difference at all, an unusual but lawful framing included, is left to parser and check.
 *
 * The frames form a ring in which a sequence has its place, so that connections whose messages have one shape share them: what
 * one was sent is laid out already when the next is sent the same.
 */
export class ExpectedFrames {
  readonly shape: MessageShape;
  readonly #frames: ServerFrames;
  readonly #block: Buffer;
  /** The sequence that each frame of the ring carries. */
  readonly #carries: Float64Array;

  /** `frames` is how many may be due at once, where that is few. */
  constructor(shape: MessageShape, frames = Number.POSITIVE_INFINITY) {
    this.shape = shape;
    this.#frames = new ServerFrames(shape, blockBytes, frames);
    this.#carries = new Float64Array(this.#frames.capacity).fill(none);
    const { buffer, byteOffset, byteLength } = this.#frames.buffer.bytes;
    this.#block = Buffer.from(buffer, byteOffset, byteLength);
  }

  get frameBytes(): number {
    return this.#frames.frameBytes;
  }

  /** How many frames from `at` on, `max` at most, are exactly the messages from `sequence` on. May be too few, never too many. */
  match(bytes: Uint8Array, at: number, end: number, sequence: number, max: number): number {
    const { frameBytes, capacity } = this.#frames;
    // `max` and `sequence` count messages; what is computed from them here are places.
    const limit = int32(Math.min(max, Math.floor((end - at) / frameBytes)));
    if (limit < minFrames) return 0;
    let matched = 0;
    while (matched < limit) {
      const slot = int32((sequence + matched) % capacity);
      const count = int32(Math.min(capacity - slot, limit - matched));
      this.#layOut(slot, count, sequence + matched);
      const from = int32(at + matched * frameBytes);
      const block = int32(slot * frameBytes);
      const length = int32(count * frameBytes);
      if (this.#block.compare(bytes, from, from + length, block, block + length) !== 0) break;
      matched += count;
      if (capacity < minFrames) break;
    }
    return matched;
  }

  /** Gives `count` frames from `slot` on the sequences from `sequence` on, where they do not carry them yet. */
  #layOut(slot: number, count: number, sequence: number): void {
    const carries = this.#carries;
    let known = 0;
    while (known < count && carries[slot + known] === sequence + known) known++;
    if (known === count) return;
    this.#frames.number(slot + known, slot + count, sequence + known);
    for (let i = known; i < count; i++) carries[slot + i] = sequence + i;
  }
}

/** Rings of expected frames, one for each shape of message. */
export class ExpectedShapes {
  readonly #rings: ExpectedFrames[] = [];

  /** The ring of a shape, the same for shapes that are equal to the byte. */
  of(shape: MessageShape): ExpectedFrames {
    const known = this.#rings.find((ring) => isSame(ring.shape, shape));
    if (known !== undefined) return known;
    const ring = new ExpectedFrames(shape);
    this.#rings.push(ring);
    return ring;
  }
}

/** The sequence in the template is none of the shape's. */
function isSame(a: MessageShape, b: MessageShape): boolean {
  const { at, bytes, form } = a.sequence;
  return (
    a.opcode === b.opcode &&
    form === b.sequence.form &&
    at === b.sequence.at &&
    a.template.length === b.template.length &&
    a.template.every((byte, i) => (i >= at && i < at + bytes) || byte === b.template[i])
  );
}
