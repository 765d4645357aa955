import type { FeedSpec } from "../../schemas/feed.ts";
import { peakWithin } from "./count.ts";
import type { FeedSource } from "./source.ts";
import { crowding } from "./window.ts";

/** A schedule's window (without its lead) in figures. Rates and spans are those sent: `rate` is in them. */
export interface ScheduleFacts {
  /** One line for the report. */
  description: string;
  messages: number;
  /** Payload bytes. */
  bytes: number;
  spanNs: number;
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
  spec: FeedSpec;
  source: FeedSource;
  windowNs: number;
  startNs: number;
  loops: number;
  /** Intended times and payloads of the window's messages. */
  intendedNs: Float64Array;
  payloads: Uint8Array[];
}

/** The figures of a window that was chosen, beside those of the source that it stands for. */
export function scheduleFacts(chosen: ChosenWindow): ScheduleFacts {
  const { spec, source, windowNs, startNs, loops, intendedNs, payloads } = chosen;
  const figures = {
    messages: payloads.length,
    bytes: payloads.reduce((sum, { length }) => sum + length, 0),
    spanNs: windowNs,
    meanHz: (payloads.length / windowNs) * 1e9,
    sourceHz: source.meanHz * spec.rate,
    peakPerSecond: peakWithin(intendedNs, 1e9),
    peakPer100Ms: peakWithin(intendedNs, 100e6),
    crowding: crowding(intendedNs),
    sourceCrowding: crowding(Float64Array.from(source.atNs, (atNs) => atNs / spec.rate)),
    startNs,
    loops,
  };
  return { description: describe(spec, source, figures), ...figures };
}

function describe(
  spec: FeedSpec,
  { name, notes }: FeedSource,
  figures: Omit<ScheduleFacts, "description">,
): string {
  const { messages, spanNs, meanHz, sourceHz, peakPer100Ms, startNs, loops } = figures;
  const crowd = `a message meets ${figures.crowding.toFixed(0)} in 100 ms (${figures.sourceCrowding.toFixed(0)}), at most ${peakPer100Ms}`;
  const seed = spec.source === "synthetic" ? `, seed ${spec.seed}` : "";
  const rate = spec.rate === 1 ? "" : `, at ${spec.rate} × its speed`;
  const window = `${messages} messages in ${(spanNs / 1e9).toFixed(2)} s from ${(startNs / 1e9).toFixed(3)} s`;
  const rates = `${meanHz.toFixed(0)}/s (whole feed ${sourceHz.toFixed(0)}/s)`;
  const loop = loops === 0 ? [] : [`began anew ${loops} times`];
  return `${name}${seed}${rate}: ${[window, rates, crowd, ...loop, ...notes].join("; ")}`;
}
