import type { FeedCell } from "../../schemas/cell.ts";
import type { Measurement } from "../../schemas/load.ts";
import { loadFeed } from "../feed/schedule.ts";
import { Histogram } from "../load/histogram.ts";
import type { TrialContext, Warmed } from "./context.ts";
import { latencyMetrics } from "./metrics.ts";
import { leadMs, openLoop, type Publication } from "./open-loop.ts";
import { Slices } from "./slices.ts";

/** Open loop of market data: tick-to-client latency at the feed's own arrival times. */
export async function feed(context: TrialContext<FeedCell>): Promise<Measurement | Warmed> {
  const { cell } = context;
  const schedule = await loadFeed({
    feed: cell.feed,
    codec: cell.codec,
    mode: cell.mode,
    windowNs: cell.windowMs * 1e6,
    leadNs: leadMs * 1e6,
  });
  const publication: Publication = {
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
  const latency = new Histogram();
  const slices = new Slices(cell.windowMs * 1e6);
  return openLoop(context, publication, {
    onArrival: (n, latencyNs) => {
      latency.record(latencyNs);
      slices.record((schedule.intendedNs[n] ?? 0) - schedule.leadNs, latencyNs);
    },
    finish: () => ({ metrics: latencyMetrics(latency), histograms: { latency }, slices: slices.toJSON() }),
  });
}
