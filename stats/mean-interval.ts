import { mean, variance } from "./moments.ts";
import { studentReach, studentTwoSidedP } from "./student.ts";

/** A mean with its Student interval and the two-sided p value of "the mean is 0". */
export interface MeanInterval {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (divisor n − 1). */
  readonly sd: number;
  readonly low: number;
  readonly high: number;
  readonly p: number;
}

/**
 * x̄ ± t(1 − α/2; n − 1) s/√n, and p = P(|T| ≥ |x̄| √n / s). Needs at least two values, else a RangeError.
 * Source: Student, "The probable error of a mean", Biometrika 6 (1908) 1–25.
 *
 * Values without any spread (counters that agree to the digit) give an interval of no width, with p 1 where they are
 * all 0 and p 0 where they are not: the formula's own limits.
 */
export function meanInterval(values: readonly number[]): MeanInterval {
  const n = values.length;
  if (n < 2) throw new RangeError(`an interval needs 2 values or more, got ${n}`);
  const centre = mean(values);
  const sd = Math.sqrt(variance(values));
  const error = sd / Math.sqrt(n);
  const reach = error === 0 ? 0 : studentReach(0.95, n - 1) * error;
  const p = error === 0 ? Number(centre === 0) : studentTwoSidedP(centre / error, n - 1);
  return { n, mean: centre, sd, low: centre - reach, high: centre + reach, p };
}
