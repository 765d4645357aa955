import { type Assumptions, checkAssumptions } from "./assumptions.ts";
import { type HodgesLehmann, hodgesLehmann } from "./hodges-lehmann.ts";
import { type LogRatios, logRatios, type WithheldRatio } from "./log-ratios.ts";
import { type MeanInterval, meanInterval } from "./mean-interval.ts";
import { studentTwoSidedP } from "./student.ts";
import { intervalOf, type LogEstimate } from "./verdict.ts";

/** A ratio with its 95 % interval; the ends are null where so few rounds allow none. */
export interface RobustRatio {
  readonly ratio: number;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  /** Coverage the interval really has, e.g. 0.9512 at 10 rounds. */
  readonly coverage: number | null;
}

/** a ÷ b over the rounds in which both were measured. */
export interface MeasuredRatio {
  readonly status: "measured";
  /** Geometric mean of the per-round ratios, with Student's interval on their logarithms. */
  readonly ratio: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  /** Two-sided p of "the ratio is 1", before any correction. */
  readonly p: number;
  /** Standard deviation of the log ratios. */
  readonly logSd: number;
  /** The mean of the log ratios, what `ratio` is the exponential of, with the error that the interval and p rest on. */
  readonly log: LogEstimate;
  /** Log ratios with a place for every round, null where a side was missing. */
  readonly byRound: readonly (number | null)[];
  readonly rounds: number;
  /** Rounds left out because a side was missing. */
  readonly droppedRounds: number;
  readonly hodgesLehmann: RobustRatio;
  readonly assumptions: Assumptions;
  /** The mean and the robust estimate disagree: look at the rounds before believing either. */
  readonly disagree: boolean;
}

export type PairedRatio = MeasuredRatio | WithheldRatio;

/**
 * The ratio of a pair over rounds, paired as `logRatios` says. Paired t on log ratios: Student (1908) on ln(aᵢ/bᵢ), back
 * by exp, which makes the point estimate a geometric mean; the pairing takes out what a round does to both. Beside it
 * stand Hodges and Lehmann (1963) and a check of what Student takes for granted.
 */
export function pairedRatio(a: readonly (number | null)[], b: readonly (number | null)[]): PairedRatio {
  const pairs = logRatios(a, b);
  return pairs.status === "withheld" ? pairs : measured(pairs);
}

function measured({ logs, byRound, droppedRounds }: LogRatios): MeasuredRatio {
  const student = meanInterval(logs);
  const robust = hodgesLehmann(logs);
  return {
    status: "measured",
    ratio: Math.exp(student.mean),
    ciLow: Math.exp(student.low),
    ciHigh: Math.exp(student.high),
    p: student.p,
    logSd: student.sd,
    log: { mean: student.mean, error: student.sd / Math.sqrt(student.n), df: student.n - 1 },
    byRound,
    rounds: logs.length,
    droppedRounds,
    hodgesLehmann: {
      ratio: Math.exp(robust.estimate),
      ciLow: robust.low === null ? null : Math.exp(robust.low),
      ciHigh: robust.high === null ? null : Math.exp(robust.high),
      coverage: robust.coverage,
    },
    assumptions: checkAssumptions(logs),
    disagree: disagree(student, robust),
  };
}

/** The ratio with its interval and p by another error of the same mean. */
export function restated(pair: MeasuredRatio, log: LogEstimate): MeasuredRatio {
  const { low, high } = intervalOf(log, 0.95);
  const p = log.error === 0 ? pair.p : studentTwoSidedP(log.mean / log.error, log.df);
  return { ...pair, log, ciLow: Math.exp(low), ciHigh: Math.exp(high), p };
}

/**
 * The ratio with every error `factor` times as large: what a run's A/A contrasts have shown its errors to be (see
 * `calibrate`). Hodges and Lehmann's interval is widened about its estimate by the same factor.
 */
export function widened(pair: MeasuredRatio, factor: number): MeasuredRatio {
  if (factor === 1) return pair;
  const robust = pair.hodgesLehmann;
  const away = (end: number | null) => (end === null ? null : robust.ratio * (end / robust.ratio) ** factor);
  return {
    ...restated(pair, { ...pair.log, error: factor * pair.log.error }),
    hodgesLehmann: { ...robust, ciLow: away(robust.ciLow), ciHigh: away(robust.ciHigh) },
  };
}

/** Different stories: an estimate outside the other's interval, or one interval that includes "no difference" and one that does not. */
function disagree(student: MeanInterval, robust: HodgesLehmann): boolean {
  if (robust.estimate < student.low || robust.estimate > student.high) return true;
  if (robust.low === null || robust.high === null) return false;
  if (student.mean < robust.low || student.mean > robust.high) return true;
  return side(student.low, student.high) !== side(robust.low, robust.high);
}

/** −1 or 1 where the whole interval is on one side of zero, else 0. */
function side(low: number, high: number): -1 | 0 | 1 {
  if (low > 0) return 1;
  return high < 0 ? -1 : 0;
}
