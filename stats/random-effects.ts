import { studentReach } from "./student.ts";

/** One machine's estimate of an effect, on the log scale for a ratio, with the variance of its error. */
export interface Effect {
  readonly estimate: number;
  readonly variance: number;
}

/** An effect over machines. */
export interface RandomEffects {
  readonly machines: number;
  readonly mean: number;
  /** Variance of the true effect from machine to machine (Paule and Mandel). */
  readonly tau2: number;
  /** Hartung and Knapp's standard error of the mean, on machines − 1 degrees of freedom. */
  readonly error: number;
  readonly low: number;
  readonly high: number;
  /** Where the effect of a further machine of this kind lies with the same confidence; null below three machines. */
  readonly predictLow: number | null;
  readonly predictHigh: number | null;
}

/**
 * The mean effect over machines, each of which has its own effect. Weights are 1 ÷ (τ² + vᵢ) with Paule and Mandel's τ²
 * (J. Res. NBS 87 (1982) 377–385; DerSimonian and Kacker, Contemp. Clin. Trials 28 (2007) 105–114). The interval is Hartung and
 * Knapp's (Statist. Med. 20 (2001) 3875–3889): Student's, on a variance that is estimated from how far the machines lie apart,
 * Σ wᵢ (yᵢ − ȳ)² ÷ ((k − 1) Σ wᵢ). That factor is never taken below 1 (Jackson et al., Statist. Med. 36 (2017) 3923–3934), lest
 * machines that agree by accident make an interval narrower than their own errors. The interval of a further machine is
 * Higgins, Thompson and Spiegelhalter's (J. R. Statist. Soc. A 172 (2009) 137–159), on k − 2 degrees of freedom.
 *
 * Needs two effects with variances above 0, else a RangeError.
 */
export function randomEffects(effects: readonly Effect[]): RandomEffects {
  const k = effects.length;
  if (k < 2) throw new RangeError(`an effect over machines needs 2 of them or more, got ${k}`);
  const wrong = effects.find(({ variance }) => !(variance > 0));
  if (wrong !== undefined) throw new RangeError(`a variance must be above 0, got ${wrong.variance}`);
  return hartungKnapp(effects, pauleMandel(effects));
}

/** The same at a variance between machines that is known, or estimated otherwise. */
export function hartungKnapp(effects: readonly Effect[], tau2: number): RandomEffects {
  const k = effects.length;
  const { mean, weight, q } = at(effects, tau2);
  const error = Math.sqrt(Math.max(1, q / (k - 1)) / weight);
  const reach = studentReach(0.95, k - 1) * error;
  const further = k < 3 ? null : studentReach(0.95, k - 2) * Math.sqrt(tau2 + error * error);
  return {
    machines: k,
    mean,
    tau2,
    error,
    low: mean - reach,
    high: mean + reach,
    predictLow: further === null ? null : mean - further,
    predictHigh: further === null ? null : mean + further,
  };
}

/** The τ² at which the weighted spread is what chance alone would make it, k − 1; 0 where it is less without any. */
export function pauleMandel(effects: readonly Effect[]): number {
  const wanted = effects.length - 1;
  if (at(effects, 0).q <= wanted) return 0;
  // The spread falls as τ² rises, so that halving the bracket finds the one point.
  let low = 0;
  let high = Math.max(...effects.map(({ variance }) => variance));
  while (at(effects, high).q > wanted) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i += 1) {
    const middle = (low + high) / 2;
    if (at(effects, middle).q > wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Weighted mean, sum of the weights and weighted spread at a given τ². */
function at(effects: readonly Effect[], tau2: number) {
  let weight = 0;
  let total = 0;
  for (const { estimate, variance } of effects) {
    weight += 1 / (tau2 + variance);
    total += estimate / (tau2 + variance);
  }
  const mean = total / weight;
  let q = 0;
  for (const { estimate, variance } of effects) q += (estimate - mean) ** 2 / (tau2 + variance);
  return { mean, weight, q };
}
