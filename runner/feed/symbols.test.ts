import { expect, test } from "bun:test";
import { createRandom } from "../../stats/random.ts";
import { SymbolDraw, symbolsOf, zipfShares } from "./symbols.ts";

test("shares follow Zipf's law and add up to 1", () => {
  const shares = zipfShares({ count: 4, zipf: 1 });
  for (const [i, share] of shares.entries()) expect(share).toBeCloseTo(12 / 25 / (i + 1), 12);
  expect(zipfShares({ count: 4, zipf: 0 })).toEqual([0.25, 0.25, 0.25, 0.25]);
});

test("symbols are drawn by their shares", () => {
  const draw = new SymbolDraw({ count: 3, zipf: 1 }, createRandom(1));
  const seen = [0, 0, 0];
  for (let i = 0; i < 11_000; i++) seen[draw.next()]! += 1;
  // 6/11, 3/11 and 2/11 of 11,000, within five standard deviations.
  for (const [i, expected] of [6000, 3000, 2000].entries())
    expect(Math.abs(seen[i]! - expected)).toBeLessThan(260);
});

test("a client takes ten symbols, always the same ones, and the busy ones more often", () => {
  const symbols = { count: 100, zipf: 1 };
  const clients = Array.from({ length: 1000 }, (_, client) => symbolsOf(symbols, 7, client));
  expect(clients.every(({ size }) => size === 10)).toBe(true);
  expect(symbolsOf(symbols, 7, 3)).toEqual(clients[3]!);
  expect(symbolsOf(symbols, 8, 3)).not.toEqual(clients[3]!);
  const takers = (symbol: number) => clients.filter((set) => set.has(symbol)).length;
  expect(takers(0)).toBeGreaterThan(700);
  expect(takers(99)).toBeLessThan(150);
  expect(symbolsOf({ count: 4, zipf: 1 }, 7, 0)).toEqual(new Set([0, 1, 2, 3]));
});
