import { CLOCK_MONOTONIC, readClockNs } from "./libc.ts";

/** The runner's one time base, in ns: `Bun.nanoseconds`, which starts at 0 with the process. */
export type Clock = () => number;

export const clock: Clock = Bun.nanoseconds;

/**
 * CLOCK_MONOTONIC in ns, the time base that every process of the machine shares (Node's hrtime and Python's
 * monotonic_ns count it; Bun's own clocks do not). Null where libc cannot be opened.
 */
export function monotonicNs(): number | null {
  return readClockNs(CLOCK_MONOTONIC);
}

/** The resolution of a clock and the cost of reading it, in ns. */
export interface ClockQuality {
  /** Smallest step ever seen between two different readings. */
  readonly resolutionNs: number;
  /** Mean time of one reading. */
  readonly costNs: number;
}

/** Measures a clock by reading it `readings` times in a row. */
export function measureClock(read: Clock = clock, readings = 20_000): ClockQuality {
  const first = read();
  let previous = first;
  let resolutionNs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < readings; i++) {
    const now = read();
    if (now > previous && now - previous < resolutionNs) resolutionNs = now - previous;
    previous = now;
  }
  // A clock that never moved has a resolution no finer than the whole measurement; 0 would claim the opposite.
  return { resolutionNs, costNs: (previous - first) / readings };
}

/** How to carry a reading of one clock over to another: `other = own + offsetNs`, true within ± uncertaintyNs. */
export interface Alignment {
  readonly offsetNs: number;
  readonly uncertaintyNs: number;
}

/**
 * Aligns the runner's clock with CLOCK_MONOTONIC: the other clock is read between two readings of the local one, and the
 * tightest of `attempts` brackets is kept. Null where CLOCK_MONOTONIC cannot be read.
 */
export function alignToMonotonic(
  local: Clock = clock,
  other: () => number | null = monotonicNs,
  attempts = 50,
): Alignment | null {
  let best: Alignment | null = null;
  for (let i = 0; i < attempts; i++) {
    const before = local();
    const reading = other();
    const after = local();
    if (reading === null) return null;
    const uncertaintyNs = (after - before) / 2;
    if (best !== null && uncertaintyNs >= best.uncertaintyNs) continue;
    best = { offsetNs: reading - (before + after) / 2, uncertaintyNs };
  }
  return best;
}
