import type { DepthSnapshot, Level, SpotDepthUpdate } from "../../schemas/market.ts";

/** Levels of each side that a checksum is of. */
const checkedLevels = 10;

/**
 * The checksum of a book (docs/CONTRACT.md, Resume): CRC-32 of the best ten asks, then the best ten bids, each from the best outward, of
 * each level price and quantity without the point and without leading zeros. It is Kraken's definition for its `book` channel.
 */
export function bookChecksum(asks: readonly Level[], bids: readonly Level[]): number {
  const top = [...asks.slice(0, checkedLevels), ...bids.slice(0, checkedLevels)];
  return Bun.hash.crc32(top.map(([price, quantity]) => digits(price) + digits(quantity)).join(""));
}

const digits = (decimal: string): string => decimal.replace(".", "").replace(/^0+/, "");

/**
 * An order book as a client of the market keeps it: a snapshot, and updates by the exchange's rule, where an update's `U` is the
 * previous `u` + 1.
 */
export class OrderBook {
  /** Price to quantity, as decimal texts. */
  readonly #bids = new Map<string, string>();
  readonly #asks = new Map<string, string>();
  #u = -1;

  /** Id of the last update in it; −1 before the first snapshot. */
  get u(): number {
    return this.#u;
  }

  load({ lastUpdateId, bids, asks }: DepthSnapshot): void {
    this.#u = lastUpdateId;
    this.#bids.clear();
    this.#asks.clear();
    put(this.#bids, bids);
    put(this.#asks, asks);
  }

  /** `gap` where something before the update is missing; the book stays as it was. */
  apply({ U, u, b, a }: SpotDepthUpdate): "applied" | "old" | "gap" {
    if (this.#u >= 0 && u <= this.#u) return "old";
    if (this.#u < 0 || U !== this.#u + 1) return "gap";
    this.#u = u;
    put(this.#bids, b);
    put(this.#asks, a);
    return "applied";
  }

  checksum(): number {
    return bookChecksum(sorted(this.#asks, 1), sorted(this.#bids, -1));
  }
}

function put(side: Map<string, string>, levels: readonly Level[]): void {
  for (const [price, quantity] of levels) {
    if (Number(quantity) === 0) side.delete(price);
    else side.set(price, quantity);
  }
}

/** Best first: asks rise, bids fall. */
const sorted = (side: ReadonlyMap<string, string>, sign: 1 | -1): Level[] =>
  [...side].sort(([one], [other]) => sign * (Number(one) - Number(other)));
