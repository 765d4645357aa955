/** Values up to this many ns (1 hour) are kept; no latency within a trial is longer. */
export const highestNs = 3.6e12;
export const significantDigits = 3;

/** Three significant digits need single-unit steps up to 2,000, so 2^11 sub-buckets of which 2^10 repeat. */
const halfBits = 10;
const halfCount = 1 << halfBits;
const twoTo20 = 1 << 20;
const twoTo31 = 2 ** 31;
/** The k-th bucket ends at 2,048 × 2^k; bucket 0 takes two halves, each further one a half. */
const bucketCount = Math.floor(Math.log2(highestNs)) - halfBits + 1;
export const countsLength = (bucketCount + 1) * halfCount;

/**
 * Counts of values in whole ns, laid out as HdrHistogram does it for lowest 1, highest 3.6e12 and 3 significant
 * digits (github.com/HdrHistogram/HdrHistogram, AbstractHistogram.java): linear within a power of two,
 * logarithmic across them, so that each value is kept to within 0.1 %. Every sample counts; minimum, maximum
 * and mean are exact, whatever the bucket width.
 */
export class Histogram {
  readonly counts = new Float64Array(countsLength);
  #sumNs = 0;
  #minNs = Number.POSITIVE_INFINITY;
  #maxNs = 0;

  /** Records one value in ns; a fraction counts for the sum and is cut off for the bucket. Throws RangeError outside 0..3.6e12. */
  record(valueNs: number): void {
    const index = indexOf(valueNs);
    this.counts[index] = this.counts[index]! + 1;
    this.#sumNs += valueNs;
    if (valueNs > this.#maxNs) this.#maxNs = valueNs;
    if (valueNs < this.#minNs) this.#minNs = valueNs;
  }

  /** Records `count` samples that truly have the same value. */
  recordMany(valueNs: number, count: number): void {
    if (count === 0) return;
    const index = indexOf(valueNs);
    this.counts[index] = this.counts[index]! + count;
    this.#sumNs += valueNs * count;
    if (valueNs > this.#maxNs) this.#maxNs = valueNs;
    if (valueNs < this.#minNs) this.#minNs = valueNs;
  }

  /** Adds all of `other`'s samples, without loss. */
  add(other: Histogram): void {
    const [from, to] = other.#used();
    for (let i = from; i < to; i++) this.counts[i] = this.counts[i]! + other.counts[i]!;
    this.#sumNs += other.#sumNs;
    this.#maxNs = Math.max(this.#maxNs, other.#maxNs);
    this.#minNs = Math.min(this.#minNs, other.#minNs);
  }

  reset(): void {
    // What was never written to takes no memory yet, and a zero would.
    this.counts.fill(0, ...this.#used());
    this.#sumNs = 0;
    this.#minNs = Number.POSITIVE_INFINITY;
    this.#maxNs = 0;
  }

  /** Samples recorded; added up here and not with each record, which is the hotter. */
  get total(): number {
    const [from, to] = this.#used();
    let total = 0;
    for (let i = from; i < to; i++) total += this.counts[i]!;
    return total;
  }

  /** Exact sum of all values, in ns. */
  get sumNs(): number {
    return this.#sumNs;
  }

  /** Exact; 0 when empty. */
  get maxNs(): number {
    return this.#maxNs;
  }

  /** Exact; 0 when empty. */
  get minNs(): number {
    return this.#minNs === Number.POSITIVE_INFINITY ? 0 : this.#minNs;
  }

  /** Exact arithmetic mean, the W of Little's law L = λ W; 0 when empty. */
  get meanNs(): number {
    const { total } = this;
    return total === 0 ? 0 : this.#sumNs / total;
  }

  /**
   * HdrHistogram's definition: the highest value equivalent to the one that `percent` % of the samples are at or
   * below; for 0 the lowest equivalent of the smallest; 0 when empty. The bucket of the maximum ends beyond it, so that
   * the exact maximum bounds every percentile.
   */
  percentileNs(percent: number): number {
    return this.percentilesNs([percent])[0] ?? 0;
  }

  /** Several percentiles, which must rise, in one pass over the counts that are used. */
  percentilesNs(percents: readonly number[]): number[] {
    const { total } = this;
    if (total === 0) return percents.map(() => 0);
    const [from, to] = this.#used();
    let at = from;
    let seen = this.counts[at]!;
    return percents.map((percent) => {
      const exact = (Math.min(percent, 100) / 100) * total;
      // One unit in the last place is forgiven, lest floating point skip a whole sample.
      const wanted = Math.max(Math.ceil(exact - unitInTheLastPlace(exact)), 1);
      while (seen < wanted && at + 1 < to) {
        at += 1;
        seen += this.counts[at]!;
      }
      return percent === 0 ? lowestNsAt(at) : Math.min(highestNsAt(at), this.#maxNs);
    });
  }

  /** Indices `[from, to)` of the counts between the smallest value and the largest: all others are 0. */
  #used(): [from: number, to: number] {
    if (this.#minNs > this.#maxNs) return [0, 0];
    return [indexOf(this.#minNs), indexOf(this.#maxNs) + 1];
  }

  /**
   * Takes minimum, maximum and sum that were kept beside encoded counts, whose buckets no longer hold them.
   * For the decoder alone.
   */
  restore(exact: { total: number; sumNs: number; minNs: number; maxNs: number }): void {
    this.#sumNs = exact.sumNs;
    this.#minNs = exact.total === 0 ? Number.POSITIVE_INFINITY : exact.minNs;
    this.#maxNs = exact.maxNs;
  }
}

/** Index of the count that holds `valueNs`. */
export function indexOf(valueNs: number): number {
  if (valueNs >= 0 && valueNs < twoTo31) {
    const value = valueNs | 0;
    const bucket = value < 2 * halfCount ? 0 : 31 - halfBits - Math.clz32(value);
    return (bucket << halfBits) + (value >>> bucket);
  }
  if (!(valueNs >= 0 && valueNs <= highestNs)) {
    throw new RangeError(`a histogram holds 0..${highestNs} ns, got ${valueNs}`);
  }
  // Beyond 31 bits the low 20 can never matter, as buckets there are at least 2^21 wide.
  const high = Math.floor(valueNs / twoTo20);
  const bucket = 31 - halfBits - Math.clz32(high);
  return ((bucket + 20) << halfBits) + (high >>> bucket);
}

/** The smallest value that the count at `index` holds. */
export function lowestNsAt(index: number): number {
  const bucket = bucketOf(index);
  return (index - bucket * halfCount) * 2 ** bucket;
}

/** The largest whole value that the count at `index` holds. */
export function highestNsAt(index: number): number {
  return lowestNsAt(index) + 2 ** bucketOf(index) - 1;
}

function bucketOf(index: number): number {
  return Math.max(0, (index >>> halfBits) - 1);
}

/** Distance from `x` to the next double away from zero, as Java's Math.ulp. */
function unitInTheLastPlace(x: number): number {
  return x === 0 ? Number.MIN_VALUE : 2 ** (Math.floor(Math.log2(x)) - 52);
}
