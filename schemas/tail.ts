import { type MetricKind, type MetricName, metricKinds } from "./metric.ts";

/** Independent events behind a quantile: over all windows of a result, and in one window. */
export interface TailEvents {
  readonly total: number;
  readonly perWindow: number;
}

/** Events that have to lie beyond a quantile before it is shown. */
const beyondMin = 10;

/**
 * Whether so many independent events can show the percentile that a metric is of; true for a metric that is none. A quantile q
 * takes 10 ÷ (1 − q) events in all, and in each window as many that it is not simply the largest of them, 1 ÷ (1 − q).
 */
export function isShown(metric: MetricName, { total, perWindow }: TailEvents): boolean {
  const percent = percentOf(metric);
  // The floating-point remainder of 100 − 99.9 must not ask for an event more.
  const beyond = (events: number) => Math.round(events * (100 - (percent ?? 0)) * 1e6) / 1e8;
  return percent === null || (beyond(total) >= beyondMin && beyond(perWindow) >= 1);
}

/** The deepest percentile among headlines; null where none is of a tail. */
export function deepestOf(headline: readonly MetricName[]): number | null {
  const percents = headline.flatMap((metric) => percentOf(metric) ?? []);
  return percents.length === 0 ? null : Math.max(...percents);
}

/**
 * What is judged in a cell where `metric` is asked for: itself, or the deepest percentile of the same latency that was declared, where
 * the cell cannot show as deep a one. The same metric where no tail was declared.
 */
export function tailInstead(metric: MetricName, declared: Iterable<MetricName>): MetricName {
  const all = [...declared];
  if (percentOf(metric) === null || all.includes(metric)) return metric;
  const same = all.filter((one) => stemOf(one) === stemOf(metric));
  return same.find((one) => percentOf(one) !== null && percentOf(one) === deepestOf(same)) ?? metric;
}

const stemOf = (metric: MetricName): string => metric.replace(/P\d+$/, "");

/** 99 for `latencyNsP99`, 99.9 for `latencyNsP999`; null for what is no estimate of a percentile. The median is one of any number. */
function percentOf(metric: MetricName): number | null {
  const { isCounted }: MetricKind = metricKinds[metric];
  if (isCounted === true) return null;
  const [, digits = ""] = /P(\d+)$/.exec(metric) ?? [];
  if (digits === "" || digits === "50") return null;
  return Number(`${digits.slice(0, 2)}.${digits.slice(2)}`);
}
