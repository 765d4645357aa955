import { describe, expect, test } from "bun:test";
import { decodeJson, jsonSequenceOf } from "../../schemas/codec/json.ts";
import { decodeSbe } from "../../schemas/codec/sbe.ts";
import { type PushRequest, pushRequest } from "../../schemas/control.ts";
import { rawSequenceOf } from "../../schemas/fixtures/raw.ts";
import { rawTemplate } from "../../schemas/raw.ts";
import { generator } from "./generator.ts";
import type { Data } from "./peer.ts";

const sequences = [0, 1, 255, 256, 65_536, 4_294_967_295, 4_294_967_296];

function request(codec: PushRequest["codec"], bytes: number): PushRequest {
  return pushRequest.parse({ count: 1, bytes, codec, seed: 9 });
}

function binary(data: Data): Buffer {
  if (typeof data === "string") throw new Error("expected bytes");
  return data;
}

describe("json", () => {
  test("is a valid quote with its sequence in the fixed place, padded to the size asked for", () => {
    for (const bytes of [8, 300, 5000]) {
      const next = generator(request("json", bytes), true);
      for (const n of sequences) {
        const text = next(n);
        expect(typeof text).toBe("string");
        expect(decodeJson(text).n).toBe(n);
        expect(jsonSequenceOf(Buffer.from(text), 0, text.length)).toBe(n);
        if (bytes >= 300) expect(text).toHaveLength(bytes);
      }
    }
  });
});

describe.each([true, false])("binary, copiesOnSend %p", (copiesOnSend) => {
  test("raw carries its sequence and the pattern of its seed", () => {
    const next = generator(request("raw", 100), copiesOnSend);
    for (const n of sequences) {
      const bytes = binary(next(n));
      expect(rawSequenceOf(bytes)).toBe(n);
      expect(bytes.subarray(8).equals(rawTemplate(100, 9).subarray(8))).toBe(true);
    }
  });

  test("sbe is a valid quote with its sequence", () => {
    const next = generator(request("sbe", 8), copiesOnSend);
    const first = decodeSbe(binary(next(0)));
    for (const n of sequences) expect(decodeSbe(binary(next(n)))).toEqual({ ...first, n });
  });

  test(copiesOnSend ? "one buffer serves all messages" : "a message sent earlier stays as it was", () => {
    const next = generator(request("raw", 16), copiesOnSend);
    const first = next(1);
    const second = next(2);
    expect(first === second).toBe(copiesOnSend);
    expect(rawSequenceOf(binary(first))).toBe(copiesOnSend ? 2 : 1);
  });
});
