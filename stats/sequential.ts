import { logRatios, type WithheldRatio } from "./log-ratios.ts";
import { logMargin, logToPct } from "./margin.ts";
import { tMixture } from "./t-mixture.ts";
import { familyAlpha } from "./verdict.ts";

/** A comparison after some number of rounds: a point of the chart that shows how its interval shrank. */
export interface SequentialLook {
  readonly rounds: number;
  readonly ratio: number;
  /** 95 % at all looks at once; 0 and Infinity while the rounds are too few for any. */
  readonly ciLow: number;
  readonly ciHigh: number;
  /** Anytime-valid p of "the ratio is 1": the smallest 1/e so far. Holm takes it as it takes any p. */
  readonly p: number;
}

/** a ÷ b so far, by statistics that allow looking after every round. The looks end with this one. */
export interface SequentialRatio extends SequentialLook {
  readonly status: "measured";
  readonly droppedRounds: number;
  readonly looks: readonly SequentialLook[];
}

/** Like `pairedRatio`, for a comparison that may stop when it likes: its interval and p hold at every look at once. */
export function sequentialRatio(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
): SequentialRatio | WithheldRatio {
  const pairs = logRatios(a, b);
  if (pairs.status === "withheld") return pairs;
  const looks = sequentialLooks(pairs.logs);
  const last = looks[looks.length - 1] as SequentialLook;
  return { ...last, status: "measured", droppedRounds: pairs.droppedRounds, looks };
}

/** The looks after 1, 2, … of these log ratios. */
export function sequentialLooks(logs: readonly number[]): SequentialLook[] {
  let p = 1;
  return tMixture(logs, familyAlpha).map(({ n, mean, halfWidth, logE }) => {
    p = Math.min(p, Math.exp(-logE));
    return {
      rounds: n,
      ratio: Math.exp(mean),
      ciLow: Math.exp(mean - halfWidth),
      ciHigh: Math.exp(mean + halfWidth),
      p,
    };
  });
}

export interface StoppingRule {
  /** max(floor, threshold) in percent: what a verdict must clear; Infinity where a floor is still to come. */
  readonly marginPct: number;
  /**
   * The threshold in percent: how narrow a tie is. Not the margin, since the A/A pair's interval is as wide as any other's in
   * the same round: of two that shrink side by side one is soon the narrower, whatever either could show.
   */
  readonly thresholdPct: number;
  /** Members of the declared family; each is decided at 5 % ÷ this, Bonferroni's share, since the others still run. */
  readonly familySize: number;
  /** Rounds after which the comparison ends undecided. */
  readonly budgetRounds: number;
}

export interface Decision {
  readonly state: "decided" | "tie" | "budget" | "go-on";
  readonly why: string;
}

/**
 * Whether a comparison may stop after the rounds it has. `roundsRun` counts all rounds, those dropped too, so that a
 * candidate that keeps failing cannot hold the run.
 *
 * - decided: the whole interval is beyond the margin and p ≤ 5 % ÷ family, so `decideVerdict` with Holm will agree.
 * - tie: the interval is narrower than ±threshold and not beyond the margin: what is left open is smaller than what matters.
 * - budget: the rounds are used up. Else go-on.
 */
export function decideStop(
  pair: SequentialLook | WithheldRatio,
  roundsRun: number,
  rule: StoppingRule,
): Decision {
  const margin = logMargin(rule.marginPct);
  const spent = roundsRun >= rule.budgetRounds;
  if ("why" in pair) return { state: spent ? "budget" : "go-on", why: pair.why };
  const low = Math.log(pair.ciLow);
  const high = Math.log(pair.ciHigh);
  const interval = `interval ${pair.ciLow.toPrecision(4)}–${pair.ciHigh.toPrecision(4)} after ${pair.rounds} rounds`;
  const band = (pct: number) => `±${Number(pct.toPrecision(2))} %`;
  const beyond = low > margin || high < -margin;
  if (beyond && pair.p <= familyAlpha / rule.familySize) {
    return { state: "decided", why: `${interval} is wholly beyond ${band(rule.marginPct)}` };
  }
  if (!beyond && high - low < 2 * logMargin(rule.thresholdPct))
    return { state: "tie", why: `${interval} is narrower than ${band(rule.thresholdPct)}` };
  if (spent)
    return { state: "budget", why: `${interval} is still open at the budget of ${rule.budgetRounds} rounds` };
  const width = Number.isFinite(high - low)
    ? `±${Number(logToPct((high - low) / 2).toPrecision(2))} %`
    : "without bound";
  return { state: "go-on", why: `${interval} is ${width}` };
}
