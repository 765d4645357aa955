import { encodeJson } from "../../../schemas/codec/json.ts";
import { encodeSbe } from "../../../schemas/codec/sbe.ts";
import { typicalQuote } from "../../../schemas/quote.ts";
import type { FanoutCell } from "../../../schemas/workloads/fanout.ts";
import { opcodes } from "../../load/frame.ts";
import { Histogram } from "../../load/histogram.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { latencyMetrics, tailMetrics } from "../metrics.ts";
import { leadMs, type Observer, openLoop } from "../open-loop.ts";
import type { Publication } from "../sides.ts";
import type { Slices } from "../slices.ts";

/** One stream at a constant rate to many subscribers: how soon the first and the last have each message. */
export function open(context: TrialContext<FanoutCell>): Promise<OpenCell> {
  const { cell } = context;
  return openLoop(context, {
    publish: ({ windowMs }) => Promise.resolve(publicationOf(cell, windowMs)),
    observe: (publication, slices) => observe(cell, publication, slices),
  });
}

function observe(cell: FanoutCell, publication: Publication, slices: Slices): Observer {
  const count = publication.payloads.length;
  const arrivals = new Uint32Array(count);
  const firstNs = new Float64Array(count);
  const lastNs = new Float64Array(count);
  const latency = new Histogram();
  return {
    onArrival: (n, latencyNs) => {
      latency.record(latencyNs);
      slices.record((publication.intendedNs[n] ?? 0) - publication.windowAtNs, latencyNs);
      const seen = arrivals[n] ?? 0;
      arrivals[n] = seen + 1;
      if (seen === 0) firstNs[n] = latencyNs;
      // Arrivals come in the order of the one clock that times them, so the latest is the last.
      lastNs[n] = latencyNs;
    },
    finish: () => {
      const [first, last, skew] = [new Histogram(), new Histogram(), new Histogram()];
      for (let n = publication.firstCounted; n < count; n += 1) {
        if (arrivals[n] !== cell.subscribers) continue; // It has no last receiver; the ledger reports the gap.
        first.record(firstNs[n] ?? 0);
        last.record(lastNs[n] ?? 0);
        skew.record((lastNs[n] ?? 0) - (firstNs[n] ?? 0));
      }
      return {
        metrics: {
          ...latencyMetrics(latency),
          ...tailMetrics("firstLatencyNs", first),
          ...tailMetrics("lastLatencyNs", last),
          ...tailMetrics("skewNs", skew),
        },
        histograms: { latency, first, last, skew },
        slices,
        arrivals: () => {
          const counted = (of: Uint32Array | Float64Array) => [...of.subarray(publication.firstCounted)];
          return { counts: counted(arrivals), firstNs: counted(firstNs), lastNs: counted(lastNs) };
        },
      };
    },
  };
}

/** Best-bid-ask messages of one stream, evenly spaced, with the warm-up's before them. */
function publicationOf({ codec, rateHz, subscribers }: FanoutCell, windowMs: number): Publication {
  const gapNs = 1e9 / rateHz;
  const firstCounted = Math.ceil((leadMs * 1e6) / gapNs);
  const count = firstCounted + Math.max(1, Math.round((windowMs * 1e6) / gapNs));
  const text = new TextEncoder();
  const payloads = Array.from({ length: count }, (_, n) =>
    codec === "sbe" ? encodeSbe(typicalQuote, n) : text.encode(encodeJson(typicalQuote, n)),
  );
  return {
    codec,
    opcode: codec === "sbe" ? opcodes.binary : opcodes.text,
    payloads,
    intendedNs: Float64Array.from(payloads, (_, n) => n * gapNs),
    firstCounted,
    windowAtNs: firstCounted * gapNs,
    streams: [typicalQuote.stream ?? ""],
    description: `one best-bid-ask stream at ${rateHz} messages/s to ${subscribers} subscribers`,
    loops: 0,
  };
}
