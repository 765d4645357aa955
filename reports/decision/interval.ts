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

/** How far a 95 % interval of a mean reaches either way, in standard errors s/√n, by the number of values. */
export type Reach = (n: number) => number;

const student: Reach = (n) => studentT975(n - 1);

/** Prior precision c² of the mixture below: that of the run's own statistics, whose test holds the two together. */
const priorPrecision = 0.1;

/**
 * Reach of the t-mixture's interval, which holds at every look at once: √((n − 1)(n + c²)(K − 1) / (n + c² − c²K)) with
 * K = ((n + c²)/c² / 0.05²)^(1/n); Infinity before the third value. Formula and source: docs/statistics.md, "Stopping early".
 */
export const anytimeReach: Reach = (n) => {
  const total = n + priorPrecision;
  const k = (total / priorPrecision / 0.05 ** 2) ** (1 / n);
  const room = total - priorPrecision * k;
  return room > 0 ? Math.sqrt(((n - 1) * total * (k - 1)) / room) : Infinity;
};

/** The reach that a run's design allows: one that stopped when it liked may only use what holds at every look. */
export const reachOf = (run: { readonly adaptive: boolean }): Reach =>
  run.adaptive ? anytimeReach : student;

/** The interval of a mean; null for fewer than two values, or so few that the reach has no bound. */
export function meanInterval(values: readonly number[], reachIn: Reach): Interval | null {
  const n = values.length;
  if (n < 2 || !Number.isFinite(reachIn(n))) return null;
  const mean = values.reduce((sum, v) => sum + v, 0) / n;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1);
  const reach = reachIn(n) * Math.sqrt(variance / n);
  return { mean, low: mean - reach, high: mean + reach };
}
