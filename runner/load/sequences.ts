import type { BufferView } from "./buffer-view.ts";
import { int32 } from "./int32.ts";
import { lowSequences, type SequenceField, writeSequence } from "./shape.ts";

/** ASCII of 0000 to 9999, four bytes to a word, the first digit in the lowest. */
const fourDigits = new Int32Array(10_000);
for (let n = 0; n < fourDigits.length; n++) {
  const digit = (place: number): number => 48 + (Math.trunc(n / place) % 10);
  fourDigits[n] = digit(1000) | (digit(100) << 8) | (digit(10) << 16) | (digit(1) << 24);
}

/** Below it a decimal field is padded within its last four digits. */
const fourDigitsFrom = 1000;
/** Beyond what ten digits hold. */
const tenDigitsTo = 1e10;

/**
 * Writes rising sequences into messages that lie at equal distances, each under its own mask. It is what sending and
 * expecting a message cost: of 64 bits the low word is written alone while the high one is 0, of ten digits four come from a
 * table and six stay as they are for ten thousand messages.
 */
export class SequenceWriter {
  readonly #field: SequenceField;
  readonly #buffer: BufferView;
  readonly #step: number;
  /** The high word of every message's field is 0. */
  #highIsZero = true;

  /** Every message in `buffer`, `step` bytes from one to the next, carries the sequence 0. */
  constructor(field: SequenceField, buffer: BufferView, step: number) {
    this.#field = field;
    this.#buffer = buffer;
    this.#step = int32(step);
  }

  /**
   * Gives `count` messages, of which the first begins at `start`, the sequences from `first` on. `masks[i]` lies over the four
   * bytes from the field's beginning on, and over each four behind them.
   */
  write(start: number, first: number, count: number, masks: Int32Array): void {
    const at = int32(start + this.#field.at);
    if (this.#field.form === "decimal") {
      this.#decimals(at, first, int32(count), masks);
    } else if (this.#highIsZero && first + count <= lowSequences) {
      this.#lowWords(at, first, int32(count), masks);
    } else {
      this.#highIsZero = false;
      for (let i = 0; i < count; i++) this.#one(at + i * this.#step, first + i, masks[i]!);
    }
  }

  #lowWords(begin: number, first: number, count: number, masks: Int32Array): void {
    const { view } = this.#buffer;
    let at = begin;
    for (let i = 0; i < count; i++) {
      view.setInt32(at, (first + i) ^ masks[i]!, true);
      at += this.#step;
    }
  }

  #decimals(begin: number, first: number, count: number, masks: Int32Array): void {
    let at = begin;
    let i = 0;
    while (i < count) {
      const n = first + i;
      const low = int32(n % 10_000);
      const run = int32(Math.min(count - i, 10_000 - low));
      if (n < fourDigitsFrom || n >= tenDigitsTo) {
        this.#one(at, n, masks[i]!);
        i += 1;
        at += this.#step;
        continue;
      }
      this.#tenThousand(at, n, low, run, masks, i);
      i += run;
      at += run * this.#step;
    }
  }

  /** Numbers that differ in their last four digits alone. */
  #tenThousand(begin: number, n: number, low: number, run: number, masks: Int32Array, from: number): void {
    const { view } = this.#buffer;
    // The first one is written digit by digit, and gives the six digits of all.
    this.#one(begin, n, 0);
    const head = view.getInt32(begin, true);
    const fifthAndSixth = view.getUint16(begin + 4, true);
    let at = begin;
    for (let i = 0; i < run; i++) {
      const mask = masks[from + i]!;
      const four = fourDigits[low + i]!;
      view.setInt32(at, head ^ mask, true);
      view.setInt32(at + 4, (fifthAndSixth | (four << 16)) ^ mask, true);
      view.setInt16(at + 8, (four >>> 16) ^ mask, true);
      at += this.#step;
    }
  }

  /** One whole field. */
  #one(at: number, n: number, mask: number): void {
    const { bytes } = this.#buffer;
    const { at: offset, bytes: length } = this.#field;
    writeSequence(this.#field, this.#buffer, int32(at - offset), n);
    for (let i = 0; i < length; i++) bytes[at + i] = bytes[at + i]! ^ (mask >>> (8 * (i & 3)));
  }
}
