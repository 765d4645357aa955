import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import type { CellResult } from "../../schemas/report.ts";

/** A point of a percentile curve: `x` = 1 ÷ (1 − p), so that p90, p99 and p99.9 are evenly spaced on a log axis. */
interface CurvePoint {
  readonly x: number;
  readonly ns: number;
  /** Whether it is one of the percentiles that tables give. */
  readonly named: boolean;
}

export const namedPercentiles = [
  { x: 2, label: "p50", metric: "latencyNsP50" },
  { x: 10, label: "p90", metric: "latencyNsP90" },
  { x: 100, label: "p99", metric: "latencyNsP99" },
  { x: 1_000, label: "p99.9", metric: "latencyNsP999" },
  { x: 10_000, label: "p99.99", metric: "latencyNsP9999" },
] as const;

const stepsPerDecade = 8;

/** Samples that must lie beyond a percentile for it to be drawn: behind fewer, a curve follows single messages. */
const samplesBeyond = 10;

/** p50 to p99.99, evenly spaced on the axis, the named ones among them. */
function positions(): { x: number; named: boolean }[] {
  const last = Math.log10(10_000);
  const fine: { x: number; named: boolean }[] = [];
  for (let step = Math.ceil(Math.log10(2) * stepsPerDecade); step <= last * stepsPerDecade; step++) {
    fine.push({ x: 10 ** (step / stepsPerDecade), named: step % stepsPerDecade === 0 });
  }
  return [{ x: 2, named: true }, ...fine];
}

/**
 * The curve of a result: from its merged histogram as far as ten samples lie beyond the percentile, or, without a
 * histogram, through the medians that tables give. Throws what hdr-histogram-js throws on a broken histogram.
 */
export function curveOf(result: CellResult): CurvePoint[] {
  if (result.histogram === null) {
    return namedPercentiles.flatMap(({ x, metric }) => {
      const found = result.metrics[metric];
      return found === undefined ? [] : [{ x, ns: found.median, named: true }];
    });
  }
  const histogram = decodeFromCompressedBase64(result.histogram);
  const maxNs = exactMaxNs(result);
  return positions()
    .filter(({ x }) => x * samplesBeyond <= histogram.totalCount)
    .map(({ x, named }) => ({
      x,
      named,
      ns: Math.min(histogram.getValueAtPercentile(100 * (1 - 1 / x)), maxNs),
    }))
    .filter(({ ns }) => ns > 0);
}

/** The bucket that holds the maximum ends beyond it; what was recorded beside the histogram is exact. */
function exactMaxNs({ metrics }: CellResult): number {
  const rounds = metrics.latencyNsMax?.perRound.filter((ns) => ns !== null) ?? [];
  return rounds.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...rounds);
}
