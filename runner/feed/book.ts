import type { MarketMessage } from "../../schemas/market.ts";
import type { Random } from "../../stats/random.ts";
import { logNormal } from "./draw.ts";
import { DeepSide } from "./side.ts";
import { priceText, quantityText } from "./tick.ts";

const firstAsk = 6_183_764;
const firstUpdateId = 50_093_239_188;
const firstTradeId = 3_735_683_258;
/** Levels a side in a snapshot, as the stream's name says. */
const snapshotLevels = 20;
/** Levels in one diff, both sides. */
const diffLevelsMax = 1226;
const tradeLotsMedian = 500;
const tradeLotsSigma = 2;

/**
 * A small order book that prints itself as spot messages. Every message follows from its state: the best prices never
 * cross, ids increase, a diff's `U` is the previous `u` + 1, and diffs applied to a snapshot give the book.
 * Times (`atMs`, since the epoch) are the caller's.
 */
export class Book {
  readonly #random: Random;
  readonly #bids: DeepSide;
  readonly #asks: DeepSide;
  #updateId = firstUpdateId;
  #diffId = firstUpdateId;
  #tradeId = firstTradeId;
  #sellers = false;
  readonly #symbol: string;
  readonly #streamPrefix: string;

  constructor(random: Random, symbol: string) {
    this.#random = random;
    this.#symbol = symbol;
    this.#streamPrefix = `${symbol.toLowerCase()}@`;
    this.#bids = new DeepSide(random, -1, firstAsk - 1);
    this.#asks = new DeepSide(random, 1, firstAsk);
  }

  /** A change at the top of the book, and the top after it. */
  quote(): MarketMessage {
    const side = this.#random.below(2) === 0 ? this.#bids : this.#asks;
    const pick = this.#random.uniform();
    if (this.#asks.best - this.#bids.best > 1 && pick < 0.6) this.#closeSpread(side);
    else side.setBest(pick > 0.95 ? 0 : side.drawLots());
    this.#updateId += 1 + this.#random.below(8);
    const [bid, ask] = [this.#bids, this.#asks];
    return {
      kind: "bookTicker",
      stream: `${this.#streamPrefix}bookTicker`,
      data: {
        u: this.#updateId,
        s: this.#symbol,
        b: priceText(bid.best),
        B: quantityText(bid.bestLots),
        a: priceText(ask.best),
        A: quantityText(ask.bestLots),
      },
    };
  }

  /** A trade against the best of one side. Aggressors seldom change sides, so a batch reads as a sweep. */
  trade(atMs: number): MarketMessage {
    if (this.#random.uniform() < 0.1) this.#sellers = !this.#sellers;
    const side = this.#sellers ? this.#bids : this.#asks;
    const wanted = Math.ceil(logNormal(this.#random, tradeLotsMedian, tradeLotsSigma));
    const lots = Math.min(side.bestLots, wanted);
    const price = side.best;
    side.setBest(side.bestLots - lots);
    this.#updateId++;
    this.#tradeId++;
    return {
      kind: "trade",
      stream: `${this.#streamPrefix}trade`,
      data: {
        e: "trade",
        E: atMs,
        s: this.#symbol,
        t: this.#tradeId,
        p: priceText(price),
        q: quantityText(lots),
        T: atMs,
        m: this.#sellers,
        M: true,
      },
    };
  }

  /** The levels changed since the last diff, filled up to about `levels` by changes deeper in the book. */
  diff(atMs: number, levels: number): MarketMessage {
    for (let left = levels - this.#bids.changes - this.#asks.changes; left > 0; left--) {
      (this.#random.below(2) === 0 ? this.#bids : this.#asks).churn();
      this.#updateId++;
    }
    // The id must move even where every level had changed before, since a diff that spans no id would break the chain.
    if (this.#updateId === this.#diffId) this.#updateId++;
    const first = this.#diffId + 1;
    this.#diffId = this.#updateId;
    const b = this.#bids.drain(diffLevelsMax);
    const a = this.#asks.drain(diffLevelsMax - b.length);
    return {
      kind: "depthUpdate",
      stream: `${this.#streamPrefix}depth@100ms`,
      data: { e: "depthUpdate", E: atMs, s: this.#symbol, U: first, u: this.#diffId, b, a },
    };
  }

  /** The top of the book. */
  snapshot(): MarketMessage {
    return {
      kind: "depthSnapshot",
      stream: `${this.#streamPrefix}depth20`,
      data: {
        lastUpdateId: this.#updateId,
        bids: this.#bids.top(snapshotLevels),
        asks: this.#asks.top(snapshotLevels),
      },
    };
  }

  #closeSpread(side: DeepSide): void {
    side.improve(side === this.#bids ? this.#asks.best - 1 : this.#bids.best + 1);
  }
}
