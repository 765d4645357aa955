import type { Random } from "../../stats/random.ts";

/** A model of what a round does to a figure: a factor around 1, of a size that is 0.1 for "10 % noise". */
export interface NoiseModel {
  readonly name: string;
  readonly factor: (random: Random, size: number) => number;
  /** Factors of rounds in their order, where they are not independent of each other. */
  readonly series?: (random: Random, size: number, rounds: number) => number[];
  /** Median of the factor. */
  readonly median: (size: number) => number;
}

const centred = (): number => 1;

/** The value itself is normal. Below zero, ten standard deviations away at 10 %, it would have no logarithm. */
export const normalNoise: NoiseModel = {
  name: "normal",
  factor: (random, size) => Math.max(1 + size * random.normal(), 1e-6),
  median: centred,
};

/** The logarithm is normal. */
export const logNormalNoise: NoiseModel = {
  name: "log-normal",
  factor: (random, size) => Math.exp(size * random.normal()),
  median: centred,
};

/** The logarithm is Student's t with 3 degrees of freedom, scaled to unit variance: now and then a round is far off. */
export const heavyTailedNoise: NoiseModel = {
  name: "heavy-tailed",
  factor: (random, size) => {
    const chi2 = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2;
    return Math.exp((size * random.normal()) / Math.sqrt(chi2));
  },
  median: centred,
};

/** A delay on top, log-normal with σ = 1: most rounds close together, some slow, none fast. */
export const stallNoise: NoiseModel = {
  name: "stalls",
  factor: (random, size) => 1 + size * Math.exp(random.normal()),
  median: (size) => 1 + size,
};

/** Two speeds of the machine: one visit in four takes 3 noises longer, on top of a log-normal third of the noise. */
export const twoSpeedNoise: NoiseModel = {
  name: "two speeds",
  factor: (random, size) => Math.exp((random.uniform() < 0.25 ? 3 * size : 0) + (size / 3) * random.normal()),
  median: () => Number.NaN,
};

/** Log-normal rounds of which each resembles the one before by 0.5: a machine that wanders, each side on its own. */
export const wanderingNoise: NoiseModel = {
  ...logNormalNoise,
  name: "wandering",
  series: (random, size, rounds) => {
    let state = random.normal();
    return Array.from({ length: rounds }, () => {
      const now = state;
      state = 0.5 * state + Math.sqrt(0.75) * random.normal();
      return Math.exp(size * now);
    });
  },
};

export const noiseModels: readonly NoiseModel[] = [normalNoise, logNormalNoise, heavyTailedNoise, stallNoise];

/** The noises of whole runs: those that a machine shows, and that intervals have to bear. */
export const runNoises: readonly NoiseModel[] = [
  logNormalNoise,
  heavyTailedNoise,
  twoSpeedNoise,
  wanderingNoise,
];

/** `rounds` figures around 1. */
export function drawRounds(random: Random, model: NoiseModel, size: number, rounds: number): number[] {
  return (
    model.series?.(random, size, rounds) ?? Array.from({ length: rounds }, () => model.factor(random, size))
  );
}

/** Log ratios of two sides with the same noise and a true ratio of exp(`effect`). */
export function drawLogRatios(
  random: Random,
  model: NoiseModel,
  size: number,
  rounds: number,
  effect = 0,
): number[] {
  const other = drawRounds(random, model, size, rounds);
  return drawRounds(random, model, size, rounds).map(
    (x, i) => effect + Math.log(x / (other[i] ?? Number.NaN)),
  );
}
