import { expect, test } from "bun:test";
import fc from "fast-check";
import { Histogram, highestNs } from "../load/histogram.ts";
import { decodeHistogram, encodeHistogram } from "../load/histogram-codec.ts";
import { latencyMetrics } from "./metrics.ts";

/** Of every magnitude, with fractions as the clock gives them. */
const samplesNs = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 41 }), fc.integer({ min: 0, max: 4095 })).map(([bit, by]) => {
    return Math.min(2 ** bit * (1 + by / 4096), highestNs);
  }),
  { minLength: 1, maxLength: 200 },
);

test("percentiles rise to the maximum and none is above it, whatever the samples", () => {
  fc.assert(
    fc.property(samplesNs, (samples) => {
      const recorded = new Histogram();
      for (const ns of samples) recorded.record(ns);
      for (const histogram of [recorded, decodeHistogram(encodeHistogram(recorded))]) {
        const { latencyNsMean: _, ...rising } = latencyMetrics(histogram);
        const figures = Object.values(rising);
        expect(figures).toEqual(figures.toSorted((a, b) => a - b));
        expect(figures).toHaveLength(6);
        expect(rising.latencyNsMax).toBe(Math.max(...samples));
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});
