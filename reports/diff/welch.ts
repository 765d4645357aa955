import { type Interval, studentT975 } from "../decision/interval.ts";

interface Sample {
  readonly n: number;
  readonly mean: number;
  /** Squared standard error of the mean. */
  readonly error: number;
}

/**
 * Mean of `b` less mean of `a` with its 95 % interval, where nothing pairs the two: Welch (1947), with the degrees of
 * freedom of Satterthwaite (1946), rounded down. Null where either has fewer than two values.
 */
export function welch(a: readonly number[], b: readonly number[]): Interval | null {
  const [x, y] = [sampleOf(a), sampleOf(b)];
  if (x === null || y === null) return null;
  const mean = y.mean - x.mean;
  const error = x.error + y.error;
  // Without any spread the interval has no width, whatever the degrees of freedom.
  if (error === 0) return { mean, low: mean, high: mean };
  const df = error ** 2 / (x.error ** 2 / (x.n - 1) + y.error ** 2 / (y.n - 1));
  const reach = studentT975(Math.max(1, Math.floor(df))) * Math.sqrt(error);
  return { mean, low: mean - reach, high: mean + reach };
}

function sampleOf(values: readonly number[]): Sample | null {
  const n = values.length;
  if (n < 2) return null;
  const mean = values.reduce((sum, v) => sum + v, 0) / n;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1);
  return { n, mean, error: variance / n };
}
