import type { Measurement } from "../../schemas/load.ts";
import type { MetricName } from "../../schemas/metric.ts";
import { decodeHistogram } from "../load/histogram-codec.ts";

/** From this share on a latency is mostly the load generator's. */
const ownShareMax = 0.5;

/**
 * The latencies of an open loop that are mostly the generator's: a message that it sent late is late by as much at the same
 * percentile, a stall of its loop is in the maximum, and one behind a cut is in the time until the books are right again. None in a closed loop, which has no schedule to be late by.
 */
export function mostlyGenerators({
  metrics,
  generator,
  histograms,
  recovery,
  connections,
}: Measurement): MetricName[] {
  const { latenessNsP50, latenessNsP99, hiccupNsMax } = generator;
  if (latenessNsP99 === null) return [];
  const lateness = histograms.lateness === null ? null : decodeHistogram(histograms.lateness);
  const [p90, p999, p9999] = lateness?.percentilesNs([90, 99.9, 99.99]) ?? [null, null, null];
  const latenessNs: Partial<Record<MetricName, number | null>> = {
    latencyNsP50: latenessNsP50,
    latencyNsP90: p90 ?? null,
    latencyNsP99: latenessNsP99,
    latencyNsP999: p999 ?? null,
    latencyNsP9999: p9999 ?? null,
    latencyNsMax: hiccupNsMax,
    firstLatencyNsP50: latenessNsP50,
    firstLatencyNsP99: latenessNsP99,
    lastLatencyNsP50: latenessNsP50,
    lastLatencyNsP99: latenessNsP99,
    handshakeNsP50: latenessNsP50,
    handshakeNsP99: latenessNsP99,
    stormWaitNsP50: connections?.stormLatenessNs?.p50 ?? null,
    stormWaitNsP99: connections?.stormLatenessNs?.p99 ?? null,
    // The generator is all clients that come back at once: what it does not read counts as the server's time.
    bookNsP50: recovery?.ownNsP50 ?? null,
    bookNsP99: recovery?.ownNsP99 ?? null,
    bookNsMax: recovery?.ownNs ?? null,
  };
  return (Object.keys(latenessNs) as MetricName[]).filter((metric) => {
    const seen = metrics[metric] ?? 0;
    return seen > 0 && (latenessNs[metric] ?? 0) >= ownShareMax * seen;
  });
}
