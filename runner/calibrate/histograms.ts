import type { HistogramSnapshot } from "../../schemas/load.ts";
import { countsLength, type Histogram, lowestNsAt } from "../load/histogram.ts";
import { decodeHistogram } from "../load/histogram-codec.ts";
import { CalibrationFailure } from "./calibrator.ts";

/** Throws CalibrationFailure for a window in which nothing arrived. */
export function histogramOf(snapshot: HistogramSnapshot | null): Histogram {
  if (snapshot === null) throw new CalibrationFailure("not a single message arrived in the window");
  return decodeHistogram(snapshot);
}

/** Samples in the buckets that begin at `ns` or later: exact to the bucket's 0.1 %. */
export function countFrom(histogram: Histogram, ns: number): number {
  let count = 0;
  for (let i = countsLength - 1; i >= 0 && lowestNsAt(i) >= ns; i -= 1) count += histogram.counts[i]!;
  return count;
}
