export type WithheldRatioCode = "too-few-rounds" | "not-positive";

/** No ratio could be formed, and why. */
export interface WithheldRatio {
  readonly status: "withheld";
  readonly code: WithheldRatioCode;
  readonly why: string;
  readonly rounds: number;
  readonly droppedRounds: number;
}

export interface LogRatios {
  readonly status: "paired";
  /** ln(aᵢ/bᵢ) of the rounds with both sides, in the order of the rounds: at least two. */
  readonly logs: readonly number[];
  /** The same with a place for every round, null where it has no pair. */
  readonly byRound: readonly (number | null)[];
  /** Rounds left out because a side was missing. */
  readonly droppedRounds: number;
}

/**
 * Pairs two candidates by round: `a[i]` and `b[i]` are one metric of each in round i, null (or not finite) where the trial
 * gave none. A value of zero or below has no logarithm and withholds the ratio; fewer than 2 pairs withhold it too.
 * Arrays of different length are the caller's mistake: RangeError.
 */
export function logRatios(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
): LogRatios | WithheldRatio {
  if (a.length !== b.length) throw new RangeError(`rounds differ: ${a.length} of a, ${b.length} of b`);
  const pairs = a.flatMap((x, round) => {
    const y = b[round] ?? null;
    return x === null || y === null || !Number.isFinite(x) || !Number.isFinite(y) ? [] : [{ round, x, y }];
  });
  const rounds = pairs.length;
  const droppedRounds = a.length - rounds;
  const impossible = pairs.find(({ x, y }) => x <= 0 || y <= 0);
  if (impossible !== undefined) {
    const { round, x, y } = impossible;
    const why = `round ${round + 1} has ${x <= 0 ? x : y}: a ratio needs values above zero`;
    return { status: "withheld", code: "not-positive", why, rounds, droppedRounds };
  }
  if (rounds < 2) {
    const why = `the interval of a ratio needs at least 2 rounds with both sides, got ${rounds} of ${a.length}`;
    return { status: "withheld", code: "too-few-rounds", why, rounds, droppedRounds };
  }
  const logs = pairs.map(({ x, y }) => Math.log(x / y));
  const byRound: (number | null)[] = a.map(() => null);
  for (const [i, { round }] of pairs.entries()) byRound[round] = logs[i] ?? null;
  return { status: "paired", logs, byRound, droppedRounds };
}
