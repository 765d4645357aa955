import { ascending, mean } from "./moments.ts";
import { normalCdf, normalQuantile } from "./normal.ts";

/** W near 1 for normal values; `p` is the chance of a W this small if they are normal. */
export interface ShapiroWilk {
  readonly w: number;
  readonly p: number;
}

/**
 * Shapiro–Wilk test of normality for 3 to 5,000 values; null outside that or where all values agree.
 * Source: Shapiro and Wilk, Biometrika 52 (1965) 591–611, with the weights and p value of Royston, "Remark AS R94",
 * Applied Statistics 44 (1995) 547–551.
 */
export function shapiroWilk(values: readonly number[]): ShapiroWilk | null {
  const n = values.length;
  if (n < 3 || n > 5000) return null;
  const sorted = ascending(values);
  const centre = mean(sorted);
  let squares = 0;
  for (const x of sorted) squares += (x - centre) ** 2;
  if (squares === 0) return null;
  let fit = 0;
  for (const [i, weight] of weights(n).entries()) fit += weight * (sorted[i] ?? Number.NaN);
  const w = Math.min(1, (fit * fit) / squares);
  return { w, p: pValue(w, n) };
}

/** Royston's approximation of the best weights: antisymmetric, of unit length. */
function weights(n: number): number[] {
  if (n === 3) return [-Math.SQRT1_2, 0, Math.SQRT1_2];
  const scores = Array.from({ length: n }, (_, i) => normalQuantile((i + 1 - 0.375) / (n + 0.25)));
  const squares = scores.reduce((sum, m) => sum + m * m, 0);
  const u = 1 / Math.sqrt(n);
  const top = scores[n - 1] ?? 0;
  const second = scores[n - 2] ?? 0;
  const aTop =
    top / Math.sqrt(squares) + polynomial(u, [0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056]);
  const aSecond =
    second / Math.sqrt(squares) + polynomial(u, [0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633]);
  const fixed = n > 5 ? 2 : 1;
  const rest =
    fixed === 2
      ? (squares - 2 * top ** 2 - 2 * second ** 2) / (1 - 2 * aTop ** 2 - 2 * aSecond ** 2)
      : (squares - 2 * top ** 2) / (1 - 2 * aTop ** 2);
  const a = scores.map((m) => m / Math.sqrt(rest));
  a[n - 1] = aTop;
  a[0] = -aTop;
  if (fixed === 2) {
    a[n - 2] = aSecond;
    a[1] = -aSecond;
  }
  return a;
}

function pValue(w: number, n: number): number {
  if (n === 3) return Math.max(0, (6 / Math.PI) * (Math.asin(Math.sqrt(w)) - Math.asin(Math.sqrt(0.75))));
  const miss = Math.log1p(-w);
  if (n <= 11) {
    const gamma = -2.273 + 0.459 * n;
    if (miss >= gamma) return 0;
    const mu = polynomial(n, [0.544, -0.39978, 0.025054, -0.0006714]);
    const sigma = Math.exp(polynomial(n, [1.3822, -0.77857, 0.062767, -0.0020322]));
    return normalCdf((mu + Math.log(gamma - miss)) / sigma);
  }
  const x = Math.log(n);
  const mu = polynomial(x, [-1.5861, -0.31082, -0.083751, 0.0038915]);
  const sigma = Math.exp(polynomial(x, [-0.4803, -0.082676, 0.0030302]));
  return normalCdf((mu - miss) / sigma);
}

/** c₀ + c₁x + c₂x² + … */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((sum, c) => sum * x + c, 0);
}
