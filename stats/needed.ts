import { logMargin } from "./margin.ts";
import { studentReach } from "./student.ts";
import { equalAlpha, familyAlpha, type LogEstimate } from "./verdict.ts";

export interface NeededRule {
  readonly thresholdPct: number;
  readonly equalPct: number;
  /** Members of the declared family: the p of a verdict is held to 5 % ÷ this. */
  readonly familySize: number;
  /** Rounds that the estimate was made of. What its degrees of freedom are beyond these, it keeps with more of them. */
  readonly rounds: number;
}

/** Beyond this many times the rounds there are, an estimate of what would be needed says nothing. */
const mostTimes = 100;

/**
 * Rounds after which a comparison would be decided, if its estimate and its spread stayed where they are: the first at which the
 * 95 % interval and Holm's first step are beyond the threshold, or the 90 % interval within the margin of equality. Null where
 * neither would be within a hundred times the rounds there are, or where the rounds show no spread.
 */
export function roundsToDecide({ mean, error, df }: LogEstimate, rule: NeededRule): number | null {
  const had = rule.rounds;
  const lent = df - (had - 1);
  if (!(error > 0)) return null;
  const sd = error * Math.sqrt(had);
  const distance = Math.abs(mean);
  const threshold = logMargin(rule.thresholdPct);
  const equal = logMargin(rule.equalPct);
  const isDecided = (rounds: number): boolean => {
    const of = (alpha: number) => (studentReach(1 - alpha, rounds - 1 + lent) * sd) / Math.sqrt(rounds);
    const isBeyond = distance - of(0.05) > threshold && distance > of(familyAlpha / rule.familySize);
    return isBeyond || distance + of(2 * equalAlpha) <= equal;
  };
  if (!isDecided(mostTimes * had)) return null;
  // More rounds never undo it, so that the first can be halved down to.
  let [tooFew, enough] = [had - 1, mostTimes * had];
  while (enough - tooFew > 1) {
    const middle = (tooFew + enough) >> 1;
    if (isDecided(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
