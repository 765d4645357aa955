import type { FeedSymbols } from "../../schemas/feed.ts";
import { createRandom, type Random } from "../../stats/random.ts";
import { lowerBound } from "./source.ts";

/** Symbols that one client subscribes to, where there are as many. */
const symbolsPerClient = 10;
/** Sets the clients' random sequences apart from the messages' own. */
const clientSalt = 0x636c_6e74;

/** The one that a feed is of; of several, the busiest. Each name has 7 characters, so that SBE's sizes do not depend on which. */
export const symbolName = (index: number): string =>
  index === 0 ? "BTCUSDT" : `SYM${`${index}`.padStart(4, "0")}`;

/** The part of all messages that is each symbol's: 1 ÷ (rank to the power of `zipf`), made to add up to 1. */
export function zipfShares({ count, zipf }: FeedSymbols): number[] {
  const weights = Array.from({ length: count }, (_, i) => (i + 1) ** -zipf);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Draws a symbol for each batch of messages, by its share. */
export class SymbolDraw {
  readonly #ends: readonly number[];
  readonly #random: Random;

  constructor(symbols: FeedSymbols, random: Random) {
    let sum = 0;
    this.#ends = zipfShares(symbols).map((share) => {
      sum += share;
      return sum;
    });
    this.#random = random;
  }

  next(): number {
    // The ends may add up to a little less than 1.
    return Math.min(lowerBound(this.#ends, this.#random.uniform()), this.#ends.length - 1);
  }
}

/**
 * The symbols that client number `client` subscribes to: drawn from the seed by the same shares, each symbol once. A symbol that has
 * many messages so has many subscribers, as on an exchange.
 */
export function symbolsOf(symbols: FeedSymbols, seed: number, client: number): ReadonlySet<number> {
  const random = createRandom((seed ^ clientSalt ^ Math.imul(client + 1, 0x9e37_79b9)) >>> 0);
  // The largest of u to the power of 1 ÷ w are a draw by weight w without putting back (Efraimidis and Spirakis 2006).
  const keys = zipfShares(symbols).map((share, symbol) => ({
    symbol,
    key: Math.log(1 - random.uniform()) / share,
  }));
  const chosen = keys.toSorted((a, b) => b.key - a.key).slice(0, symbolsPerClient);
  return new Set(chosen.map(({ symbol }) => symbol));
}
