import { expect, test } from "bun:test";
import fc from "fast-check";
import { BufferView } from "./buffer-view.ts";
import { clientFrame, clientFrameBytes, encodeClientFrames, opcodes, writeClientFrame } from "./frame.ts";
import { randomMask } from "./mask.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const littleEndian = (mask: string): number => Buffer.from(mask, "hex").readInt32LE();

test("the masked Hello of RFC 6455 section 5.7", () => {
  const frame = clientFrame(opcodes.text, Buffer.from("Hello"), littleEndian("37fa213d"));
  expect(hex(frame)).toBe("818537fa213d7f9f4d5158");
});

test("lengths take their shortest form", () => {
  const header = (bytes: number): string =>
    hex(clientFrame(opcodes.binary, new Uint8Array(bytes), 0)).slice(0, 28);
  expect(hex(clientFrame(opcodes.ping, new Uint8Array(0), 0))).toBe("898000000000");
  expect(header(125).slice(0, 4)).toBe("82fd");
  expect(header(126).slice(0, 8)).toBe("82fe007e");
  expect(header(65_535).slice(0, 8)).toBe("82feffff");
  expect(header(65_536).slice(0, 20)).toBe("82ff0000000000010000");
});

test("fin and reserved bits", () => {
  const bits = (fin: boolean, rsv: number): string =>
    hex(clientFrame(opcodes.text, new Uint8Array(0), 0, { fin, rsv })).slice(0, 2);
  expect([bits(false, 0), bits(true, 4), bits(true, 1), bits(false, 7)]).toEqual(["01", "c1", "91", "71"]);
});

test("masking word by word is masking byte by byte, at any alignment and without touching neighbours", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer(), fc.nat(9), (payload, mask, at) => {
      const target = new BufferView(new Uint8Array(at + clientFrameBytes(payload.length) + 3).fill(0xee));
      const end = writeClientFrame(target, at, opcodes.binary, payload, mask);
      const maskBytes = Buffer.alloc(4);
      maskBytes.writeInt32LE(mask);
      const masked = payload.map((byte, i) => byte ^ maskBytes[i % 4]!);
      expect(target.bytes.slice(end - payload.length, end)).toEqual(masked);
      expect(hex(target.bytes.slice(0, at))).toBe("ee".repeat(at));
      expect(hex(target.bytes.slice(end))).toBe("eeeeee");
    }),
    { seed: 1 },
  );
});

test("frames encoded together are the frames encoded alone", () => {
  const sizes = [0, 1, 125, 126, 4000, 65_535, 65_536];
  const payloads = sizes.map((size) => new Uint8Array(size).fill(size));
  let mask = 0;
  const { bytes, offsets } = encodeClientFrames(opcodes.binary, payloads, () => ++mask * 0x01234567);
  for (const [i, payload] of payloads.entries()) {
    const alone = clientFrame(opcodes.binary, payload, (i + 1) * 0x01234567);
    expect(bytes.subarray(offsets[i]!, offsets[i + 1]!)).toEqual(alone);
  }
  expect(offsets[payloads.length]).toBe(bytes.length);
});

test("masks are random in all their bits", () => {
  let ones = 0;
  let zeros = 0;
  for (let i = 0; i < 3000; i++) {
    const mask = randomMask();
    ones |= mask;
    zeros |= ~mask;
  }
  expect([ones, zeros]).toEqual([-1, -1]);
});
