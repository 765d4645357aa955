/**
 * Prior precision c² of the standardised effect δ = μ/σ, mixed as N(0, 1/c²). Runtimes differ by factors where rounds
 * scatter by percents, so the prior is wide: 0.1 lets a large difference be decided at the 5th round in a family of 60
 * (1 would need the 8th), and costs a difference of 10 % about one round in ten more.
 */
const priorPrecision = 0.1;

/** Mean of the values so far with the half-width of its confidence sequence at this look; Infinity while there is none. */
export interface Look {
  readonly n: number;
  readonly mean: number;
  readonly halfWidth: number;
  /** ln of the e-value against "the mean is 0": evidence that may be read at any time. */
  readonly logE: number;
}

/**
 * The t-mixture at each look 1 … n: the likelihood ratio of a scale-free t statistic with δ mixed over a normal prior, a
 * test martingale for normal values of any variance,
 *   G(μ) = √(c²/(n + c²)) · ( (n + c²)V / ((n + c²)V − S²) )^(n/2),  S = Σ(xᵢ − μ), V = Σ(xᵢ − μ)².
 * By Ville's inequality P(some look has G(μ) ≥ 1/α) ≤ α, so {μ : G(μ) < 1/α} covers at all looks at once. Solved for μ,
 * with v = Σ(xᵢ − x̄)²/n and K = ((n + c²)/c² / α²)^(1/n), the half-width is √( v (n + c²)(K − 1) / (n + c² − c²K) ),
 * infinite while the denominator is not positive (at α = 5 %, before the third value).
 * Sources: Wang and Ramdas, "Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance",
 * Sequential Analysis (2025), arXiv:2310.03722, the Gaussian mixture; after Lai, Ann. Statist. 4 (1976) 265–280.
 */
export function tMixture(values: readonly number[], alpha: number): Look[] {
  let mean = 0;
  let squares = 0;
  return values.map((value, index) => {
    const n = index + 1;
    // Welford's update: sums of squares about the running mean, without cancellation.
    const step = value - mean;
    mean += step / n;
    squares += step * (value - mean);
    const v = squares / n;
    return { n, mean, halfWidth: halfWidth(n, v, alpha), logE: logE(n, v, mean) };
  });
}

/**
 * Half-width at look n in standard errors s/√n of the mean; Infinity while there is none. At α ÷ m it is also the distance
 * from 0 at which the e-value of that look reaches m/α: the one is the other solved for the mean.
 */
export function reachInErrors(n: number, alpha: number): number {
  return Math.sqrt(n) * halfWidth(n, (n - 1) / n, alpha);
}

function halfWidth(n: number, v: number, alpha: number): number {
  const total = n + priorPrecision;
  const logK = (Math.log(total / priorPrecision) - 2 * Math.log(alpha)) / n;
  const room = total - priorPrecision * Math.exp(logK);
  return room > 0 ? Math.sqrt((v * total * Math.expm1(logK)) / room) : Infinity;
}

/** ln G(0), in the form that does not cancel: V = n(v + x̄²) and S = n x̄. */
function logE(n: number, v: number, mean: number): number {
  const total = n + priorPrecision;
  const base = 0.5 * Math.log(priorPrecision / total);
  const under = total * v + priorPrecision * mean * mean;
  return under === 0 ? base : base + (n / 2) * Math.log1p((n * mean * mean) / under);
}
