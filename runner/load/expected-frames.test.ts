import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodeJson } from "../../schemas/codec/json.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { BufferView } from "./buffer-view.ts";
import { ExpectedFrames } from "./expected-frames.ts";
import { ServerFrames } from "./server-frames.ts";
import { jsonShape, rawShape } from "./shape.ts";

const shapes = { raw: rawShape(64, 1), json: jsonShape(encodeJson(typicalQuote, 0)) };

for (const [name, shape] of Object.entries(shapes)) {
  const frames = 700;
  const sent = new ServerFrames(shape, frames * (shape.template.length + 8));

  test(`${name}: all that is as due is taken, up to the most that is due and the last whole frame`, () => {
    fc.assert(
      fc.property(
        fc.nat(5e9),
        fc.nat(frames),
        fc.nat(frames + 50),
        fc.nat(40),
        (sequence, whole, max, offset) => {
          sent.number(0, sent.capacity, sequence);
          const buffer = BufferView.ofSize(offset + whole * sent.frameBytes + 5);
          buffer.bytes.set(sent.buffer.bytes.subarray(0, buffer.bytes.length - offset), offset);
          const matched = new ExpectedFrames(shape).match(
            buffer.bytes,
            offset,
            buffer.bytes.length,
            sequence,
            max,
          );
          const due = Math.min(whole, max);
          expect(matched).toBeLessThanOrEqual(due);
          // What is left is too little to be worth the call.
          expect(due - matched).toBeLessThan(8);
        },
      ),
      { seed: 1 },
    );
  });

  test(`${name}: nothing from the frame of a wrong bit on is taken`, () => {
    sent.number(0, sent.capacity, 1000);
    const buffer = new BufferView(sent.buffer.bytes.slice());
    const bits = buffer.bytes.length * 8 - 1;
    fc.assert(
      fc.property(fc.nat(bits), (bit) => {
        const at = bit >>> 3;
        buffer.bytes[at]! ^= 1 << (bit & 7);
        const matched = new ExpectedFrames(shape).match(buffer.bytes, 0, buffer.bytes.length, 1000, frames);
        buffer.bytes[at]! ^= 1 << (bit & 7);
        expect(matched).toBeLessThanOrEqual(Math.floor(at / sent.frameBytes));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test(`${name}: another sequence is not taken`, () => {
    sent.number(0, sent.capacity, 1000);
    const expected = new ExpectedFrames(shape);
    expect(expected.match(sent.buffer.bytes, 0, sent.buffer.bytes.length, 1001, frames)).toBe(0);
    expect(expected.match(sent.buffer.bytes, 0, sent.buffer.bytes.length, 1000, frames)).toBeGreaterThan(
      frames - 8,
    );
  });
}
