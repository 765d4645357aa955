import { jscDescribe } from "bun:jsc";
import { expect, test } from "bun:test";
import { encodeJson } from "../../schemas/codec/json.ts";
import { jsonSequenceOf } from "../../schemas/codec/json-peek.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import { sbeSequenceOf } from "../../schemas/codec/sbe-peek.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { BufferView } from "./buffer-view.ts";
import type { Connection } from "./connection.ts";
import { EchoPeer } from "./echo-peer.ts";
import { ExpectedFrames } from "./expected-frames.ts";
import { encodeClientFrames } from "./frame.ts";
import { Histogram } from "./histogram.ts";
import { int32 } from "./int32.ts";
import { FrameParser } from "./parser.ts";
import { FrameRoom, SendBatch } from "./send-batch.ts";
import { ServerFrames } from "./server-frames.ts";
import { jsonShape, rawShape, readSequence, sbeShape } from "./shape.ts";

// What is asked here no figure shows: whether a whole number is an integer for the engine too.

const kindOf = (value: number) => jscDescribe(value).split(":")[0];
/** The same number in the other representation. */
const asDouble = (n: number) => n + 0.5 - 0.5;
const shape = rawShape(64, 1);
const frames = new ServerFrames(shape, 100 * 66);
const control = { ping: () => undefined, pong: () => undefined, closeFrame: () => undefined };

test("a whole number may be a double for the engine, and is none behind int32", () => {
  expect(kindOf(asDouble(4))).toBe("Double");
  expect(int32(asDouble(4))).toBe(4);
  expect(kindOf(int32(asDouble(4)))).toBe("Int32");
});

test("messages have int32 offsets, whatever a sink gave for the frames that it took", () => {
  const kinds = new Set<string | undefined>();
  const sink = {
    takeKnown: (_bytes: Uint8Array, at: number) => asDouble(at + 3 * frames.frameBytes),
    message: (_opcode: number, _buffer: BufferView, start: number, end: number) => {
      kinds.add(kindOf(start)).add(kindOf(end));
    },
  };
  const parser = new FrameParser(sink, control);
  const { bytes } = frames.buffer;
  for (const [from, to] of [
    [0, 2000],
    [2000, 4001],
    [4001, 6600],
  ] as const)
    parser.push(bytes.slice(from, to));
  expect([...kinds]).toEqual(["Int32"]);
});

test("a long frame's length, which may need more than an int32, does not make the offsets behind it doubles", () => {
  const long = Buffer.alloc(10 + 70_000);
  long[0] = 0x82;
  long[1] = 127;
  long.writeBigUInt64BE(70_000n, 2);
  const kinds = new Set<string | undefined>();
  const parser = new FrameParser(
    {
      message: (_opcode, _buffer, start, end) => {
        kinds.add(kindOf(start)).add(kindOf(end));
      },
    },
    control,
  );
  parser.push(Buffer.concat([long, frames.buffer.bytes, long.subarray(0, 30_000)]));
  parser.push(Buffer.concat([long.subarray(30_000), frames.buffer.bytes]));
  expect([...kinds]).toEqual(["Int32"]);
});

test("frames are matched, numbered and taken at int32 offsets where the sequence is a double", () => {
  const sequence = asDouble(1000);
  frames.number(asDouble(0), asDouble(100), sequence);
  const expected = new ExpectedFrames(shape);
  const end = frames.buffer.bytes.length;
  expect(kindOf(expected.match(frames.buffer.bytes, 0, end, sequence, asDouble(50)))).toBe("Int32");
  const room = new FrameRoom();
  const batches = [8, 8, 8000].map((count) => new SendBatch(shape, asDouble(count), room));
  for (const batch of batches) {
    expect(kindOf(batch.from)).toBe("Int32");
    expect(kindOf(batch.patch(sequence, asDouble(8)))).toBe("Int32");
  }
  const peer = new EchoPeer(
    { write: () => undefined } as unknown as Connection,
    { shape, window: asDouble(32) },
    { room: new FrameRoom(), onIdle: () => undefined, isOthers: () => false },
  );
  peer.start(new Histogram());
  peer.begin();
  frames.number(0, 100, 0);
  const taken = peer.takeKnown(frames.buffer.bytes, 0, end);
  expect(taken).toBe(32 * frames.frameBytes);
  expect(kindOf(taken)).toBe("Int32");
});

test("offsets of encoded frames are int32", () => {
  const { offsets } = encodeClientFrames(2, [shape.template, shape.template], () => 1);
  expect([...offsets].map(kindOf)).toEqual(["Int32", "Int32", "Int32"]);
});

test("a sequence below 2³¹ is read as an int32 by every reader, one above as itself", () => {
  for (const [n, kind] of [
    [0, "Int32"],
    [2 ** 31 - 1, "Int32"],
    [2 ** 31, "Double"],
    [9_999_999_999, "Double"],
  ] as const) {
    const sbe = encodeSbe(typicalQuote, n);
    const json = Buffer.from(encodeJson(typicalQuote, n));
    const raw = BufferView.ofSize(8);
    raw.view.setBigUint64(0, BigInt(n), true);
    const read = [
      sbeSequenceOf(sbe, 0, sbe.length),
      jsonSequenceOf(json, 0, json.length),
      readSequence(sbeShape(sbe).sequence, new BufferView(sbe), 0),
      readSequence(jsonShape(json.toString()).sequence, new BufferView(json), 0),
      readSequence(rawShape(8, 0).sequence, raw, 0),
    ];
    expect(read).toEqual(read.map(() => n));
    expect(read.map(kindOf)).toEqual(read.map(() => kind));
  }
});
