import type { FeedSpec } from "../../schemas/feed.ts";
import type { MarketMessage } from "../../schemas/market.ts";
import { createRandom } from "../../stats/random.ts";
import { type ArrivalKind, drawArrivals } from "./arrival.ts";
import { Book } from "./book.ts";
import { crowding, crowdingWindowNs } from "./count.ts";
import { exponential } from "./draw.ts";
import { FeedError } from "./error.ts";
import { clusteredPresets } from "./preset.ts";
import { assertFits, type FeedSource } from "./source.ts";
import { stretchOrder } from "./stretch.ts";
import { SymbolDraw, symbolName } from "./symbols.ts";

export type SyntheticSpec = Extract<FeedSpec, { source: "synthetic" }>;

/** Model time of one draw that stretches are cut from, and stretches that it holds, at least. */
const horizonNs = 120e9;
const stretchesMin = 16;
export const flatHz = 1000;
/** Exchange time of the model's time 0, ms since the epoch. */
const epochMs = 1_723_161_255_000;
/** Messages of one batch come no further from each other than this. */
const batchNs = 1000;
/** Sets the symbols' random sequence apart. */
const symbolSalt = 0x7379_6d62;
/** Sets the messages' random sequence apart from the arrivals' one. */
const messageSalt = 0x6d73_6773;

/**
 * The draws of a preset, from `spec.seed` alone: draw 0 is the seed's own, each further one has a seed made of it. A draw
 * covers [−`leadNs`, a horizon that holds many stretches of `lengthNs`); `open` and the flat presets begin at time 0 and
 * give one stretch a draw. Messages are made for the chosen part only. Throws FeedError for a `meanHz` that the preset
 * has no use for, and for more messages than a window may hold.
 */
export function syntheticSource(
  spec: SyntheticSpec,
  draw: number,
  leadNs: number,
  lengthNs: number,
): FeedSource {
  const { preset, meanHz } = spec;
  const name = nameOf(spec);
  const seed = (spec.seed + Math.imul(draw, 0x9e37_79b9)) >>> 0;
  if (preset === "flat" || preset === "flat-poisson") {
    const hz = meanHz ?? flatHz;
    assertFits(name, hz, leadNs + lengthNs);
    const atNs = preset === "flat" ? evenly(hz, leadNs, lengthNs) : poissonTimes(seed, hz, -leadNs, lengthNs);
    return oneStretch(spec, draw, hz, atNs, lengthNs, (first, end) => {
      const books = new Books(spec, seed);
      return Array.from({ length: end - first }, (_, k) => books.at(atNs[first + k]!, "quote").quote());
    });
  }
  if (meanHz !== null) throw new FeedError(`feed ${name}: meanHz is for flat alone, got ${meanHz}`);
  const clustered = clusteredPresets[preset];
  assertFits(name, clustered.meanHz, leadNs + lengthNs);
  const fromStart = clustered.opening !== null;
  const durationNs = fromStart ? lengthNs : Math.max(horizonNs, stretchesMin * lengthNs);
  const symbols = spec.symbols?.count ?? 1;
  const arrivals = drawArrivals(clustered, createRandom(seed), -leadNs / 1e9, durationNs / 1e9, symbols);
  const messages = (first: number, end: number): MarketMessage[] => {
    const books = new Books(spec, seed);
    const kinds = arrivals.kind.slice(first, end);
    return kinds.map((kind, k) => {
      const atNs = arrivals.atNs[first + k]!;
      const isFirst = kind === "snapshot" && fromStart;
      return print(books.at(atNs, isFirst ? "first" : kind), kind, atNs, arrivals.levels[first + k]!);
    });
  };
  const source = oneStretch(spec, draw, clustered.meanHz, arrivals.atNs, durationNs, messages);
  if (fromStart) return source;
  const { startNs, crowding } = stretchOrder(
    arrivals.atNs,
    durationNs,
    lengthNs,
    crowdingWindowNs * spec.rate,
  );
  return { ...source, startNs, crowding };
}

/** Presets whose draws hold one stretch each. */
export function isOneStretchDraw(preset: SyntheticSpec["preset"]): boolean {
  return preset === "flat" || preset === "flat-poisson" || clusteredPresets[preset].opening !== null;
}

function oneStretch(
  spec: SyntheticSpec,
  draw: number,
  meanHz: number,
  atNs: ArrayLike<number>,
  durationNs: number,
  messages: (first: number, end: number) => MarketMessage[],
): FeedSource {
  return {
    name: nameOf(spec),
    draw,
    atNs,
    durationNs,
    startNs: [0],
    meanHz,
    crowding: crowding(atNs, crowdingWindowNs * spec.rate),
    loopNs: null,
    messages: (first, end) => messages(first, end).map((message) => ({ message, recorded: null })),
    notes: [],
  };
}

/** Equal gaps, with a message at 0: for calibration, and where the rate itself is the question. */
function evenly(meanHz: number, leadNs: number, lengthNs: number): Float64Array {
  const gapNs = 1e9 / meanHz;
  const before = Math.floor(leadNs / gapNs);
  const count = before + Math.ceil(lengthNs / gapNs);
  return Float64Array.from({ length: count }, (_, k) => (k - before) * gapNs);
}

/** Arrivals that know nothing of each other, which never beat in time with a server's own period. */
function poissonTimes(seed: number, meanHz: number, fromNs: number, toNs: number): Float64Array {
  const random = createRandom(seed);
  const times: number[] = [];
  for (let at = fromNs; ; ) {
    at += exponential(random, meanHz) * 1e9;
    if (at >= toNs) return Float64Array.from(times);
    times.push(at);
  }
}

function nameOf({ preset, symbols }: SyntheticSpec): string {
  const of = symbols === undefined ? "" : ` of ${symbols.count} symbols (Zipf ${symbols.zipf})`;
  return `synthetic:${preset}${of}`;
}

/** The books of a feed's symbols, and whose turn it is. */
class Books {
  readonly #seed: number;
  readonly #books = new Map<number, Book>();
  readonly #draw: SymbolDraw | null;
  #symbol = 0;
  #opened = 0;
  #atNs = Number.NEGATIVE_INFINITY;

  constructor({ symbols }: SyntheticSpec, seed: number) {
    this.#seed = seed;
    this.#draw = symbols === undefined ? null : new SymbolDraw(symbols, createRandom(seed ^ symbolSalt));
  }

  /** The book that the message at `atNs` is of: a batch is one symbol's, and the first snapshots go through all of them. */
  at(atNs: number, kind: ArrivalKind | "first"): Book {
    if (this.#draw !== null) {
      if (kind === "first") this.#symbol = this.#opened++;
      else if (atNs - this.#atNs > batchNs) this.#symbol = this.#draw.next();
    }
    this.#atNs = atNs;
    let book = this.#books.get(this.#symbol);
    if (book === undefined) {
      const seed = (this.#seed ^ messageSalt) + Math.imul(this.#symbol, 0x85eb_ca6b);
      book = new Book(createRandom(seed >>> 0), symbolName(this.#symbol));
      this.#books.set(this.#symbol, book);
    }
    return book;
  }
}

function print(book: Book, kind: ArrivalKind, atNs: number, levels: number): MarketMessage {
  const atMs = epochMs + Math.floor(atNs / 1e6);
  switch (kind) {
    case "quote":
      return book.quote();
    case "trade":
      return book.trade(atMs);
    case "diff":
      return book.diff(atMs, levels);
    case "snapshot":
      return book.snapshot();
  }
}
