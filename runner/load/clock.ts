/** A monotonic time in ns. Only differences of one clock have meaning. */
export type Clock = () => number;

/**
 * The clock of every measurement in the load process. Of the two monotonic ones it costs the same as
 * performance.now() (about 45 ns here, steps of 10 ns) and gives whole ns without rounding.
 */
export const nowNs: Clock = Bun.nanoseconds;

/** The smallest step above zero that `clock` was seen to take over `reads` reads, in ns: its usable resolution. */
export function clockResolutionNs(clock: Clock, reads = 10_000): number {
  let smallest = Number.POSITIVE_INFINITY;
  let last = clock();
  for (let i = 0; i < reads; i++) {
    const now = clock();
    if (now > last && now - last < smallest) smallest = now - last;
    last = now;
  }
  return smallest;
}

/** How long before its time a wait begins to turn the loop: timers come up to a millisecond late. */
const spinNs = 2e6;

/** Resolves when the clock has come to `ns`, or at once where it has passed it. The loop takes in what comes meanwhile. */
export async function waitUntil(ns: number, clock: Clock = nowNs): Promise<void> {
  const aheadMs = (ns - clock() - spinNs) / 1e6;
  if (aheadMs > 0) await Bun.sleep(aheadMs);
  await turnUntil(() => clock() >= ns);
}

/**
 * Turns the loop, which takes in what comes, until `isDone`. One callback serves all turns: a promise for each would leave four times
 * as much behind, some 200 MB a second.
 */
export function turnUntil(isDone: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const turn = (): void => {
    try {
      if (isDone()) resolve();
      else setImmediate(turn);
    } catch (error) {
      reject(error);
    }
  };
  turn();
  return promise;
}
