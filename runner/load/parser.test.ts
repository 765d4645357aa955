import { expect, test } from "bun:test";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { BufferView } from "./buffer-view.ts";
import { FrameParser, type ParserOptions } from "./parser.ts";
import { ProtocolError } from "./protocol-error.ts";

/** A chunk is parsed as one that the runtime gave, or where it was received: in a buffer that the next one overwrites. */
const forms: readonly ((parser: FrameParser, chunk: Uint8Array) => void)[] = [
  (parser, chunk) => parser.push(chunk),
  (parser, chunk) => {
    const room = BufferView.ofSize(chunk.length + 8);
    room.bytes.fill(0x81);
    room.bytes.set(chunk);
    try {
      parser.pushFrom(room, chunk.length);
    } finally {
      room.bytes.fill(0xff);
    }
  },
];

/** Parses `stream` cut at `cuts`, and tells all that happened, in order: the same in either form. */
function parse(stream: Uint8Array, cuts: readonly number[] = [], options: ParserOptions = {}): string[] {
  const [given = [], inPlace] = forms.map((push) => parseBy(push, stream, cuts, options));
  expect(inPlace).toEqual(given);
  return given;
}

function parseBy(
  push: (typeof forms)[number],
  stream: Uint8Array,
  cuts: readonly number[],
  options: ParserOptions,
): string[] {
  const seen: string[] = [];
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  const parser = new FrameParser(
    {
      message: (opcode, buffer, start, end) =>
        seen.push(`${opcode}:${hex(buffer.bytes.subarray(start, end))}`),
    },
    {
      ping: (payload) => seen.push(`ping:${hex(payload)}`),
      pong: (payload) => seen.push(`pong:${hex(payload)}`),
      closeFrame: (code, reason) => seen.push(`close:${code}:${reason}`),
    },
    options,
  );
  try {
    let from = 0;
    for (const cut of [...cuts].sort((a, b) => a - b)) {
      push(parser, stream.slice(from, cut));
      from = cut;
    }
    push(parser, stream.slice(from));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    seen.push(`error:${error.closeCode}:${error.message}`);
  }
  return seen;
}

const parseHex = (stream: string, options?: ParserOptions): string[] =>
  parse(Buffer.from(stream.replaceAll(" ", ""), "hex"), [], options);

/** A server frame: unmasked, shortest length. */
function serverFrame(first: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = length < 65_536 ? 126 : 127;
  header.writeUIntBE(length, header.length - (length < 65_536 ? 2 : 6), length < 65_536 ? 2 : 6);
  return Buffer.concat([header, payload]);
}

test("the examples of RFC 6455 section 5.7", () => {
  expect(parseHex("81 05 48656c6c6f")).toEqual(["1:48656c6c6f"]);
  expect(parseHex("01 03 48656c 80 02 6c6f")).toEqual(["1:48656c6c6f"]);
  expect(parseHex("89 05 48656c6c6f")).toEqual(["ping:48656c6c6f"]);
  expect(parse(serverFrame(0x82, new Uint8Array(256)))).toEqual([`2:${"00".repeat(256)}`]);
  expect(parse(serverFrame(0x82, new Uint8Array(65_536)))).toEqual([`2:${"00".repeat(65_536)}`]);
});

test("control frames between the fragments of a message", () => {
  expect(parseHex("01 01 41 89 01 42 00 00 8a 00 80 01 43 88 00")).toEqual([
    "ping:42",
    "pong:",
    "1:4143",
    "close:1005:",
  ]);
});

test("empty messages and empty fragments", () => {
  expect(parseHex("81 00 82 00 02 00 00 00 80 00")).toEqual(["1:", "2:", "2:"]);
});

test("a close frame has a code and a reason, and ends the stream", () => {
  expect(parseHex("88 04 03e8 6f6b 81 01 41")).toEqual(["close:1000:ok"]);
  expect(parseHex("88 02 0bb8")).toEqual(["close:3000:"]);
});

const violations: [name: string, stream: string, error: string, options?: ParserOptions][] = [
  ["masked", "81 81 00000000 41", "1002:a server frame is masked"],
  ["reserved bit 1", "c1 00", "1002:a reserved bit is set, though no extension was agreed"],
  ["reserved bit 3", "91 00", "1002:a reserved bit is set, though no extension was agreed"],
  ["reserved data opcode", "83 00", "1002:opcode 3 is reserved"],
  ["reserved control opcode", "8b 00", "1002:opcode 11 is reserved"],
  ["fragmented control frame", "09 00", "1002:a control frame is fragmented"],
  ["long control frame", `89 7e 007e ${"00".repeat(126)}`, "1002:a control frame is longer than 125 bytes"],
  ["continuation of nothing", "80 00", "1002:a continuation frame without a message to continue"],
  [
    "continuation after the end",
    "01 00 80 00 80 00",
    "1002:a continuation frame without a message to continue",
  ],
  ["message inside a message", "01 00 81 00", "1002:a new message inside a fragmented one"],
  ["length 125 in 16 bits", "82 7e 007d", "1002:a length is not in its shortest form"],
  ["length 65,535 in 64 bits", "82 7f 000000000000ffff", "1002:a length is not in its shortest form"],
  ["64-bit sign", "82 7f 8000000000000000", "1002:the most significant bit of a 64-bit length is set"],
  ["more than the limit", "82 05 00", "1009:a message is longer than 4 bytes", { maxMessageBytes: 4 }],
  [
    "more in fragments",
    "02 03 000000 80 02",
    "1009:a message is longer than 4 bytes",
    { maxMessageBytes: 4 },
  ],
  ["a claim of 2^62 bytes", "82 7f 4000000000000000", "1009:a message is longer than 67108864 bytes"],
  ["close of one byte", "88 01 03", "1002:a close frame has a payload of one byte"],
  ["close code 1005", "88 02 03ed", "1002:close code 1005 may not be sent"],
  ["close code 2999", "88 02 0bb7", "1002:close code 2999 may not be sent"],
  ["close reason", "88 03 03e8 ff", "1007:a close reason is not UTF-8"],
  ["text", "81 02 c328", "1007:a text message is not UTF-8", { utf8: true }],
  ["text cut in a character", "01 01 e2 80 01 82", "1007:a text message is not UTF-8", { utf8: true }],
];

for (const [name, stream, error, options] of violations) {
  test(`violation: ${name}`, () => {
    expect(parseHex(stream, options).at(-1)).toBe(`error:${error}`);
  });
}

test("text is checked as a message, not as fragments, and only where asked", () => {
  expect(parseHex("01 01 e2 80 02 82ac", { utf8: true })).toEqual(["1:e282ac"]);
  expect(parseHex("81 01 ff")).toEqual(["1:ff"]);
});

test("after a violation nothing more is parsed", () => {
  let messages = 0;
  const ignore = (): void => {};
  const parser = new FrameParser(
    { message: () => messages++ },
    { ping: ignore, pong: ignore, closeFrame: ignore },
  );
  expect(() => parser.push(Buffer.from("8100c100", "hex"))).toThrow(ProtocolError);
  parser.push(Buffer.from("8100", "hex"));
  expect(messages).toBe(1);
});

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.integer({ min: 100, max: 140 }).map((length) => new Uint8Array(length).fill(length)),
);
const control = fc.tuple(fc.constantFrom(0x89, 0x8a), fc.uint8Array({ maxLength: 125 }));
/** A message as fragments, each with control frames after it. */
const message = fc.record({
  opcode: fc.constantFrom(1, 2),
  fragments: fc.array(fc.tuple(payload, fc.array(control, { maxLength: 2 })), { minLength: 1, maxLength: 4 }),
});

test("any fragmentation with control frames between, cut anywhere, gives the same messages in order", () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 6 }),
      fc.array(fc.nat(2000), { maxLength: 12 }),
      (messages, cuts) => {
        const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
        const frames: Uint8Array[] = [];
        const expected: string[] = [];
        for (const { opcode, fragments } of messages) {
          for (const [i, [part, controls]] of fragments.entries()) {
            const fin = i === fragments.length - 1 ? 0x80 : 0;
            frames.push(serverFrame(fin | (i === 0 ? opcode : 0), part));
            if (fin) expected.push(`${opcode}:${fragments.map(([bytes]) => hex(bytes)).join("")}`);
            for (const [first, bytes] of controls) {
              frames.push(serverFrame(first, bytes));
              expected.push(`${first === 0x89 ? "ping" : "pong"}:${hex(bytes)}`);
            }
          }
        }
        const stream = Buffer.concat(frames);
        expect(
          parse(
            stream,
            cuts.filter((cut) => cut < stream.length),
          ),
        ).toEqual(expected);
      },
    ),
    { seed: 1, numRuns: 400 },
  );
});

test("every message split at every byte, and fed byte by byte, is the same message", () => {
  for (const length of [0, 1, 125, 126, 300]) {
    const stream = Buffer.concat([
      serverFrame(0x82, new Uint8Array(length).fill(7)),
      serverFrame(0x81, Buffer.from("z")),
    ]);
    const whole = parse(stream);
    expect(whole).toHaveLength(2);
    for (let cut = 1; cut < stream.length; cut++) expect(parse(stream, [cut])).toEqual(whole);
    expect(parse(stream, [...stream.keys()])).toEqual(whole);
  }
  const long = serverFrame(
    0x82,
    new Uint8Array(70_000).map((_, i) => i),
  );
  const whole = parse(long);
  for (const cut of [1, 2, 3, 9, 10, 11, 16_384, 16_394, 65_536, 69_999, 70_009])
    expect(parse(long, [cut])).toEqual(whole);
});

test("hostile bytes end in messages or a typed error, the same wherever they are cut", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  // Half of the streams begin like a frame, so that they get beyond the first rule.
  const likely = fc
    .tuple(fc.constantFrom(0x81, 0x01, 0x00, 0x89, 0x88, 0x82), bytes)
    .map(([first, rest]) => Uint8Array.of(first, (rest[0] ?? 0) & 0x7f, ...rest.slice(1)));
  fc.assert(
    fc.property(fc.oneof(bytes, likely), fc.array(fc.nat(200), { maxLength: 8 }), (stream, cuts) => {
      expect(
        parse(
          stream,
          cuts.filter((cut) => cut < stream.length),
        ),
      ).toEqual(parse(stream));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("memory is taken for what has come, not for what a header claims", () => {
  const before = process.memoryUsage().arrayBuffers;
  const parsers = Array.from({ length: 500 }, () => {
    const ignore = (): void => {};
    const parser = new FrameParser({ message: ignore }, { ping: ignore, pong: ignore, closeFrame: ignore });
    parser.push(Buffer.from("827f0000000003ffffff00", "hex"));
    return parser;
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(parsers.length * 10_000);
});

/** A message as permessage-deflate sends it: flushed, without the tail that every flush ends with. */
const deflated = (message: Uint8Array): Uint8Array =>
  deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

test("a compressed message is inflated, wherever its chunks are cut and whatever stands beside it", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.boolean(),
      fc.array(fc.nat(800), { maxLength: 3 }),
      (message, inTwo, cuts) => {
        const payload = deflated(message);
        const half = payload.length >> 1;
        const frames = inTwo
          ? [serverFrame(0x42, payload.subarray(0, half)), serverFrame(0x80, payload.subarray(half))]
          : [serverFrame(0xc2, payload)];
        const stream = Buffer.concat([...frames, serverFrame(0x82, Uint8Array.of(7))]);
        const within = cuts.map((cut) => cut % (stream.length + 1));
        expect(parse(stream, within, { deflate: true })).toEqual([
          `2:${Buffer.from(message).toString("hex")}`,
          "2:07",
        ]);
      },
    ),
  );
});

test("what permessage-deflate has no use for is refused, and so is what cannot be inflated", () => {
  const refused = (stream: Uint8Array) => parse(stream, [], { deflate: true });
  const unused = "error:1002:a reserved bit is set that permessage-deflate does not use there";
  expect(refused(serverFrame(0xa1, Uint8Array.of(1)))).toEqual([unused]);
  expect(refused(serverFrame(0xc9, Uint8Array.of(1)))).toEqual([unused]);
  const [first] = refused(serverFrame(0xc1, Uint8Array.of(0xff, 0xff, 0xff)));
  expect(first).toStartWith("error:1007:a compressed message cannot be inflated");
});

test("a parser is idle between messages, and serves another stream then", () => {
  const seen: string[] = [];
  const note = (name: string) => ({
    message: (_opcode: number, { bytes }: { bytes: Uint8Array }, start: number, end: number) =>
      seen.push(`${name}:${Buffer.from(bytes.subarray(start, end)).toString()}`),
    ping: () => seen.push(`${name}:ping`),
    pong: () => undefined,
    closeFrame: () => undefined,
  });
  const [a, b] = [note("a"), note("b")];
  const parser = new FrameParser(a, a);
  // Within a header, within a payload, and between the fragments of a message, also around a control frame.
  const stream = Buffer.from([0x01, 0x02, 0x61, 0x62, 0x89, 0x01, 0x2e, 0x80, 0x01, 0x63]);
  for (const byte of stream.subarray(0, -1)) {
    parser.push(Buffer.from([byte]));
    expect(parser.isIdle).toBe(false);
  }
  parser.push(stream.subarray(-1));
  expect(parser.isIdle).toBe(true);
  parser.release();
  parser.serve(b, b, { maxMessageBytes: 1 });
  parser.push(Buffer.from([0x81, 0x01, 0x64]));
  expect(seen).toEqual(["a:ping", "a:abc", "b:d"]);
  expect(() => parser.push(Buffer.from([0x81, 0x02, 0x65, 0x66, 0x81]))).not.toThrow();
  expect(() => parser.push(Buffer.from([0x81, 0x7e, 0x00, 0x7e]))).toThrow(ProtocolError);
  expect(parser.isIdle).toBe(false);
});
