import type { FeedSpec } from "../../schemas/feed.ts";
import type { MarketMessage } from "../../schemas/market.ts";
import { createRandom } from "../../stats/random.ts";
import { type ArrivalKind, drawArrivals } from "./arrival.ts";
import { Book } from "./book.ts";
import { FeedError } from "./error.ts";
import { clusteredPresets } from "./preset.ts";
import { assertFits, type FeedSource } from "./source.ts";

type SyntheticSpec = Extract<FeedSpec, { source: "synthetic" }>;

/** Model time that a window is chosen from, at least. */
const horizonNs = 120e9;
const flatHz = 1000;
/** Exchange time of the model's time 0, ms since the epoch. */
const epochMs = 1_723_161_255_000;
/** Sets the messages' random sequence apart from the arrivals' one. */
const messageSalt = 0x6d73_6773;

/**
 * A preset as a feed, from `spec.seed` alone. Arrivals cover [−`leadNs`, a horizon that a window of `lengthNs` is
 * chosen from); messages are made for the chosen part only. Throws FeedError for a `meanHz` that the preset has no use for.
 */
export function syntheticSource(spec: SyntheticSpec, leadNs: number, lengthNs: number): FeedSource {
  const { preset, seed, meanHz } = spec;
  const name = `synthetic:${preset}`;
  if (preset === "flat") return flatSource(name, seed, meanHz ?? flatHz, leadNs, lengthNs);
  if (meanHz !== null) throw new FeedError(`feed ${name}: meanHz is for flat alone, got ${meanHz}`);
  const clustered = clusteredPresets[preset];
  assertFits(name, clustered.meanHz, leadNs + lengthNs);
  const fromStart = clustered.opening !== null;
  const toNs = fromStart ? lengthNs : Math.max(horizonNs, 2 * lengthNs);
  const arrivals = drawArrivals(clustered, createRandom(seed), -leadNs / 1e9, toNs / 1e9);
  return {
    name,
    atNs: arrivals.atNs,
    meanHz: clustered.meanHz,
    loopNs: null,
    fromStart,
    messages: (first, end) => {
      const book = newBook(seed);
      const kinds = arrivals.kind.slice(first, end);
      return kinds.map((kind, k) =>
        print(book, kind, arrivals.atNs[first + k]!, arrivals.levels[first + k]!),
      );
    },
    notes: [],
  };
}

/** Best-bid-ask messages of one stream at equal gaps: for calibration, and where the rate itself is the question. */
function flatSource(
  name: string,
  seed: number,
  meanHz: number,
  leadNs: number,
  lengthNs: number,
): FeedSource {
  assertFits(name, meanHz, leadNs + lengthNs);
  const gapNs = 1e9 / meanHz;
  const before = Math.floor(leadNs / gapNs);
  const atNs = Float64Array.from(
    { length: before + Math.ceil(lengthNs / gapNs) },
    (_, k) => (k - before) * gapNs,
  );
  return {
    name,
    atNs,
    meanHz,
    loopNs: null,
    fromStart: true,
    messages: (first, end) => {
      const book = newBook(seed);
      return Array.from({ length: end - first }, () => book.quote());
    },
    notes: [],
  };
}

function newBook(seed: number): Book {
  return new Book(createRandom(seed ^ messageSalt));
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
