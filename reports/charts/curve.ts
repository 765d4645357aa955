import type { CellResult, MetricResult } from "../../schemas/report.ts";

export const namedPercentiles = [
  { x: 2, label: "p50", metric: "latencyNsP50" },
  { x: 10, label: "p90", metric: "latencyNsP90" },
  { x: 100, label: "p99", metric: "latencyNsP99" },
  { x: 1_000, label: "p99.9", metric: "latencyNsP999" },
  { x: 10_000, label: "p99.99", metric: "latencyNsP9999" },
] as const;

/** A point of a percentile curve: `x` = 1 ÷ (1 − p), so that p90, p99 and p99.9 are evenly spaced on a log axis. */
interface CurvePoint extends Whisker {
  readonly ns: number;
}

/**
 * The curve of a result, through the figures of the tables: the median of the rounds at each percentile that they have, with
 * its interval. A histogram of all rounds merged would show the tail of the worst round, in another order than the tables.
 */
export function curveOf({ metrics }: CellResult): CurvePoint[] {
  return namedPercentiles.flatMap(({ x, metric }) => {
    const found = metrics[metric];
    return found === undefined ? [] : [{ x, ns: found.median, ...endsOf(found) }];
  });
}

interface Whisker {
  readonly x: number;
  /** Ends of the interval in ns; null where the rounds allow none. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The ends of a median's interval, as a whisker on a logarithmic axis has them. */
export const endsOf = ({ ciLow, ciHigh }: MetricResult): Omit<Whisker, "x"> =>
  ciLow === null || ciHigh === null || ciLow <= 0 ? { low: null, high: null } : { low: ciLow, high: ciHigh };

/** The intervals of a line's points, as a series of that line's name and colour. */
export function whiskers(name: string, points: readonly Whisker[], per: number, color: string) {
  return {
    type: "lines" as const,
    coordinateSystem: "cartesian2d" as const,
    name,
    silent: true,
    z: 2,
    lineStyle: { color, width: 6, opacity: 0.34, cap: "butt" as const },
    data: points.flatMap(({ x, low, high }) =>
      low === null || high === null
        ? []
        : [{ coords: [low, high].map((ns) => [x, Number((ns / per).toPrecision(4))]) }],
    ),
  };
}
