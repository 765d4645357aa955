import { BufferView } from "./buffer-view.ts";
import { int32 } from "./int32.ts";

/** Shared by all that have none: each of thousands of connections has its own matchers. */
const [noDoubles, noWords] = [new Float64Array(0), new Int32Array(0)];

/**
 * Bytes that a message must have at a fixed place.
 *
 * Eight bytes are compared at a time as a float64, the widest load that makes no object: equal bits are equal numbers,
 * and the other way round unless one is a NaN or a zero. A matcher with such a number compares int32 words, at twice the
 * cost. 56 bytes cost about 7 ns, byte by byte 25 ns.
 */
export class ByteMatcher {
  readonly #template: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  readonly #doubles: Float64Array;
  readonly #words: Int32Array;
  /** What is left behind the words is compared with the template itself. */
  readonly #restFrom: number;
  readonly #doublesOnly: boolean;

  /** `template[from, to)`, to be found at the same offset from a message's start. The template must stay as it is. */
  constructor(template: Uint8Array, from: number, to: number) {
    const { view, bytes } = new BufferView(template.slice(from, to));
    const lanes = int32(bytes.length / 8);
    const doubles = Float64Array.from({ length: lanes }, (_, i) => view.getFloat64(8 * i, true));
    const asDoubles = doubles.every((value) => value !== 0 && !Number.isNaN(value));
    this.#template = template;
    this.#from = int32(from);
    this.#to = int32(to);
    this.#doubles = asDoubles && lanes > 0 ? doubles : noDoubles;
    this.#words = asDoubles
      ? noWords
      : Int32Array.from({ length: 2 * lanes }, (_, i) => view.getInt32(4 * i, true));
    this.#restFrom = int32(from + 8 * lanes);
    this.#doublesOnly = this.#words.length === 0 && this.#restFrom === this.#to;
  }

  /** Whether it looks for the same bytes at the same place. */
  isOf(template: Uint8Array, from: number, to: number): boolean {
    if (from !== this.#from || to !== this.#to) return false;
    for (let at = from; at < to; at += 1) if (template[at] !== this.#template[at]) return false;
    return true;
  }

  /** Whether the message that begins at `start` has these bytes. The bytes must lie within the buffer. */
  matches(buffer: BufferView, start: number): boolean {
    const { view } = buffer;
    const doubles = this.#doubles;
    const lanes = doubles.length;
    let at = start + this.#from;
    for (let i = 0; i < lanes; i++, at += 8) {
      if (view.getFloat64(at, true) !== doubles[i]!) return false;
    }
    return this.#doublesOnly || this.#othersMatch(buffer, at);
  }

  /** Apart, so that the engine inlines the loop above into the receiver of every message. */
  #othersMatch({ view, bytes }: BufferView, begin: number): boolean {
    const words = this.#words;
    let at = begin;
    for (let i = 0; i < words.length; i++, at += 4) {
      if (view.getInt32(at, true) !== words[i]!) return false;
    }
    const template = this.#template;
    const to = this.#to;
    for (let i = this.#restFrom; i < to; i++, at++) {
      if (bytes[at] !== template[i]!) return false;
    }
    return true;
  }
}
