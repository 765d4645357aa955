import type { Measurement } from "../../schemas/load.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Histogram } from "../load/histogram.ts";
import type { WindowUse } from "./window.ts";

type Metrics = Measurement["metrics"];

/** Connections from which memory per connection is told: a single one is outweighed by a page of the allocator's. */
const connectionsMin = 4;

/** The percentiles of one latency histogram, under the metrics' names. */
export function latencyMetrics(latency: Histogram): Metrics {
  if (latency.total === 0) return {};
  return {
    latencyNsP50: latency.percentileNs(50),
    latencyNsP90: latency.percentileNs(90),
    latencyNsP99: latency.percentileNs(99),
    latencyNsP999: latency.percentileNs(99.9),
    latencyNsP9999: latency.percentileNs(99.99),
    latencyNsMax: latency.maxNs,
    latencyNsMean: latency.meanNs,
  };
}

/** p50 and p99 of a histogram under a metric's stem, e.g. `skewNs`. */
export function tailMetrics(stem: "firstLatencyNs" | "lastLatencyNs" | "skewNs", values: Histogram): Metrics {
  if (values.total === 0) return {};
  const metrics: Metrics = {};
  metrics[`${stem}P50` satisfies MetricName] = values.percentileNs(50);
  metrics[`${stem}P99` satisfies MetricName] = values.percentileNs(99);
  return metrics;
}

/** What serving `messages` messages to `connections` sockets cost the server. */
export function costMetrics({ server }: WindowUse, messages: number, connections: number): Metrics {
  if (server === null || messages === 0) return {};
  const perConnection = Math.max(0, server.rssBytesConnected - server.rssBytesBefore) / connections;
  return {
    cpuNsPerMessage: server.cpuNs / messages,
    contextSwitchesPerMessage: (server.voluntarySwitches + server.involuntarySwitches) / messages,
    rssBytesPeak: server.rssBytesPeak,
    ...(connections < connectionsMin ? {} : { rssBytesPerConnection: perConnection }),
  };
}
