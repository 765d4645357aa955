import type { FeedSpec, FeedStretch } from "../../schemas/feed.ts";
import { crowding, peakWithin } from "./count.ts";
import type { FeedSource } from "./source.ts";

/** A schedule's window (without its lead) in figures. Rates and spans are those sent: `rate` is in them. */
export interface ScheduleFacts {
  /** The feed in one line: the same for all its stretches. */
  description: string;
  /** The part of the feed, as a measurement keeps it. */
  stretch: FeedStretch;
  messages: number;
  /** Payload bytes. */
  bytes: number;
  durationNs: number;
  meanHz: number;
  /** Mean of the whole source, at the same `rate`. */
  sourceHz: number;
  /** Most messages in any second, and in any 100 ms. */
  peakPerSecond: number;
  peakPer100Ms: number;
  /** Mean over the messages of how many arrive within 100 ms from each: of the window, and of the whole source. */
  crowding: number;
  sourceCrowding: number;
  /** Where the window begins in the source, in ns of the source's own time. */
  startNs: number;
  /** Times that the source began anew inside the window. */
  loops: number;
}

interface ChosenWindow {
  feed: FeedSpec;
  source: FeedSource;
  stretch: number;
  windowNs: number;
  startNs: number;
  loops: number;
  /** Intended times and payloads of the window's messages. */
  intendedNs: Float64Array;
  payloads: Uint8Array[];
}

/** The figures of a window that was chosen, beside those of the source that it stands for. */
export function scheduleFacts(chosen: ChosenWindow): ScheduleFacts {
  const { feed, source, stretch, windowNs, startNs, loops, intendedNs, payloads } = chosen;
  const figures = {
    messages: payloads.length,
    bytes: payloads.reduce((sum, { length }) => sum + length, 0),
    durationNs: windowNs,
    meanHz: (payloads.length / windowNs) * 1e9,
    sourceHz: source.meanHz * feed.rate,
    peakPerSecond: peakWithin(intendedNs, 1e9),
    peakPer100Ms: peakWithin(intendedNs, 100e6),
    crowding: crowding(intendedNs),
    sourceCrowding: source.crowding,
    startNs,
    loops,
  };
  return {
    description: describe(feed, source),
    stretch: {
      stretch,
      draw: source.draw,
      fromNs: startNs,
      lengthNs: windowNs * feed.rate,
      messages: figures.messages,
      meanHz: figures.meanHz,
      sourceHz: figures.sourceHz,
      crowding: figures.crowding,
      sourceCrowding: figures.sourceCrowding,
    },
    ...figures,
  };
}

function describe(feed: FeedSpec, { name, meanHz, notes }: FeedSource): string {
  const seed = feed.source === "synthetic" ? [`seed ${feed.seed}`] : [];
  const rate = feed.rate === 1 ? [] : [`at ${feed.rate} × its speed`];
  return [name, ...seed, ...rate, `${(meanHz * feed.rate).toFixed(0)} messages/s on average`, ...notes].join(
    ", ",
  );
}
