import { logGamma, regularizedBeta } from "./beta.ts";

/**
 * P(|T| ≥ |t|) of Student's t with `df` degrees of freedom, exact in the far tail.
 * I_x(df/2, 1/2) with x = df / (df + t²): Abramowitz and Stegun 26.7.1 with 26.5.27.
 */
export function studentTwoSidedP(t: number, df: number): number {
  if (Math.abs(t) === Infinity) return 0;
  return regularizedBeta(df / (df + t * t), df / 2, 0.5);
}

function studentDensity(t: number, df: number): number {
  const scale = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  return Math.exp(scale - ((df + 1) / 2) * Math.log1p((t * t) / df));
}

/**
 * The t with P(T ≤ t) = p, for 0 < p < 1 and df ≥ 1; ±Infinity at the ends.
 * Newton's method on the logarithm of the two-sided tail (nearly straight in t, so steps are long and safe), inside a
 * bracket that is halved whenever a step would leave it.
 */
export function studentQuantile(p: number, df: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p === 0.5) return 0;
  const t = positiveQuantile(2 * Math.min(p, 1 - p), df);
  return p < 0.5 ? -t : t;
}

function positiveQuantile(tail: number, df: number): number {
  let low = 0;
  let high = Infinity;
  let t = 1;
  for (let i = 0; i < 200; i += 1) {
    const reached = studentTwoSidedP(t, df);
    if (reached > tail) low = t;
    else high = t;
    const step = (reached / (2 * studentDensity(t, df))) * Math.log(reached / tail);
    if (Math.abs(step) <= 4e-16 * t) break;
    const next = t + step;
    if (next > low && next < high) t = next;
    else t = high === Infinity ? 2 * low + 1 : 0.5 * (low + high);
  }
  return t;
}

/** A quantile is Newton's steps on a continued fraction, and a run asks for the same few over and over. */
const reaches = new Map<string, number>();

/** How far a two-sided interval reaches either way, in standard errors. */
export function studentReach(confidence: number, df: number): number {
  const key = `${confidence} ${df}`;
  const known = reaches.get(key) ?? studentQuantile(0.5 + confidence / 2, df);
  reaches.set(key, known);
  return known;
}
