import { expect, test } from "bun:test";
import { crc32 } from "node:zlib";
import type { Level } from "../../schemas/market.ts";
import { bookChecksum, OrderBook } from "./order-book.ts";

// The example of Kraken's documentation of its checksum (docs.kraken.com, "Book Checksum").
const asks: Level[] = Array.from({ length: 10 }, (_, i) => [`0.0${(5005 + 5 * i).toString()}`, "0.00000500"]);
const bids: Level[] = [5000, 4995, 4990, 4980, 4975, 4970, 4965, 4960, 4955, 4950].map((price) => [
  `0.0${price}`,
  "0.00000500",
]);

test("the checksum is the exchange's published one", () => {
  expect(bookChecksum(asks, bids)).toBe(974_947_235);
  expect(bookChecksum(asks.slice(0, 1), bids.slice(0, 1))).toBe(crc32("50055005000500"));
});

test("levels beyond the tenth do not count, the order and every digit do", () => {
  expect(bookChecksum([...asks, ["9.00000000", "1.00000000"]], bids)).toBe(974_947_235);
  expect(bookChecksum([...asks].reverse(), bids)).not.toBe(974_947_235);
  expect(bookChecksum(asks, bids.with(9, ["0.04950", "0.00000501"]))).not.toBe(974_947_235);
});

const update = (U: number, u: number, b: Level[] = [], a: Level[] = []) => ({
  e: "depthUpdate" as const,
  E: 1,
  s: "BTCUSDT",
  U,
  u,
  b,
  a,
});

test("updates follow one another, old ones change nothing, and a gap leaves the book as it was", () => {
  const book = new OrderBook();
  expect(book.apply(update(1, 2))).toBe("gap");
  book.load({ lastUpdateId: 7, bids: bids.toReversed(), asks });
  expect(book.checksum()).toBe(974_947_235);
  expect(book.apply(update(5, 7, [["0.05000", "0.00000000"]]))).toBe("old");
  expect(book.apply(update(9, 9, [["0.05000", "0.00000000"]]))).toBe("gap");
  expect([book.u, book.checksum()]).toEqual([7, 974_947_235]);
  expect(book.apply(update(8, 9, [["0.05000", "0.00000000"]], [["0.05004", "0.00000100"]]))).toBe("applied");
  const after = bookChecksum([["0.05004", "0.00000100"], ...asks], bids.slice(1));
  expect([book.u, book.checksum()]).toEqual([9, after]);
});
