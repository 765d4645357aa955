import { detectableEffectPct } from "../detectable.ts";
import { logMargin, logToPct } from "../margin.ts";
import { ascending, mean, medianOfSorted } from "../moments.ts";
import type { Random } from "../random.ts";
import { type Decision, decideStop, type StoppingRule, sequentialLooks } from "../sequential.ts";
import { drawLogRatios, type NoiseModel } from "./noises.ts";
import { countShare, type Share, shareOf } from "./share.ts";

/** Two or more rounds make a ratio; before that `sequentialRatio` withholds. */
export const firstLook = 2;

export interface Stop {
  readonly state: Decision["state"];
  readonly rounds: number;
}

/** Looks after every round until the rule says stop. */
function runUntilStop(logs: readonly number[], rule: StoppingRule): Stop {
  for (const look of sequentialLooks(logs).slice(firstLook - 1)) {
    const { state } = decideStop(look, look.rounds, rule);
    if (state !== "go-on") return { state, rounds: look.rounds };
  }
  return { state: "budget", rounds: logs.length };
}

export interface StoppingSetup extends StoppingRule {
  readonly model: NoiseModel;
  /** Noise of one side; the log ratio's standard deviation is √2 times this for normal noise. */
  readonly size: number;
  readonly repetitions: number;
}

/** Share of A/A comparisons that are ever decided, looking after every round up to the budget. */
export function sequentialError(random: Random, setup: StoppingSetup): Share {
  return countShare(setup.repetitions, () => {
    const logs = drawLogRatios(random, setup.model, setup.size, setup.budgetRounds);
    return runUntilStop(logs, setup).state === "decided";
  });
}

/** Share of A/A comparisons in which, at some look up to the budget, the 95 % interval leaves out 1: no margin helps. */
export function sequentialMiss(random: Random, setup: StoppingSetup): Share {
  return countShare(setup.repetitions, () => {
    const looks = sequentialLooks(drawLogRatios(random, setup.model, setup.size, setup.budgetRounds));
    return looks.some(({ ciLow, ciHigh }) => ciLow > 1 || ciHigh < 1);
  });
}

export interface StoppingRounds {
  /** Share decided within the budget. */
  readonly found: Share;
  /** Share that ended as a tie. */
  readonly tied: Share;
  readonly meanRounds: number;
  readonly medianRounds: number;
  /** The round by which 95 % of comparisons had stopped. */
  readonly roundsP95: number;
}

/** Rounds until a true difference of `effectPct` is decided, or a tie, or the budget is used up. */
export function sequentialRounds(random: Random, setup: StoppingSetup, effectPct: number): StoppingRounds {
  const effect = logMargin(effectPct);
  const stops = Array.from({ length: setup.repetitions }, () =>
    runUntilStop(drawLogRatios(random, setup.model, setup.size, setup.budgetRounds, effect), setup),
  );
  return summaryOf(stops);
}

/** How simulated comparisons ended, and after how many rounds; NaN for the 95 % round of none. */
export function summaryOf(stops: readonly Stop[]): StoppingRounds {
  const ended = (state: Stop["state"]): Share =>
    shareOf(stops.filter((stop) => stop.state === state).length, stops.length);
  const rounds = ascending(stops.map((stop) => stop.rounds));
  return {
    found: ended("decided"),
    tied: ended("tie"),
    meanRounds: mean(rounds),
    medianRounds: medianOfSorted(rounds),
    roundsP95: rounds[Math.ceil(0.95 * rounds.length) - 1] ?? Number.NaN,
  };
}

/**
 * Rounds that the fixed design needs to find `effectPct` with the given power at the same error: the smallest number
 * whose minimum detectable effect is no larger. It knows the noise beforehand, which a real fixed design does not.
 */
export function fixedRounds(setup: StoppingSetup, effectPct: number, power: number): number {
  const { marginPct, familySize, size } = setup;
  const logSd = Math.SQRT2 * size;
  let rounds = 2;
  while ((detectableEffectPct({ rounds, logSd }, { marginPct, familySize, power }) ?? 0) > effectPct)
    rounds += 1;
  return rounds;
}

/** Percent by which rounds of noise `size` on each side scatter in the ratio: one standard deviation. */
export function ratioNoisePct(size: number): number {
  return logToPct(Math.SQRT2 * size);
}
