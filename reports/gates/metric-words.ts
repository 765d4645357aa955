import { closest } from "fastest-levenshtein";
import { type MetricName, metricKinds, metricNames } from "../../schemas/metric.ts";

/** Words that people use for a figure, beside its name and its label in the reports. */
const nicknames: Readonly<Record<string, MetricName>> = {
  cpu: "cpuNsPerMessage",
  "cpu per message": "cpuNsPerMessage",
  rss: "rssBytesPeak",
  memory: "rssBytesPeak",
  rate: "throughputHz",
  p50: "latencyNsP50",
  p90: "latencyNsP90",
  p99: "latencyNsP99",
  "p99.9": "latencyNsP999",
  "p99.99": "latencyNsP9999",
  max: "latencyNsMax",
  mean: "latencyNsMean",
};

const plain = (words: string): string => words.toLowerCase().replace(/[\s-]+/g, " ");

/** Every way to write a metric, in plain words: `latencynsp99`, `latency p99`, `p99`. */
const known = new Map<string, MetricName>([
  ...Object.entries(nicknames),
  ...metricNames.flatMap((name): [string, MetricName][] => [
    [plain(name), name],
    [plain(metricKinds[name].label), name],
  ]),
]);

/** The metric that words mean, or the nearest words that mean one. */
export function metricOf(
  words: string,
): { readonly metric: MetricName } | { readonly unknown: string; readonly near: string } {
  const metric = known.get(plain(words));
  return metric === undefined
    ? { unknown: words, near: closest(plain(words), [...known.keys()]) }
    : { metric };
}
