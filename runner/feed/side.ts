import type { Level } from "../../schemas/market.ts";
import type { Random } from "../../stats/random.ts";
import { logNormal } from "./draw.ts";
import { priceText, quantityText } from "./tick.ts";

/** Levels that a side holds at least: more are added at its far end as the near ones go. */
const levelsMin = 1000;
/** Mean gap between levels added at the far end, in ticks. */
const farGapMean = 4;
const lotsMedian = 20_000;
const lotsSigma = 1.5;

/** One side of the book: prices in ticks from the best outward, each with a quantity in lots. */
export class DeepSide {
  readonly #random: Random;
  /** +1 where prices rise away from the best (asks), −1 where they fall (bids). */
  readonly #outward: 1 | -1;
  readonly #prices: number[];
  readonly #lots = new Map<number, number>();
  readonly #changed = new Set<number>();

  constructor(random: Random, outward: 1 | -1, best: number) {
    this.#random = random;
    this.#outward = outward;
    this.#prices = [best];
    this.#lots.set(best, this.drawLots());
    this.#extend();
    this.#changed.clear();
  }

  get best(): number {
    return this.#prices[0]!;
  }

  get bestLots(): number {
    return this.#lots.get(this.best)!;
  }

  /** Levels changed since the last `drain`. */
  get changes(): number {
    return this.#changed.size;
  }

  drawLots(): number {
    return Math.max(1, Math.round(logNormal(this.#random, lotsMedian, lotsSigma)));
  }

  /** Puts `lots` at the best, or takes the best out where they are zero. */
  setBest(lots: number): void {
    if (lots > 0) this.#set(this.best, lots);
    else this.#removeAt(0);
  }

  /** A new best at `price`, which must be better than the present one. */
  improve(price: number): void {
    this.#prices.unshift(price);
    this.#set(price, this.drawLots());
  }

  /** One change behind the best, nearer ones more often: a new quantity, a level gone, or a new one. */
  churn(): void {
    const at = 1 + Math.floor(this.#random.uniform() ** 2 * (this.#prices.length - 2));
    const pick = this.#random.uniform();
    const price = this.#prices[at]!;
    const between = price + this.#outward;
    if (pick < 0.4) this.#removeAt(at);
    else if (pick < 0.8 && between !== this.#prices[at + 1]) {
      this.#prices.splice(at + 1, 0, between);
      this.#set(between, this.drawLots());
    } else this.#set(price, this.drawLots());
  }

  /** The `count` best levels. */
  top(count: number): Level[] {
    return this.#prices.slice(0, count).map((price) => this.#level(price));
  }

  /** Up to `limit` levels changed since the last call, best price first; what is over stays for the next. */
  drain(limit: number): Level[] {
    const taken = [...this.#changed].slice(0, limit).sort((a, b) => (a - b) * this.#outward);
    for (const price of taken) this.#changed.delete(price);
    return taken.map((price) => this.#level(price));
  }

  #level(price: number): Level {
    return [priceText(price), quantityText(this.#lots.get(price) ?? 0)];
  }

  #set(price: number, lots: number): void {
    this.#lots.set(price, lots);
    this.#changed.add(price);
  }

  #removeAt(at: number): void {
    const [price] = this.#prices.splice(at, 1);
    this.#lots.delete(price!);
    this.#changed.add(price!);
    this.#extend();
  }

  #extend(): void {
    while (this.#prices.length < levelsMin) {
      const gap = 1 + this.#random.below(2 * farGapMean - 1);
      const price = this.#prices.at(-1)! + this.#outward * gap;
      this.#prices.push(price);
      this.#set(price, this.drawLots());
    }
  }
}
