import { checkAssumptions } from "../../stats/assumptions.ts";
import { hodgesLehmann } from "../../stats/hodges-lehmann.ts";
import { meanInterval } from "../../stats/mean-interval.ts";
import type { Random } from "../../stats/random.ts";
import { summarize } from "../../stats/summary.ts";
import { drawLogRatios, drawRounds, type NoiseModel } from "./noises.ts";
import { countShare, type Share, shareOf } from "./share.ts";

export interface CoverageSetup {
  readonly model: NoiseModel;
  /** Noise of one side, 0.1 for 10 %. */
  readonly size: number;
  readonly rounds: number;
  readonly repetitions: number;
}

/** How often the 95 % interval of a metric's median holds the true median. */
export function medianCoverage(random: Random, { model, size, rounds, repetitions }: CoverageSetup): Share {
  const truth = model.median(size);
  return countShare(repetitions, () => {
    const summary = summarize(drawRounds(random, model, size, rounds));
    return (summary?.ciLow ?? Infinity) <= truth && truth <= (summary?.ciHigh ?? -Infinity);
  });
}

/** How often the 95 % interval of a ratio (Student on log ratios) holds the true ratio, both sides having the same noise. */
export function ratioCoverage(random: Random, { model, size, rounds, repetitions }: CoverageSetup): Share {
  const truth = Math.log(1.3);
  return countShare(repetitions, () => {
    const { low, high } = meanInterval(drawLogRatios(random, model, size, rounds, truth));
    return low <= truth && truth <= high;
  });
}

/** The same of the Hodges–Lehmann interval; only for 6 rounds or more. */
export function robustCoverage(random: Random, { model, size, rounds, repetitions }: CoverageSetup): Share {
  const truth = Math.log(1.3);
  return countShare(repetitions, () => {
    const { low, high } = hodgesLehmann(drawLogRatios(random, model, size, rounds, truth));
    return (low ?? Infinity) <= truth && truth <= (high ?? -Infinity);
  });
}

/**
 * How often a ratio's interval holds the true ratio of geometric means, and how often the check of normality objects,
 * where `a` has `model` noise and `b` only 1 % normal: the case in which log ratios are skewed. The truth is the mean of
 * many draws.
 */
export function unequalNoise(
  random: Random,
  { model, size, rounds, repetitions }: CoverageSetup,
): { covered: Share; rejected: Share } {
  const draw = (): number => Math.log(model.factor(random, size)) - 0.01 * random.normal();
  let truth = 0;
  const draws = 400_000;
  for (let i = 0; i < draws; i += 1) truth += draw() / draws;
  let rejections = 0;
  const covered = countShare(repetitions, () => {
    const logs = Array.from({ length: rounds }, draw);
    if (checkAssumptions(logs).broken.includes("normality")) rejections += 1;
    const { low, high } = meanInterval(logs);
    return low <= truth && truth <= high;
  });
  return { covered, rejected: shareOf(rejections, repetitions) };
}
