import type { FeedCell } from "../../schemas/cell.ts";
import type { WindowAsked } from "../../schemas/load.ts";
import { loadFeed } from "../feed/schedule.ts";
import { Histogram } from "../load/histogram.ts";
import type { OpenCell, TrialContext } from "./context.ts";
import { latencyMetrics } from "./metrics.ts";
import { leadMs, openLoop, type Publication } from "./open-loop.ts";
import { Slices } from "./slices.ts";

/** Open loop of market data: tick-to-client latency at the feed's own arrival times. */
export function openFeed(context: TrialContext<FeedCell>): Promise<OpenCell> {
  return openLoop(context, {
    publish: (asked) => publicationOf(context.cell, asked),
    observe: ({ intendedNs, windowAtNs }, windowMs) => {
      const latency = new Histogram();
      const slices = new Slices(windowMs * 1e6);
      return {
        onArrival: (n, latencyNs) => {
          latency.record(latencyNs);
          slices.record((intendedNs[n] ?? 0) - windowAtNs, latencyNs);
        },
        finish: () => ({
          metrics: latencyMetrics(latency),
          histograms: { latency },
          slices: slices.toJSON(),
        }),
      };
    },
  });
}

async function publicationOf(
  { feed, codec, mode }: FeedCell,
  { windowMs, stretch }: Pick<WindowAsked, "windowMs" | "stretch">,
): Promise<Publication> {
  const request = { feed, codec, mode, windowNs: windowMs * 1e6, leadNs: leadMs * 1e6, stretch };
  const schedule = await loadFeed(request);
  return {
    codec: schedule.codec,
    opcode: schedule.opcode,
    payloads: schedule.payloads,
    intendedNs: schedule.intendedNs,
    firstCounted: schedule.leadMessages,
    windowAtNs: schedule.leadNs,
    streams: schedule.streams,
    description: schedule.facts.description,
    loops: schedule.facts.loops,
    stretch: schedule.facts.stretch,
  };
}
