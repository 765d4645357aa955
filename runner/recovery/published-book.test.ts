import { expect, test } from "bun:test";
import { decodeJson } from "../../schemas/codec/json.ts";
import { decodeSbe } from "../../schemas/codec/sbe.ts";
import { BufferView } from "../load/buffer-view.ts";
import { maskInPlace } from "../load/frame.ts";
import { OrderBook } from "./order-book.ts";
import { PublishedBook } from "./published-book.ts";

/** The payload of a client frame of 126 bytes to 64 KiB. */
function payloadOf(frame: Uint8Array): Uint8Array {
  const buffer = new BufferView(frame.slice());
  maskInPlace(buffer, 8, frame.length, buffer.view.getInt32(4, true));
  return buffer.bytes.subarray(8);
}

test.each(["json", "sbe"] as const)(
  "%s: a book kept by what is sent has the published checksums",
  (codec) => {
    const published = new PublishedBook(codec, 7);
    const decode = codec === "json" ? decodeJson : decodeSbe;
    const [first, ...others] = published.make(300);
    const [kept, loaded] = [new OrderBook(), new OrderBook()];
    kept.load(first!.snapshot.data);
    let bytes = 0;
    for (const { n, u, checksum, update, snapshot } of others) {
      const { n: numbered, message } = decode(payloadOf(update.frame));
      expect([numbered, message.kind]).toEqual([n, "depthUpdate"]);
      if (message.kind === "depthUpdate")
        expect(kept.apply(message.data as typeof update.data)).toBe("applied");
      expect([kept.u, kept.checksum()]).toEqual([u, checksum]);
      const whole = decode(payloadOf(snapshot.frame)).message;
      if (whole.kind === "depthSnapshot") loaded.load(whole.data);
      expect([loaded.u, loaded.checksum()]).toEqual([u, checksum]);
      bytes += update.frame.length;
    }
    const [least, most] = codec === "json" ? [700, 1_200] : [300, 600];
    expect(bytes / others.length).toBeWithin(least!, most!);
  },
);

test("the same seed makes the same book", () => {
  const checksums = (seed: number) => new PublishedBook("json", seed).make(20).map((slot) => slot.checksum);
  expect(checksums(3)).toEqual(checksums(3));
  expect(checksums(3)).not.toEqual(checksums(4));
});
