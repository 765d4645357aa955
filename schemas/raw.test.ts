import { expect, test } from "bun:test";
import fc from "fast-check";
import { rawTemplate, writeRawSequence } from "./raw.ts";

test("the pattern is fixed for ever", () => {
  expect(Buffer.from(rawTemplate(19, 1)).toString("hex")).toBe("00000000000000006a31c5438106c6b2cbfb07");
});

test("a shorter message is a prefix of a longer one, and another seed gives another pattern", () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.integer({ min: 12, max: 600 }), (seed, bytes) => {
      const long = rawTemplate(600, seed);
      expect(rawTemplate(bytes, seed)).toEqual(long.slice(0, bytes));
      expect(rawTemplate(bytes, seed + 1)).not.toEqual(long.slice(0, bytes));
    }),
    { seed: 1 },
  );
});

test("no aligned 8 bytes of the pattern read as a NaN or a zero double", () => {
  for (let seed = 0; seed < 200; seed++) {
    const view = new DataView(rawTemplate(808, seed).buffer);
    for (let at = 8; at < 808; at += 8) {
      const lane = view.getFloat64(at, true);
      expect(Number.isFinite(lane) && lane !== 0).toBe(true);
    }
  }
});

test("sequences are written at any offset, and nothing beside them", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(40), (n, offset) => {
      const bytes = new Uint8Array(offset + 9).fill(0xff);
      writeRawSequence(bytes, n, offset);
      expect(new DataView(bytes.buffer).getBigUint64(offset, true)).toBe(BigInt(n));
      expect(bytes[offset + 8]).toBe(0xff);
    }),
    { seed: 1 },
  );
});

test("a message too short for a sequence is refused", () => {
  expect(() => rawTemplate(7, 1)).toThrow("at least 8 bytes, got 7");
});
