import { mean, median } from "./moments.ts";

/** A round that stands apart. It is named, never removed. */
export interface Outlier {
  /** Index of the round in the array given. */
  readonly round: number;
  readonly value: number;
  /** Signed distance from the median in robust standard deviations. */
  readonly score: number;
}

/**
 * Iglewicz and Hoaglin propose 3.5, for large samples. Of 10 sound normal rounds one in eight series would then be
 * accused; 5 with the correction for small samples accuses one in thirty (docs/SIMULATIONS.md).
 */
const limit = 5;

/** Below this, two or three values would have to accuse each other. */
const fewest = 6;

/**
 * Values whose modified z score 0.6745 (x − median) / (b MAD) passes ±5, in order of round; b undoes the bias of the MAD
 * of few values. Missing rounds are passed over. Where more than half the values agree (MAD 0), the mean absolute
 * deviation × 1.2533 takes the place of b MAD / 0.6745.
 * Sources: Iglewicz and Hoaglin, How to Detect and Handle Outliers, ASQC (1993), with its fallback as in IBM SPSS'
 * modified z score; b from Croux and Rousseeuw, "Time-efficient algorithms for two highly robust estimators of scale",
 * COMPSTAT (1992).
 */
export function outliers(perRound: readonly (number | null)[]): Outlier[] {
  const present = perRound.filter((value): value is number => value !== null);
  if (present.length < fewest) return [];
  const centre = median(present);
  const distances = present.map((value) => Math.abs(value - centre));
  const mad = median(distances);
  const scale = mad > 0 ? (smallSampleFactor(present.length) * mad) / 0.6745 : 1.253314 * mean(distances);
  if (scale === 0) return [];
  return perRound.flatMap((value, round) => {
    if (value === null) return [];
    const score = (value - centre) / scale;
    return Math.abs(score) > limit ? [{ round, value, score }] : [];
  });
}

function smallSampleFactor(n: number): number {
  const tabled: Record<number, number> = { 6: 1.2, 7: 1.14, 8: 1.129, 9: 1.107 };
  return tabled[n] ?? n / (n - 0.8);
}
