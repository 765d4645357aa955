import { normalCdf, normalQuantile } from "./normal.ts";
import { studentTwoSidedP } from "./student.ts";

/** One comparison of the reference with its replicate: t of "the ratio is 1" on `df` degrees of freedom. */
export interface NullContrast {
  readonly t: number;
  readonly df: number;
}

export interface Calibration {
  /** c, by which every error of the run is multiplied; 1 and above. */
  readonly factor: number;
  readonly contrasts: number;
  /** Mean of t² ÷ its expectation, each contrast weighed by how well its t² is known; null where none carries information. */
  readonly excess: number | null;
  /** How far the excess is believed, 0 to 1: less of few contrasts, and of few rounds. */
  readonly weight: number;
  /** Chance of t values as far out where the two are one program and the errors are honest; null without a contrast. */
  readonly p: number | null;
}

/** Spread of the true excess over runs that the shrinkage takes for granted: c² of 1 to 3 has been seen. */
const priorVariance = 1;

/**
 * How much larger a run's errors are than the scatter of its rounds says, learned from contrasts whose truth is known to be 0.
 *
 * Student's t has E t² = ν/(ν − 2). The excess E is the mean of t²/E t² over the contrasts, each with weight 1/v, where
 * v = Var t² / (E t²)² = 3(ν − 2)/(ν − 4) − 1; from 5 rounds down v has no bound and a contrast says nothing. Chance alone
 * moves the mean by V = 1/Σ(1/v), so that E is drawn towards 1 by τ²/(τ² + V), τ² = 1, as a normal mean is by its prior. Then
 * c = √max(1, 1 + τ²/(τ² + V) · (E − 1)).
 * Sources: Efron, "Large-scale simultaneous hypothesis testing: the choice of a null hypothesis", JASA 99 (2004) 96–104;
 * moments of t: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 28; the shrinkage: Efron
 * and Morris, JASA 68 (1973) 117–130.
 *
 * p is that of Σz² on χ², z the normal score of each contrast's own p.
 */
export function calibrate(contrasts: readonly NullContrast[]): Calibration {
  let [information, sum, scores] = [0, 0, 0];
  for (const { t, df } of contrasts) {
    scores += normalQuantile(studentTwoSidedP(t, df) / 2) ** 2;
    if (df <= 4) continue;
    const variance = (3 * (df - 2)) / (df - 4) - 1;
    information += 1 / variance;
    sum += (t * t * (df - 2)) / df / variance;
  }
  const count = contrasts.length;
  const p = count === 0 ? null : chiSquareTail(scores, count);
  if (information === 0) return { factor: 1, contrasts: count, excess: null, weight: 0, p };
  const excess = sum / information;
  const weight = priorVariance / (priorVariance + 1 / information);
  return { factor: Math.sqrt(Math.max(1, 1 + weight * (excess - 1))), contrasts: count, excess, weight, p };
}

/** P(χ²(df) ≥ x) of whole degrees of freedom, in closed form: Abramowitz and Stegun 26.4.4 and 26.4.5. */
export function chiSquareTail(x: number, df: number): number {
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  const isEven = df % 2 === 0;
  // The terms are e^(−x/2) x^k/(2·4·…·2k), or 2φ(√x) x^(k−½)/(1·3·…·(2k−1)); as logarithms, since the first may underflow.
  let logTerm = isEven ? -x / 2 : Math.log(2 / Math.sqrt(2 * Math.PI)) - x / 2 + Math.log(x) / 2;
  let tail = isEven ? 0 : 2 * normalCdf(-Math.sqrt(x));
  for (let k = isEven ? 2 : 3; k <= df; k += 2) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(x / k);
  }
  return Math.min(1, tail);
}
