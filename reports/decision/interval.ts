/** Mean with its two-sided 95 % interval. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** t(0.975; df) for 1 to 10 degrees of freedom, where the series below is not yet exact. */
const small = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];

/**
 * t(0.975; df). Above 10 degrees of freedom the asymptotic series of Abramowitz and Stegun 26.7.5 to its third term, whose
 * error is below 0.0005 there; at or below, the table.
 */
export function studentT975(df: number): number {
  const tabled = small[df - 1];
  if (tabled !== undefined) return tabled;
  const z = 1.959963985;
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + g1 / df + g2 / df ** 2 + g3 / df ** 3;
}

/** The 95 % interval of a mean, Student's; null for fewer than two values. */
export function meanInterval(values: readonly number[]): Interval | null {
  const n = values.length;
  if (n < 2) return null;
  const mean = values.reduce((sum, v) => sum + v, 0) / n;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1);
  const reach = studentT975(n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - reach, high: mean + reach };
}
