import type { Measurement, WindowUse } from "../../schemas/load.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Histogram } from "../load/histogram.ts";

type Metrics = Measurement["metrics"];

/** Connections from which memory per connection is reported: a single one is outweighed by a page of the allocator's. */
const connectionsMin = 4;

/** The percentiles of one latency histogram, under the metrics' names. */
export function latencyMetrics(latency: Histogram): Metrics {
  if (latency.total === 0) return {};
  const [p50 = 0, p90 = 0, p99 = 0, p999 = 0, p9999 = 0] = latency.percentilesNs([50, 90, 99, 99.9, 99.99]);
  return {
    latencyNsP50: p50,
    latencyNsP90: p90,
    latencyNsP99: p99,
    latencyNsP999: p999,
    latencyNsP9999: p9999,
    latencyNsMax: latency.maxNs,
    latencyNsMean: latency.meanNs,
  };
}

/** p50, p90 and p99 of a histogram under a metric's stem, e.g. `skewNs`. */
export function tailMetrics(stem: "firstLatencyNs" | "lastLatencyNs" | "skewNs", values: Histogram): Metrics {
  if (values.total === 0) return {};
  const [p50 = 0, p90 = 0, p99 = 0] = values.percentilesNs([50, 90, 99]);
  const metrics: Metrics = {};
  metrics[`${stem}P50` satisfies MetricName] = p50;
  metrics[`${stem}P90` satisfies MetricName] = p90;
  metrics[`${stem}P99` satisfies MetricName] = p99;
  return metrics;
}

/** What serving `messages` messages to `connections` sockets cost the server. */
export function costMetrics(
  { server }: Pick<WindowUse, "server">,
  messages: number,
  connections: number,
): Metrics {
  if (server === null || messages === 0) return {};
  const perConnection = Math.max(0, server.rssBytesConnected - server.rssBytesBefore) / connections;
  return {
    cpuNsPerMessage: server.cpuNs / messages,
    contextSwitchesPerMessage: (server.voluntarySwitches + server.involuntarySwitches) / messages,
    rssBytesPeak: server.rssBytesPeak,
    ...(connections < connectionsMin ? {} : { rssBytesPerConnection: perConnection }),
  };
}
