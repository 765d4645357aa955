import { encodeJson } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import type { DepthSnapshot, Level, MarketMessage, SpotDepthUpdate } from "../../schemas/market.ts";
import { createRandom, type Random } from "../../stats/random.ts";
import { priceText, quantityText } from "../feed/tick.ts";
import { clientFrame, type DataOpcode, opcodes } from "../load/frame.ts";
import { randomMask } from "../load/mask.ts";
import { SentMessages } from "../workloads/sent-messages.ts";
import { bookChecksum, OrderBook } from "./order-book.ts";

const symbol = "BTCUSDT";
export const bookStreams = ["btcusdt@depth20", "btcusdt@depth@100ms"] as const;
const [snapshotStream, updateStream] = bookStreams;

/** Levels a side: a snapshot holds the whole book, so that one of `@depth20` can begin it. */
const depth = 20;
const firstAsk = 6_183_764;
const firstUpdateId = 50_093_239_188;
/** Exchange time of the first message, ms since the epoch. */
const epochMs = 1_723_161_255_000;
/** Changes that one update sums up: as many as give the length of a usual depth update of spot, about 1 KB of JSON. */
const changesMin = 12;
const changesMax = 36;
const lotsMax = 500_000;

/** One form of a place in the feed: as it goes to the server, and as a subscriber reads it. */
interface Form<Data> {
  readonly data: Data;
  readonly frame: Uint8Array;
  /** Recognizes the message among those that arrive, by every byte. */
  readonly messages: SentMessages;
}

/** One place of the feed, which leaves as the update to the book or as the snapshot of the book after it. */
export interface Slot {
  readonly n: number;
  /** Of the book after it. */
  readonly u: number;
  readonly checksum: number;
  readonly update: Form<SpotDepthUpdate>;
  readonly snapshot: Form<DepthSnapshot>;
  /** How it left; null where there was nobody to take it. */
  left: "update" | "snapshot" | null;
}

/**
 * A book that moves at random, from a seed, and the feed of it with everything encoded before it is due. One reference book is kept by its
 * messages for all subscribers: who has had the same bytes, and misses none of them, has that book.
 */
export class PublishedBook {
  readonly opcode: DataOpcode;
  readonly #codec: "json" | "sbe";
  readonly #random: Random;
  readonly #bids: ShallowSide;
  readonly #asks: ShallowSide;
  readonly #slots: Slot[] = [];
  /** Kept as a subscriber keeps its own, from the messages alone. */
  readonly #reference = new OrderBook();
  #u = firstUpdateId;

  constructor(codec: "json" | "sbe", seed: number) {
    this.#codec = codec;
    this.opcode = codec === "json" ? opcodes.text : opcodes.binary;
    this.#random = createRandom(seed);
    this.#bids = new ShallowSide(this.#random, -1, firstAsk - 1);
    this.#asks = new ShallowSide(this.#random, 1, firstAsk);
  }

  /** Places made so far. */
  get length(): number {
    return this.#slots.length;
  }

  /** The place of sequence `n`, where there is one. */
  slot(n: number): Slot | undefined {
    return this.#slots[n];
  }

  /** The next `count` places. */
  make(count: number): Slot[] {
    return Array.from({ length: count }, () => this.#next());
  }

  #next(): Slot {
    const n = this.#slots.length;
    const changes = changesMin + this.#random.below(changesMax - changesMin + 1);
    for (let left = changes; left > 0; left -= 1) this.#change();
    const U = this.#u + 1;
    this.#u += changes;
    const [b, a] = [this.#bids.drain(), this.#asks.drain()];
    const [bids, asks] = [this.#bids.levels(), this.#asks.levels()];
    const update: SpotDepthUpdate = { e: "depthUpdate", E: epochMs + n, s: symbol, U, u: this.#u, b, a };
    const snapshot: DepthSnapshot = { lastUpdateId: this.#u, bids, asks };
    if (n === 0) this.#reference.load(snapshot);
    else this.#reference.apply(update);
    const checksum = bookChecksum(asks, bids);
    if (this.#reference.u !== this.#u || this.#reference.checksum() !== checksum) {
      throw new Error(`the updates up to ${n} do not make the published book`);
    }
    const slot: Slot = {
      n,
      u: this.#u,
      checksum,
      update: this.#form(update, { kind: "depthUpdate", stream: updateStream, data: update }, n),
      snapshot: this.#form(snapshot, { kind: "depthSnapshot", stream: snapshotStream, data: snapshot }, n),
      left: null,
    };
    this.#slots.push(slot);
    return slot;
  }

  #change(): void {
    const [side, other] = this.#random.below(2) === 0 ? [this.#bids, this.#asks] : [this.#asks, this.#bids];
    side.change(Math.abs(side.best - other.best));
  }

  #form<Data>(data: Data, message: MarketMessage, n: number): Form<Data> {
    const payload = this.#codec === "json" ? Buffer.from(encodeJson(message, n)) : encodeSbe(message, n);
    return {
      data,
      frame: clientFrame(this.opcode, payload, randomMask()),
      messages: new SentMessages(this.#codec, [payload], { numberFrom: n }),
    };
  }
}

/** One side of a book of `depth` levels, always full; the feed's own (feed/side.ts) is a thousand deep. Prices are in ticks, quantities in lots. */
class ShallowSide {
  readonly #random: Random;
  /** +1 where prices rise away from the best (asks), −1 where they fall (bids). */
  readonly #outward: 1 | -1;
  /** From the best outward. */
  readonly #prices: number[];
  readonly #lots = new Map<number, number>();
  readonly #changed = new Set<number>();

  constructor(random: Random, outward: 1 | -1, best: number) {
    this.#random = random;
    this.#outward = outward;
    this.#prices = Array.from({ length: depth }, (_, i) => best + outward * i);
    for (const price of this.#prices) this.#lots.set(price, this.#drawLots());
  }

  get best(): number {
    return this.#prices[0]!;
  }

  /** A new quantity, mostly; or a level goes and the side grows at its far end; or, where there is room, a new best. */
  change(spread: number): void {
    const at = this.#random.below(depth);
    const pick = this.#random.uniform();
    if (pick < 0.7) this.#set(this.#prices[at]!);
    else if (spread > 1 && pick < 0.9) {
      const better = this.best - this.#outward;
      this.#drop(depth - 1);
      this.#prices.unshift(better);
      this.#set(better);
    } else {
      this.#drop(at);
      const further = this.#prices.at(-1)! + this.#outward * (1 + this.#random.below(3));
      this.#prices.push(further);
      this.#set(further);
    }
  }

  levels(): Level[] {
    return this.#prices.map((price) => this.#level(price));
  }

  /** What changed since the last call, a quantity of zero for what is gone. */
  drain(): Level[] {
    const changed = [...this.#changed].map((price) => this.#level(price));
    this.#changed.clear();
    return changed;
  }

  #level(price: number): Level {
    return [priceText(price), quantityText(this.#lots.get(price) ?? 0)];
  }

  #set(price: number): void {
    this.#lots.set(price, this.#drawLots());
    this.#changed.add(price);
  }

  #drop(at: number): void {
    const [price] = this.#prices.splice(at, 1);
    this.#lots.delete(price!);
    this.#changed.add(price!);
  }

  #drawLots(): number {
    return 1 + this.#random.below(lotsMax);
  }
}
