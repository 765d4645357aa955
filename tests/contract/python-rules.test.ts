import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { findPython } from "../../runner/process/python.ts";
import { CodecError } from "../../schemas/codec/error.ts";
import { decodeJson, encodeJson, jsonStreamOf } from "../../schemas/codec/json.ts";
import { marketMessage, sequenceNumber } from "../../schemas/codec/messages.arbitrary.ts";
import { decodeSbe, encodeSbe, sbeStreamOf } from "../../schemas/codec/sbe.ts";
import { parseControl, pushRequest } from "../../schemas/control.ts";
import type { MarketMessage } from "../../schemas/market.ts";
import { rawTemplate, writeRawSequence } from "../../schemas/raw.ts";

/** The Python candidates have the shared rules a second time: what they answer must be what the first ones answer. */
const python = findPython([]);
const program = join(import.meta.dir, "fixtures", "python_rules.py");
const seed = 4;

type Frame = string | Uint8Array;

function askAll(questions: readonly object[]): unknown[] {
  if ("unavailable" in python) throw new Error(python.unavailable);
  const stdin = Buffer.from(questions.map((question) => JSON.stringify(question)).join("\n"));
  const { stdout, stderr } = Bun.spawnSync([python.path, "-B", program], { stdin });
  expect(stderr.toString()).toBe("");
  const lines = stdout.toString().trimEnd().split("\n");
  return lines.map((line): unknown => JSON.parse(line));
}

const plain = (frame: Frame) =>
  typeof frame === "string" ? { text: frame } : { base64: Buffer.from(frame).toString("base64") };

/** `make`'s result, null for a CodecError and nothing else. */
function tried<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof CodecError) return null;
    throw error;
  }
}

function transcoded(frame: Frame): unknown {
  const sequenced = tried(() => (typeof frame === "string" ? decodeJson(frame) : decodeSbe(frame)));
  if (sequenced === null) return null;
  const { n, message } = sequenced;
  return {
    json: tried(() => plain(encodeJson(message, n))),
    sbe: tried(() => plain(encodeSbe(message, n))),
  };
}

function expectSameTranscoding(frames: readonly Frame[]): unknown[] {
  const answers = askAll(frames.map((frame) => ({ ask: "transcode", ...plain(frame) })));
  for (const [index, frame] of frames.entries()) {
    expect({ frame: plain(frame), answer: answers[index] }).toEqual({
      frame: plain(frame),
      answer: transcoded(frame),
    });
  }
  return answers;
}

const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number) => fc.sample(arbitrary, { seed, numRuns });
const messages: [MarketMessage, number][] = sample(fc.tuple(marketMessage, sequenceNumber), 400);

const perpetual = [
  '{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"T":2,"s":"BTCUSDT","t":3,"p":"1.5","q":"2","X":"MARKET","m":true}}',
  '{"n": 7,"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":1,"s":"BTCUSDT","b":"1","B":"2","a":"3","A":"4","T":5,"E":6}}',
  '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"T":2,"s":"BTCUSDT","U":3,"u":4,"pu":2,"b":[["1.0","2"]],"a":[]}}',
];
/** What replaces a member of a frame. */
const intruders = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", "1", "01", "1.", "1e3", "1.0000000000000000001", "\ud800", [], {}),
  fc.constantFrom<unknown>(-1, -0, 0.5, 2 ** 53, 1e300, 9_007_199_254_741, "btcusdt@trade", "x".repeat(200)),
  fc.jsonValue(),
);

/** A frame with one member replaced, taken away or added, at either depth. */
const broken = fc
  .tuple(
    marketMessage,
    sequenceNumber,
    fc.nat(),
    intruders,
    fc.constantFrom("replace", "remove", "add"),
    fc.boolean(),
  )
  .map(([message, n, which, value, change, isOuter]) => {
    const frame = JSON.parse(encodeJson(message, n));
    const target = isOuter || frame.data === undefined ? frame : frame.data;
    const names = Object.keys(target);
    const name = change === "add" ? `x${which}` : (names[which % names.length] ?? "");
    if (change === "remove") delete target[name];
    else target[name] = value;
    return JSON.stringify(frame);
  });

/** SBE with some bytes overwritten, or of another length. */
const hostile = fc
  .tuple(
    marketMessage,
    sequenceNumber,
    fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 }),
    fc.integer({ min: -9, max: 9 }),
  )
  .map(([message, n, changes, longer]) => {
    const bytes = encodeSbe(message, n);
    const frame = new Uint8Array(Math.max(0, bytes.length + longer));
    frame.set(bytes.subarray(0, frame.length));
    for (const [at, byte] of changes) if (at < frame.length) frame[at] = byte;
    return frame;
  });

describe.skipIf("unavailable" in python)("the rules in Python", () => {
  test("transcode every message to the same text and the same bytes", () => {
    const answers = expectSameTranscoding([
      ...messages.map(([message, n]) => encodeJson(message, n)),
      ...messages.map(([message, n]) => encodeSbe(message, n)),
    ]);
    expect(answers).not.toContain(null);
    expectSameTranscoding(perpetual);
  });

  test("take and refuse the same JSON", () => {
    const texts = [
      "",
      "NaN",
      "[1]",
      "7",
      "null",
      '{"n":1.0}',
      "\ufeff{}",
      "[".repeat(5000),
      '{"stream":"btcusdt@trade"}',
    ];
    const answers = expectSameTranscoding([...texts, ...sample(broken, 1500)]);
    // Neither all nor nothing, or the comparison would say little.
    expect(answers.filter((answer) => answer === null).length).toBeGreaterThan(300);
    expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(50);
  });

  test("take and refuse the same SBE", () => {
    const answers = expectSameTranscoding(sample(hostile, 1500));
    expect(answers.filter((answer) => answer === null).length).toBeGreaterThan(300);
    expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(50);
  });

  test("name the same stream", () => {
    const frames: Frame[] = [
      ...messages.flatMap(([message, n]) => [encodeJson(message, n), encodeSbe(message, n)]),
      ...sample(hostile, 300),
      '{"stream" : "a\\u4e01@trade"}',
      '{"stream":"a\\x@trade"}',
      '{"stream":7}',
      '"stream":"',
      '{"data":{"stream":"x"}}',
    ];
    const answers = askAll(frames.map((frame) => ({ ask: "stream", ...plain(frame) })));
    const expected = frames.map((frame) =>
      typeof frame === "string" ? jsonStreamOf(frame) : sbeStreamOf(frame),
    );
    expect(answers).toEqual(expected);
  });

  test("carry out and refuse the same control frames", () => {
    const texts = sample(controlFrames, 1500);
    const answers = askAll(texts.map((text) => ({ ask: "control", text })));
    for (const [index, text] of texts.entries()) {
      const outcome = parseControl(text);
      const expected =
        "error" in outcome
          ? { code: outcome.error.code, id: outcome.id }
          : { method: outcome.method, params: "params" in outcome ? outcome.params : [], id: outcome.id };
      expect({ text, answer: answers[index] }).toEqual({ text, answer: expected });
    }
  });

  test("push the same messages", () => {
    const requests = [8, 9, 11, 12, 64, 65, 1000, 70_001].flatMap((bytes) =>
      [0, 1, 42, 0x7fff_ffff, 0xffff_ffff].map((seed) => ({ count: 5, bytes, codec: "raw", seed }) as const),
    );
    const sequences = [0, 1, 77, 999_999_999];
    const answers = askAll(requests.map((r) => ({ ask: "push", text: JSON.stringify(r), sequences })));
    for (const [index, { bytes, seed }] of requests.entries()) {
      const expected = sequences.map((n) => {
        const message = rawTemplate(bytes, seed);
        writeRawSequence(message, n);
        return plain(message);
      });
      expect({ bytes, seed, answer: answers[index] }).toEqual({ bytes, seed, answer: expected });
    }
  });

  test("refuse the same push requests", () => {
    const texts = sample(pushFrames, 500);
    const answers = askAll(texts.map((text) => ({ ask: "push", text, sequences: [] })));
    const expected = texts.map((text) => (pushRequest.safeParse(JSON.parse(text)).success ? [] : 2));
    expect(answers).toEqual(expected);
  });
});

const method = fc.constantFrom<unknown>("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SHOUT", 5, null);
const stream = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("btcusdt@trade", "币安人生usdt@depth20@100ms", "a_b@x@y") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "no stream",
      "@trade",
      "a@",
      "a b@c",
      "a\u0085@c",
      "a\ufeff@c",
      "é".repeat(130),
    ),
  },
  { weight: 1, arbitrary: fc.string() },
);
const id = fc.oneof(
  { weight: 3, arbitrary: fc.nat() },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      null,
      -1,
      1.5,
      2 ** 53,
      "x".repeat(36),
      "x".repeat(37),
      "🚀".repeat(18),
      "🚀".repeat(19),
      [],
      true,
    ),
  },
);
const controlFrames = fc.oneof(
  fc
    .record(
      { method, params: fc.oneof(fc.array(stream, { maxLength: 4 }), fc.jsonValue()), id, more: fc.nat() },
      { requiredKeys: ["method"] },
    )
    .map((frame) => JSON.stringify(frame)),
  fc
    .record({
      method: fc.constantFrom("SUBSCRIBE", "UNSUBSCRIBE"),
      params: fc.array(stream, { minLength: 1 }),
      id,
    })
    .map((frame) => JSON.stringify(frame)),
  fc.json(),
  fc.string(),
);
const number = fc.oneof(
  fc.nat({ max: 100 }),
  fc.constantFrom(-1, 0.5, 0, 8, 1e9, 1e9 + 1, 16_777_217, 2 ** 32, 2 ** 33),
);
const pushFrames = fc
  .record(
    {
      count: number,
      bytes: number,
      codec: fc.constantFrom("json", "sbe", "raw", "raw", "xml"),
      seed: number,
      more: fc.nat(),
    },
    { requiredKeys: ["count", "bytes", "codec", "seed"] },
  )
  .map((frame) => JSON.stringify(frame));
