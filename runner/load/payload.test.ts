import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodeJson } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { BufferView } from "./buffer-view.ts";
import { FrameParser } from "./parser.ts";
import { ExactCheck, FirstMessageCheck } from "./payload.ts";
import { SendBatch } from "./send-batch.ts";
import { jsonShape, type MessageShape, rawShape, readSequence, sbeShape, writeSequence } from "./shape.ts";

const shapes: Record<string, { shape: MessageShape; last: number }> = {
  raw: { shape: rawShape(64, 1), last: Number.MAX_SAFE_INTEGER },
  "raw of an odd length": { shape: rawShape(75, 9), last: Number.MAX_SAFE_INTEGER },
  "raw of the sequence alone": { shape: rawShape(8, 9), last: Number.MAX_SAFE_INTEGER },
  json: { shape: jsonShape(encodeJson(typicalQuote, 0)), last: 9_999_999_999 },
  sbe: { shape: sbeShape(encodeSbe(typicalQuote, 0)), last: Number.MAX_SAFE_INTEGER },
  // Zeros, negative zeros and NaNs, which doubles could not tell apart.
  "awkward doubles": {
    shape: {
      ...rawShape(8, 0),
      template: new Uint8Array(new Float64Array([0, 0, -0, Number.NaN, 1, Number.NaN]).buffer),
    },

    last: Number.MAX_SAFE_INTEGER,
  },
};

/** The message with sequence `n`, some bytes into a buffer. */
function message(shape: MessageShape, n: number, offset: number): { buffer: BufferView; end: number } {
  const buffer = BufferView.ofSize(offset + shape.template.length + 16);
  buffer.bytes.fill(0x55);
  buffer.bytes.set(shape.template, offset);
  writeSequence(shape.sequence, buffer, offset, n);
  return { buffer, end: offset + shape.template.length };
}

for (const [name, { shape, last }] of Object.entries(shapes)) {
  const sequence = fc.oneof(fc.nat(), fc.integer({ min: 0, max: last }));

  test(`${name}: a sequence is read as it was written, by the check`, () => {
    fc.assert(
      fc.property(sequence, fc.nat(9), (n, offset) => {
        const { buffer, end } = message(shape, n, offset);
        expect(readSequence(shape.sequence, buffer, offset)).toBe(n);
        expect(new ExactCheck(shape).sequenceOf(shape.opcode, buffer, offset, end)).toBe(n);
      }),
      { seed: 1 },
    );
  });

  test(`${name}: any other bit, length or opcode is corrupt`, () => {
    const check = new ExactCheck(shape);
    const { buffer, end } = message(shape, 7, 3);
    const { at, bytes } = shape.sequence;
    for (let i = 0; i < shape.template.length; i++) {
      if (i >= at && i < at + bytes) continue;
      for (let bit = 0; bit < 8; bit++) {
        buffer.bytes[3 + i]! ^= 1 << bit;
        expect(check.sequenceOf(shape.opcode, buffer, 3, end)).toBe(-1);
        buffer.bytes[3 + i]! ^= 1 << bit;
      }
    }
    expect(check.sequenceOf(shape.opcode, buffer, 3, end)).toBe(7);
    expect(check.sequenceOf(shape.opcode, buffer, 3, end - 1)).toBe(-1);
    expect(check.sequenceOf(shape.opcode, buffer, 3, end + 1)).toBe(-1);
    expect(check.sequenceOf(shape.opcode === 1 ? 2 : 1, buffer, 3, end)).toBe(-1);
  });

  test(`${name}: a batch carries the sequences it was given, masked`, () => {
    fc.assert(
      fc.property(sequence, fc.integer({ min: 1, max: 5 }), (from, count) => {
        const first = Math.min(from, last - count);
        const batch = new SendBatch(shape, 5);
        batch.patch(12_345, 5);
        const sent = unmasked(batch.bytes.slice(0, batch.patch(first, count)));
        const check = new ExactCheck(shape);
        const seen: number[] = [];
        const ignore = (): void => {};
        new FrameParser(
          { message: (...args) => seen.push(check.sequenceOf(...args)) },
          { ping: ignore, pong: ignore, closeFrame: ignore },
        ).push(sent);
        expect(seen).toEqual(Array.from({ length: count }, (_, i) => first + i));
      }),
      { seed: 1 },
    );
  });
}

/** Client frames of fewer than 65,536 bytes, as a server would have sent them. */
function unmasked(frames: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < frames.length; ) {
    const short = frames[at + 1]! & 0x7f;
    const extended = short === 126 ? 2 : 0;
    const length = extended === 0 ? short : (frames[at + 2]! << 8) | frames[at + 3]!;
    const mask = frames.subarray(at + 2 + extended, at + 6 + extended);
    out.push(frames[at]!, short, ...frames.subarray(at + 2, at + 2 + extended));
    const start = at + 6 + extended;
    for (let i = 0; i < length; i++) out.push(frames[start + i]! ^ mask[i & 3]!);
    at = start + length;
  }
  return Uint8Array.from(out);
}

test("checks made one after the other share what their messages have alike, and nothing else", () => {
  const sequence = { form: "u64", at: 8, bytes: 8 } as const;
  const shapeOf = (before: number, after: number): MessageShape => ({
    ...{ opcode: 2, sequence },
    template: Uint8Array.from({ length: 27 }, (_, i) => (i < 8 ? before + i : i < 16 ? 0 : after + i)),
  });
  const all = [shapeOf(1, 1), shapeOf(1, 2), shapeOf(3, 2), shapeOf(3, 1), shapeOf(1, 1)];
  const checks = all.map((shape) => new ExactCheck(shape));
  const accepted = all.map((shape) => {
    const { buffer, end } = message(shape, 7, 0);
    return checks.map((check) => check.sequenceOf(2, buffer, 0, end)).map((n) => n === 7);
  });
  // The last is the first again.
  const same = (a: number, b: number) => a % 4 === b % 4;
  expect(accepted).toEqual(all.map((_, a) => all.map((_other, b) => same(a, b))));
});

test("shapes of one codec share where the sequence lies: thousands of connections have one each", () => {
  const ofSbe = (n: number) => sbeShape(encodeSbe(typicalQuote, n)).sequence;
  expect(ofSbe(1)).toBe(ofSbe(2));
  expect(jsonShape("a").sequence).toBe(jsonShape("b").sequence);
  expect(rawShape(8, 1).sequence).toBe(rawShape(64, 2).sequence);
});

test("a field that holds no number has no sequence", () => {
  const { shape } = shapes.json!;
  const { buffer } = message(shape, 1, 0);
  buffer.bytes.fill(0x20, 5, 15);
  expect(readSequence(shape.sequence, buffer, 0)).toBe(-1);
  buffer.bytes[14] = 0x61;
  expect(readSequence(shape.sequence, buffer, 0)).toBe(-1);
  const beyond = message(rawShape(8, 0), 0, 0).buffer;
  beyond.bytes.fill(0xff);
  expect(readSequence(rawShape(8, 0).sequence, beyond, 0)).toBe(-1);
});

test("the first message with a sequence is the pattern for the others", () => {
  const check = new FirstMessageCheck((_opcode, bytes) => jsonShape(Buffer.from(bytes).toString()));
  const { shape } = shapes.json!;
  const refusal = new BufferView(Buffer.from('{"error":{"code":2,"msg":"Invalid request"},"id":null}'));
  expect(check.sequenceOf(1, refusal, 0, refusal.bytes.length)).toBe(-1);
  const short = new BufferView(Buffer.from("{}"));
  expect(check.sequenceOf(1, short, 0, 2)).toBe(-1);
  const { buffer, end } = message(shape, 0, 0);
  expect(check.sequenceOf(1, buffer, 0, end)).toBe(0);
  buffer.bytes[40]! ^= 1;
  expect(check.sequenceOf(1, buffer, 0, end)).toBe(-1);
});
