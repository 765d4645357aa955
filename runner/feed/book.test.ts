import { describe, expect, test } from "bun:test";
import type { Level, MarketMessage } from "../../schemas/market.ts";
import { createRandom } from "../../stats/random.ts";
import { Book } from "./book.ts";
import { priceText, quantityText } from "./tick.ts";

test("decimals read as spot streams print them", () => {
  expect(priceText(6_183_764)).toBe("61837.64000000");
  expect(priceText(100)).toBe("1.00000000");
  expect(quantityText(154_698)).toBe("1.54698000");
  expect(quantityText(7)).toBe("0.00007000");
});

function apply(side: Map<string, string>, levels: Level[]): void {
  for (const [price, quantity] of levels) {
    if (Number(quantity) === 0) side.delete(price);
    else side.set(price, quantity);
  }
}

/** A run of a book under heavy trading, seen as a client that keeps its own book sees it. */
function run(seed: number): MarketMessage[] {
  const random = createRandom(seed);
  const book = new Book(createRandom(seed + 1), "BTCUSDT");
  const messages = [book.snapshot(), book.diff(0, 1)];
  for (let i = 0; i < 4000; i++) {
    const pick = random.uniform();
    if (pick < 0.5) messages.push(book.trade(i));
    else if (pick < 0.95) messages.push(book.quote());
    else messages.push(book.diff(i, 1 + random.below(300)), book.snapshot());
  }
  return messages;
}

describe.each([1, 2, 3])("seed %p", (seed) => {
  const messages = run(seed);

  test("ids increase, and each diff begins where the last one ended", () => {
    let [update, trade, diff] = [0, 0, 0];
    for (const { kind, data } of messages) {
      if (kind === "bookTicker") {
        expect(data.u).toBeGreaterThan(update);
        update = data.u;
      } else if (kind === "trade") {
        if (trade > 0) expect(data.t).toBe(trade + 1);
        trade = data.t;
      } else if (kind === "depthUpdate") {
        if (diff > 0) expect(data.U).toBe(diff + 1);
        expect(data.u).toBeGreaterThanOrEqual(data.U);
        diff = data.u;
      } else expect(data.lastUpdateId).toBeGreaterThanOrEqual(update);
    }
  });

  test("the best prices never cross, and trades print at one of them", () => {
    let best: { bid: string; ask: string } | null = null;
    for (const { kind, data } of messages) {
      if (kind === "trade" && best !== null) expect([best.bid, best.ask]).toContain(data.p);
      // A trade may empty the best level: until the next quote a client does not know the new one.
      best = null;
      if (kind !== "bookTicker") continue;
      expect(Number(data.b)).toBeLessThan(Number(data.a));
      expect(Number(data.B)).toBeGreaterThan(0);
      expect(Number(data.A)).toBeGreaterThan(0);
      best = { bid: data.b, ask: data.a };
    }
  });

  test("diffs keep a client's book at the top that snapshots show", () => {
    const [bids, asks] = [new Map<string, string>(), new Map<string, string>()];
    let seen = 0;
    for (const { kind, data } of messages) {
      if (kind === "depthUpdate") {
        apply(bids, data.b);
        apply(asks, data.a);
      } else if (kind === "depthSnapshot") {
        // A client has only the levels of the first snapshot and those that changed: these must agree.
        if (seen++ > 0) {
          for (const [price, quantity] of data.bids) expect(bids.get(price) ?? quantity).toBe(quantity);
          for (const [price, quantity] of data.asks) expect(asks.get(price) ?? quantity).toBe(quantity);
          const worstBid = Number(data.bids.at(-1)![0]);
          const known = [...bids.keys()].filter((price) => Number(price) >= worstBid);
          const shown = new Set(data.bids.map(([price]) => price));
          for (const price of known) expect(shown.has(price)).toBe(true);
        }
        apply(bids, data.bids);
        apply(asks, data.asks);
      }
    }
    expect(seen).toBeGreaterThan(100);
  });
});

test("a diff has about the levels asked for, and at most 1,226", () => {
  const book = new Book(createRandom(9), "BTCUSDT");
  const count = (levels: number): number => {
    const { data } = book.diff(0, levels);
    return "b" in data ? data.b.length + data.a.length : 0;
  };
  expect(count(30)).toBeGreaterThan(25);
  expect(count(30)).toBeLessThan(45);
  for (let i = 0; i < 20; i++) expect(count(1226)).toBeLessThanOrEqual(1226);
});
