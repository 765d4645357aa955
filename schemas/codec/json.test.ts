import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CodecError } from "./error.ts";
import {
  decodeJson,
  encodeJson,
  jsonSequenceOf,
  jsonStreamOf,
  SEQUENCE_OFFSET,
  SEQUENCE_WIDTH,
} from "./json.ts";
import { marketMessage, sequenceNumber } from "./messages.arbitrary.ts";

const utf8 = new TextEncoder();
const seeded = { seed: 42, numRuns: 500 };
const frame =
  '{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"1.0","B":"2.0","a":"1.1","A":"3.0"}}';

describe("round trip", () => {
  test("message to JSON to message, as text and as bytes", () => {
    fc.assert(
      fc.property(marketMessage, sequenceNumber, (message, n) => {
        const text = encodeJson(message, n);
        expect(decodeJson(text)).toEqual({ n, message });
        expect(decodeJson(utf8.encode(text))).toEqual({ n, message });
      }),
      seeded,
    );
  });

  test("sequence and stream are read without a parse, at any offset, and after a server encoded the text anew", () => {
    fc.assert(
      fc.property(marketMessage, sequenceNumber, fc.nat(20), (message, n, offset) => {
        const text = encodeJson(message, n);
        for (const sent of [
          text,
          JSON.stringify(JSON.parse(text)),
          JSON.stringify(JSON.parse(text), null, 1),
        ]) {
          const bytes = utf8.encode(" ".repeat(offset) + sent);
          expect(jsonSequenceOf(bytes, offset, bytes.length - offset)).toBe(n);
          expect(jsonStreamOf(sent)).toBe(message.stream);
          expect(jsonStreamOf(utf8.encode(sent))).toBe(message.stream);
        }
      }),
      seeded,
    );
  });
});

describe("sequence", () => {
  test("is padded to its fixed place", () => {
    const text = encodeJson(decodeJson(frame).message, 123);
    expect(text).toStartWith('{"n":       123,"stream":"btcusdt@bookTicker","data":{');
    expect(text.slice(SEQUENCE_OFFSET, SEQUENCE_OFFSET + SEQUENCE_WIDTH)).toBe("       123");
  });

  test.each([
    ['{"n":123,"stream":"a@trade"}', 123],
    ['{"n": 123, "stream": "a@trade"}', 123],
    ['{"stream":"a@trade","n":7}', 7],
    ['{"n":12345678901,"stream":"a@trade"}', 12_345_678_901],
    ['{"n":0}', 0],
    [frame, -1],
    ['{"n":"5"}', -1],
    ['{"n":9007199254740991}', 9007199254740991],
    ['{"n":9007199254740992}', -1],
    ['{"n":', -1],
    ['{"n"', -1],
    ['{"n":          ,"stream":"a@trade"}', -1],
    ["", -1],
  ])("%s", (text, n) => {
    const bytes = utf8.encode(text);
    expect(jsonSequenceOf(bytes, 0, bytes.length)).toBe(n);
  });

  test("of a neighbour in the same buffer is not read", () => {
    const bytes = utf8.encode(`${frame}{"n":         9,"stream":"a@trade"}`);
    expect(jsonSequenceOf(bytes, 0, frame.length)).toBe(-1);
    expect(jsonSequenceOf(bytes, frame.length, bytes.length - frame.length)).toBe(9);
  });
});

describe("stream", () => {
  test.each([
    ['{"stream" : "a@trade"}', "a@trade"],
    ['{"stream":"\\u5e01usdt@trade"}', "币usdt@trade"],
    ['{"lastUpdateId":1}', null],
    ['{"stream":"a@tra', null],
    ['{"stream"', null],
    ["", null],
  ])("%s", (text, stream) => {
    expect(jsonStreamOf(text)).toBe(stream);
    expect(jsonStreamOf(utf8.encode(text))).toBe(stream);
  });
});

describe("a frame that is not a market message is a CodecError that names the member", () => {
  test.each([
    ["not json", "text", "not JSON"],
    ["null", "value", "not an object"],
    ["[]", "value", "expected object"],
    ['{"stream":"btcusdt@kline_1m","data":{}}', "value", "stream"],
    ['{"stream":5,"data":{}}', "value", "stream"],
    [frame.replace('"u":1', '"u":1.5'), "value", "data.u"],
    [frame.replace('"u":1', '"u":9007199254740992'), "value", "data.u"],
    [frame.replace('"1.0"', "1.0"), "value", "data.b"],
    [frame.replace('"1.0"', '"01.0"'), "value", "data.b"],
    [frame.replace('"1.0"', '"1e3"'), "value", "data.b"],
    [frame.replace('"1.0"', '"-1.0"'), "value", "data.b"],
    [frame.replace('"u":1', '"u":1,"x":2'), "value", "x"],
    [frame.replace('{"stream"', '{"n":-1,"stream"'), "value", "n"],
    [frame.replace("BTCUSDT", "ETHUSDT"), "value", "data.s"],
    [frame.replace("@bookTicker", "@trade"), "value", "data"],
  ])("%s", (text, code, part) => {
    let seen: unknown;
    try {
      decodeJson(text);
    } catch (error) {
      seen = error;
    }
    expect(seen).toBeInstanceOf(CodecError);
    expect((seen as CodecError).code).toBe(code as CodecError["code"]);
    expect((seen as CodecError).message).toContain(part);
  });

  test("bytes that are not UTF-8", () => {
    expect(() => decodeJson(new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow("not UTF-8");
  });

  test("any JSON value", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => decodeJson(text)).toThrow(CodecError);
      }),
      seeded,
    );
  });

  test("nesting deeper than a parser's stack", () => {
    expect(() => decodeJson("[".repeat(1_000_000))).toThrow(CodecError);
    expect(() =>
      decodeJson(`{"stream":"a@trade","data":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
    ).toThrow(CodecError);
  });

  test("a member named __proto__", () => {
    expect(() => decodeJson(frame.replace('"u":1', '"u":1,"__proto__":{"X":1}'))).toThrow(CodecError);
  });
});
