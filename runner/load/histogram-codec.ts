import type { HistogramSnapshot } from "../../schemas/load.ts";
import { countsLength, Histogram, highestNs, lowestNsAt, significantDigits } from "./histogram.ts";

/** Loaded with the first histogram that is written or read: whoever only lists cells does not need it. */
const library = (): typeof import("hdr-histogram-js") => require("hdr-histogram-js");

/** Encoded by hdr-histogram-js, so that the bytes are the standard ones. */
export function encodeHistogram(histogram: Histogram): HistogramSnapshot {
  const hdr = library();
  const standard = new hdr.Float64Histogram(1, highestNs, significantDigits);
  for (let i = 0; i < countsLength; i++) {
    const count = histogram.counts[i]!;
    if (count > 0) standard.recordValueWithCount(lowestNsAt(i), count);
  }
  return {
    hdr: hdr.encodeIntoCompressedBase64(standard),
    total: histogram.total,
    sumNs: histogram.sumNs,
    minNs: histogram.minNs,
    maxNs: histogram.maxNs,
  };
}

/** Throws an Error when the encoded counts are not of this layout or do not add up to the total. */
export function decodeHistogram(snapshot: HistogramSnapshot): Histogram {
  const hdr = library();
  const standard = hdr.decodeFromCompressedBase64(snapshot.hdr, 64);
  if (!(standard instanceof hdr.Float64Histogram) || standard.countsArrayLength !== countsLength) {
    throw new Error(
      `a histogram must be laid out for 1..${highestNs} with ${significantDigits} significant digits`,
    );
  }
  const histogram = new Histogram();
  let total = 0;
  for (let i = 0; i < countsLength; i++) {
    histogram.counts[i] = standard.getCountAtIndex(i);
    total += histogram.counts[i]!;
  }
  if (total !== snapshot.total) {
    throw new Error(`a histogram's counts add up to ${total}, its total says ${snapshot.total}`);
  }
  histogram.restore(snapshot);
  // The histogram looks at the counts between the two alone.
  if (histogram.total !== total) {
    throw new Error(`a histogram's counts lie outside ${snapshot.minNs}..${snapshot.maxNs} ns`);
  }
  return histogram;
}
