import { expect, test } from "bun:test";
import fc from "fast-check";
import * as hdr from "hdr-histogram-js";
import { histogramSnapshot } from "../../schemas/load.ts";
import { countsLength, Histogram, highestNs, highestNsAt, indexOf, lowestNsAt } from "./histogram.ts";
import { decodeHistogram, encodeHistogram } from "./histogram-codec.ts";

/** Latencies of every magnitude, edges of buckets and powers of two among them. */
const valueNs = fc
  .oneof(
    fc.nat(5000),
    fc.integer({ min: 0, max: highestNs }),
    fc
      .tuple(fc.integer({ min: 0, max: 41 }), fc.integer({ min: -2, max: 2 }))
      .map(([bit, by]) => Math.max(0, 2 ** bit + by)),
    fc.double({ min: 0, max: 41, noNaN: true }).map((power) => Math.floor(2 ** power)),
  )
  .map((value) => Math.min(value, highestNs));
const valuesNs = fc.array(valueNs, { maxLength: 300 });

const record = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

test("the layout is hdr-histogram-js's own", () => {
  const standard = new hdr.Float64Histogram(1, highestNs, 3);
  expect(countsLength).toBe(standard.countsArrayLength);
  fc.assert(
    fc.property(valueNs, (value) => {
      expect(indexOf(value)).toBe(standard.countsArrayIndex(value));
      expect(lowestNsAt(indexOf(value))).toBe(standard.lowestEquivalentValue(value));
      expect(highestNsAt(indexOf(value))).toBe(standard.highestEquivalentValue(value));
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test("percentiles equal hdr-histogram-js's up to the maximum, which is exact as minimum and mean are", () => {
  fc.assert(
    fc.property(valuesNs, fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (values, percents) => {
      const ours = record(values);
      const standard = new hdr.Float64Histogram(1, highestNs, 3);
      for (const value of values) standard.recordValue(value);
      for (const percent of [0, 50, 90, 99, 99.9, 99.99, 100, ...percents]) {
        const bounded = Math.min(standard.getValueAtPercentile(percent), ours.maxNs);
        expect(ours.percentileNs(percent)).toBe(bounded);
      }
      const rising = percents.toSorted((a, b) => a - b);
      expect(ours.percentilesNs(rising)).toEqual(rising.map((percent) => ours.percentileNs(percent)));
      const sumNs = values.reduce((sum, value) => sum + value, 0);
      expect(ours.total).toBe(values.length);
      expect(ours.maxNs).toBe(Math.max(0, ...values));
      expect(ours.minNs).toBe(values.length === 0 ? 0 : Math.min(...values));
      expect(ours.meanNs).toBe(values.length === 0 ? 0 : sumNs / values.length);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test("recordMany and add are recording again and again", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1e9), fc.nat(5))), valuesNs, (runs, values) => {
      const many = new Histogram();
      for (const [value, count] of runs) many.recordMany(value, count);
      many.add(record(values));
      const each = record([...runs.flatMap(([value, count]) => Array<number>(count).fill(value)), ...values]);
      expect(many.counts).toEqual(each.counts);
      expect([many.total, many.minNs, many.maxNs]).toEqual([each.total, each.minNs, each.maxNs]);
      expect(many.meanNs).toBeCloseTo(each.meanNs, 0);
    }),
    { seed: 1, numRuns: 30 },
  );
});

test("a fraction of a ns goes to the bucket below it and counts in the mean", () => {
  const histogram = record([1.75, 2.25]);
  expect([histogram.counts[1], histogram.counts[2], histogram.meanNs]).toEqual([1, 1, 2]);
});

test("what no latency can be is refused", () => {
  for (const value of [-1, Number.NaN, highestNs + 1, Number.POSITIVE_INFINITY]) {
    expect(() => new Histogram().record(value)).toThrow(`got ${value}`);
  }
});

test("the encoding is what hdr-histogram-js writes and reads, and comes back the same", () => {
  fc.assert(
    fc.property(valuesNs, (values) => {
      const ours = record(values);
      const snapshot = histogramSnapshot.parse(JSON.parse(JSON.stringify(encodeHistogram(ours))));
      const standard = new hdr.Float64Histogram(1, highestNs, 3);
      for (const value of values) standard.recordValue(value);
      expect(hdr.decodeFromCompressedBase64(snapshot.hdr, 64).totalCount).toBe(values.length);
      const standardP99 = hdr.decodeFromCompressedBase64(snapshot.hdr).getValueAtPercentile(99);
      expect(Math.min(standardP99, ours.maxNs)).toBe(ours.percentileNs(99));
      const back = decodeHistogram(snapshot);
      expect(back.counts).toEqual(ours.counts);
      expect([back.total, back.minNs, back.maxNs, back.meanNs]).toEqual([
        ours.total,
        ours.minNs,
        ours.maxNs,
        ours.meanNs,
      ]);
    }),
    { seed: 1, numRuns: 30 },
  );
});

test("an encoding of another layout, or with another total, is refused", () => {
  const other = new hdr.Float64Histogram(1, 1e6, 2);
  other.recordValue(5);
  const exact = { total: 1, sumNs: 5, minNs: 5, maxNs: 5 };
  expect(() => decodeHistogram({ hdr: hdr.encodeIntoCompressedBase64(other), ...exact })).toThrow("laid out");
  expect(() => decodeHistogram({ ...encodeHistogram(record([5, 6])), ...exact })).toThrow(
    "add up to 2, its total says 1",
  );
  expect(() => decodeHistogram({ ...encodeHistogram(record([5, 9000])), maxNs: 5 })).toThrow(
    "outside 5..5 ns",
  );
});

test("reset leaves an empty histogram", () => {
  const histogram = record([1, 2.5, 3e9]);
  histogram.reset();
  expect([
    histogram.total,
    histogram.maxNs,
    histogram.minNs,
    histogram.meanNs,
    histogram.percentileNs(99),
  ]).toEqual([0, 0, 0, 0, 0]);
  expect(histogram.counts.every((count) => count === 0)).toBe(true);
  histogram.add(record([7]));
  expect(histogram.minNs).toBe(7);
});
