/** A share counted over repetitions, with the 99 % interval that their number allows. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly repetitions: number;
}

const z = 2.5758293035489004;

/**
 * `count` of `repetitions` with its interval.
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209–212.
 */
export function shareOf(count: number, repetitions: number): Share {
  const share = count / repetitions;
  const spread = z * Math.sqrt((share * (1 - share) + (z * z) / (4 * repetitions)) / repetitions);
  const centre = share + (z * z) / (2 * repetitions);
  const scale = 1 + (z * z) / repetitions;
  return { share, low: Math.max(0, (centre - spread) / scale), high: (centre + spread) / scale, repetitions };
}

/** How often `happens` did. */
export function countShare(repetitions: number, happens: () => boolean): Share {
  let count = 0;
  for (let i = 0; i < repetitions; i += 1) if (happens()) count += 1;
  return shareOf(count, repetitions);
}
