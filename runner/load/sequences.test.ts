import { expect, test } from "bun:test";
import fc from "fast-check";
import { BufferView } from "./buffer-view.ts";
import { SequenceWriter } from "./sequences.ts";
import { type SequenceField, writeSequence } from "./shape.ts";

const fields: SequenceField[] = [
  { form: "u64", at: 0, bytes: 8 },
  { form: "u64", at: 13, bytes: 8 },
  { form: "decimal", at: 5, bytes: 10 },
];
const frames = 40;
const edges = [0, 999, 1000, 9999, 10_000, 99_999, 2 ** 31, 2 ** 32, 1e10 - 1];
/** Sequences of every magnitude, and those about the edges. */
const sequence = fc.oneof(
  fc.nat(30_000),
  fc.nat(1e10),
  fc.tuple(fc.constantFrom(...edges), fc.nat(2 * frames)).map(([edge, by]) => Math.max(0, edge - by)),
);

for (const field of fields) {
  test(`${field.form} at ${field.at}: runs of sequences are what one at a time would be, under any masks`, () => {
    const step = 31;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(sequence, fc.nat(frames), fc.nat(frames)), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer(), { minLength: frames, maxLength: frames }),
        (runs, masks) => {
          const buffer = BufferView.ofSize(frames * step);
          const one = BufferView.ofSize(frames * step);
          const lay = (target: BufferView, frame: number, n: number, mask: number) => {
            writeSequence(field, target, frame * step, n);
            for (let i = 0; i < field.bytes; i++) {
              target.bytes[frame * step + field.at + i]! ^= mask >>> (8 * (i & 3));
            }
          };
          for (let frame = 0; frame < frames; frame++) {
            lay(buffer, frame, 0, masks[frame]!);
            lay(one, frame, 0, masks[frame]!);
          }
          const writer = new SequenceWriter(field, buffer, step);
          for (const [first, from, length] of runs) {
            const count = Math.min(length, frames - from);
            writer.write(from * step, first, count, Int32Array.from(masks.slice(from)));
            for (let i = 0; i < count; i++) lay(one, from + i, first + i, masks[from + i]!);
          }
          expect(buffer.bytes).toEqual(one.bytes);
        },
      ),
      { seed: 1, numRuns: 400 },
    );
  });
}
