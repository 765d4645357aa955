import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { MarketMessage } from "../market.ts";
import { CodecError, type CodecErrorCode } from "./error.ts";
import { marketMessage, sequenceNumber } from "./messages.arbitrary.ts";
import { decodeSbe, encodeSbe, sbeSequenceOf, sbeStreamOf } from "./sbe.ts";

const seeded = { seed: 20_240_809, numRuns: 500 };

function codeOf(action: () => unknown): CodecErrorCode | "none" {
  try {
    action();
    return "none";
  } catch (error) {
    if (error instanceof CodecError) return error.code;
    throw error;
  }
}

const trade: MarketMessage = {
  kind: "trade",
  stream: "btcusdt@trade",
  data: { e: "trade", E: 1, s: "BTCUSDT", t: 7, p: "0.00010000", q: "2.5", T: 2, m: true, M: true },
};

describe("round trip", () => {
  test("message to SBE to message", () => {
    fc.assert(
      fc.property(marketMessage, sequenceNumber, (message, n) => {
        expect(decodeSbe(encodeSbe(message, n))).toEqual({ n, message });
      }),
      seeded,
    );
  });

  test("sequence and stream are read without decoding, at any offset of a buffer", () => {
    fc.assert(
      fc.property(marketMessage, sequenceNumber, fc.nat(40), (message, n, offset) => {
        const encoded = encodeSbe(message, n);
        const { length } = encoded;
        const target = new Uint8Array(offset + length + 3).fill(0xee);
        target.set(encoded, offset);
        expect(sbeSequenceOf(target, offset, length)).toBe(n);
        expect(sbeStreamOf(target.subarray(offset, offset + length))).toBe(message.stream);
      }),
      seeded,
    );
  });

  test("texts with fewer decimals than the message's most come back padded, at the same value", () => {
    const data = { u: 1, s: "ABC", b: "1.5", B: "10", a: "1.25", A: "0.001" };
    const back = decodeSbe(encodeSbe({ kind: "bookTicker", stream: "abc@bookTicker", data }));
    expect(back.message.data).toEqual({ u: 1, s: "ABC", b: "1.50", B: "10.000", a: "1.25", A: "0.001" });
  });

  test("a book beyond the shared buffer's size", () => {
    const levels = Array.from({ length: 5000 }, (_, index): [string, string] => [`${index}.10`, "1.0"]);
    const data = { e: "depthUpdate" as const, E: 1, s: "ABC", U: 1, u: 2, b: levels, a: levels };
    const message: MarketMessage = { kind: "depthUpdate", stream: "abc@depth@100ms", data };
    expect(decodeSbe(encodeSbe(message, 3))).toEqual({ n: 3, message });
  });

  test("a time between two ms is cut to the earlier", () => {
    const bytes = encodeSbe(trade);
    new DataView(bytes.buffer).setBigInt64(8, 1_723_161_255_343_999n, true);
    expect((decodeSbe(bytes).message.data as { E: number }).E).toBe(1_723_161_255_343);
  });
});

describe("what SBE has no place for is refused", () => {
  const refused: [string, MarketMessage][] = [
    ["M false", { ...trade, data: { ...trade.data, M: false } } as MarketMessage],
    ["a perpetual trade", { ...trade, data: { ...trade.data, X: "MARKET" } } as unknown as MarketMessage],
    [
      "another depth interval",
      {
        kind: "depthUpdate",
        stream: "abc@depth",
        data: { e: "depthUpdate", E: 1, s: "ABC", U: 1, u: 1, b: [], a: [] },
      },
    ],
    ["a stream of another symbol", { ...trade, stream: "ethusdt@trade" } as MarketMessage],
    [
      "a mantissa beyond 64 bits",
      { ...trade, data: { ...trade.data, p: "92233720368547758.08000000" } } as MarketMessage,
    ],
  ];
  test.each(refused)("%s", (_, message) => {
    expect(codeOf(() => encodeSbe(message, 1))).toBe("not-representable");
  });

  test("65,536 levels", () => {
    const b = Array.from({ length: 65_536 }, (): [string, string] => ["1", "1"]);
    const data = { e: "depthUpdate" as const, E: 1, s: "ABC", U: 1, u: 1, b, a: [] };
    const message: MarketMessage = { kind: "depthUpdate", stream: "abc@depth@100ms", data };
    expect(codeOf(() => encodeSbe(message))).toBe("not-representable");
  });
});

test("a trade without M comes back with it", () => {
  const { M: _, ...data } = trade.data as { M: boolean };
  expect(decodeSbe(encodeSbe({ ...trade, data } as MarketMessage)).message).toEqual({
    ...trade,
    data: { ...trade.data, q: "2.5" },
  } as MarketMessage);
});
