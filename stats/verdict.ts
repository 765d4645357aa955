import { logMargin, logToPct } from "./margin.ts";
import { studentReach } from "./student.ts";

/** Chance of any false verdict in a declared family. */
export const familyAlpha = 0.05;

/** Chance with which an equivalence test calls two sides equal that differ by just the margin. */
export const equalAlpha = 0.05;

/** The mean of the rounds' log ratios. */
export interface LogEstimate {
  readonly mean: number;
  /** Standard error, calibrated. */
  readonly error: number;
  readonly df: number;
}

export interface VerdictRule {
  /** p of "the ratio is 1" after Holm over the declared family. */
  readonly pHolm: number;
  /** The smallest difference worth a verdict, in percent. */
  readonly thresholdPct: number;
  /** Within what the two are called equal, in percent. */
  readonly equalPct: number;
  readonly better: "lower" | "higher";
}

export interface Verdict {
  readonly verdict: "a-better" | "b-better" | "equal" | "undecided";
  readonly code: "beyond-margin" | "equal-within-margin" | "straddles-margin" | "not-significant-after-holm";
  /** One clause for the report, without a full stop. */
  readonly why: string;
}

/**
 * The answer to "is a better than b, and by enough to matter?". All on the log scale, with ln(1 + margin) both ways, so that
 * swapping a and b swaps the answer:
 *
 * - better: the whole 95 % interval is beyond the threshold, and p after Holm is at most 5 %.
 * - equal: two one-sided tests at 5 % each reject a difference as large as the margin, which is the 90 % interval lying within
 *   it (Schuirmann, J. Pharmacokin. Biopharm. 15, 1987, 657–680). It is not corrected for the number of comparisons: it
 *   claims that a difference does not matter, and each claim has its own 5 %.
 * - undecided: neither. That is an answer about the run, not about the two.
 */
export function decideVerdict(estimate: LogEstimate, rule: VerdictRule): Verdict {
  const { low, high } = intervalOf(estimate, 0.95);
  const threshold = logMargin(rule.thresholdPct);
  const words = `interval ${Math.exp(low).toPrecision(4)}–${Math.exp(high).toPrecision(4)}`;
  const isBeyond = low > threshold || high < -threshold;
  if (isBeyond && rule.pHolm <= familyAlpha) {
    const isABetter = low > threshold === (rule.better === "higher");
    const why = `${words} is wholly beyond ±${pct(rule.thresholdPct)}`;
    return { verdict: isABetter ? "a-better" : "b-better", code: "beyond-margin", why };
  }
  const within = equalWithinPct(estimate);
  if (within <= rule.equalPct) {
    return { verdict: "equal", code: "equal-within-margin", why: `equal within ±${pct(within)}` };
  }
  if (isBeyond) {
    const why = `${words} is beyond ±${pct(rule.thresholdPct)}, yet p = ${rule.pHolm.toPrecision(2)} after Holm passes ${familyAlpha}`;
    return { verdict: "undecided", code: "not-significant-after-holm", why };
  }
  const why = `${words} leaves open whether the two differ by ±${pct(rule.thresholdPct)}`;
  return { verdict: "undecided", code: "straddles-margin", why };
}

/** The two-sided Student interval of a log ratio. */
export function intervalOf(
  { mean, error, df }: LogEstimate,
  confidence: number,
): { readonly low: number; readonly high: number } {
  const reach = error === 0 ? 0 : studentReach(confidence, df) * error;
  return { low: mean - reach, high: mean + reach };
}

/** The smallest margin, in percent, within which the equivalence test would call the two equal: the far end of the 90 % interval. */
export function equalWithinPct(estimate: LogEstimate): number {
  const { low, high } = intervalOf(estimate, 1 - 2 * equalAlpha);
  return logToPct(Math.max(Math.abs(low), Math.abs(high)));
}

function pct(value: number): string {
  // Two digits of a hundred or more would be written as a power of ten.
  return `${value < 99.5 ? Number(value.toPrecision(2)) : Math.round(value)} %`;
}
