import { meanInterval } from "./mean-interval.ts";
import { mean, variance } from "./moments.ts";
import { studentReach } from "./student.ts";

/** A mean with its two-sided 95 % interval. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Student's interval of a mean, `widening` times as wide as its values say; null for fewer than two of them. */
export function intervalOfMean(values: readonly number[], widening = 1): Interval | null {
  if (values.length < 2) return null;
  const { mean: centre, low, high } = meanInterval(values);
  return widened({ mean: centre, low, high }, widening);
}

/**
 * Mean of `b` less mean of `a` with its interval, where nothing pairs the two: Welch (1947), with the degrees of freedom of
 * Satterthwaite (1946), rounded down; `widening` as above. Null where either has fewer than two values.
 */
export function intervalOfDifference(
  a: readonly number[],
  b: readonly number[],
  widening = 1,
): Interval | null {
  if (a.length < 2 || b.length < 2) return null;
  const centre = mean(b) - mean(a);
  const [x, y] = [variance(a) / a.length, variance(b) / b.length];
  const error = x + y;
  // Without any spread the interval has no width, whatever the degrees of freedom.
  if (error === 0) return { mean: centre, low: centre, high: centre };
  const df = error ** 2 / (x ** 2 / (a.length - 1) + y ** 2 / (b.length - 1));
  const reach = studentReach(0.95, Math.max(1, Math.floor(df))) * Math.sqrt(error);
  return widened({ mean: centre, low: centre - reach, high: centre + reach }, widening);
}

const widened = ({ mean: centre, low, high }: Interval, by: number): Interval => ({
  mean: centre,
  low: centre - by * (centre - low),
  high: centre + by * (high - centre),
});
