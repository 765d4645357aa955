import type { FeedSpec, FeedStretch } from "../../schemas/feed.ts";
import { crowding, peakWithin } from "./count.ts";
import type { FeedSource } from "./source.ts";

/** A schedule's window (without its lead) in figures. Rates and spans are those sent: `rate` is in them. */
export interface ScheduleFacts {
  /** The feed in one line: the same for all its stretches. */
  description: string;
  /** The part of the feed, as a measurement keeps it. */
  stretch: FeedStretch;
  /** Payload bytes. */
  bytes: number;
  /** Most messages in any 100 ms. */
  peakPer100Ms: number;
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
  return {
    description: describe(feed, source),
    stretch: {
      stretch,
      draw: source.draw,
      fromNs: startNs,
      lengthNs: windowNs * feed.rate,
      messages: payloads.length,
      meanHz: (payloads.length / windowNs) * 1e9,
      sourceHz: source.meanHz * feed.rate,
      crowding: crowding(intendedNs),
      sourceCrowding: source.crowding,
    },
    bytes: payloads.reduce((sum, { length }) => sum + length, 0),
    peakPer100Ms: peakWithin(intendedNs, 100e6),
    loops,
  };
}

function describe(feed: FeedSpec, { name, meanHz, notes }: FeedSource): string {
  const seed = feed.source === "synthetic" ? [`seed ${feed.seed}`] : [];
  const rate = feed.rate === 1 ? [] : [`at ${feed.rate} × its speed`];
  return [name, ...seed, ...rate, `${(meanHz * feed.rate).toFixed(0)} messages/s on average`, ...notes].join(
    ", ",
  );
}
