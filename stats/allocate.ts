import { studentReach } from "./student.ts";

/** How far the comparisons of one cell are from what their margins ask, after the rounds that it has had. */
export interface CellNeed {
  readonly cell: string;
  readonly rounds: number;
  /** Variance of a round's log ratio ÷ (log margin)², of the figure of the cell that needs most (see `relativeVariance`). */
  readonly variance: number;
  /** What one more round of it takes, in any unit of time that `budget` shares. */
  readonly cost: number;
  /** It ends with no fewer rounds than this, where the time allows, nor with more than `most`. */
  readonly least: number;
  readonly most: number;
}

export interface Allowance {
  /** Time that is left. */
  readonly budget: number;
  /** What a round takes whichever cells are in it: starting and warming the servers. */
  readonly overhead: number;
}

/** Half-width of the 95 % interval of a ratio after so many rounds, in margins: at 1 the interval just fits into ± the margin. */
export function widthInMargins(variance: number, rounds: number): number {
  return rounds < 2 ? Infinity : studentReach(0.95, rounds - 1) * Math.sqrt(variance / rounds);
}

/**
 * Width at which a comparison of two that are equal is called so four times in five: the equivalence test needs 1.83 standard
 * errors on either side of where the mean happens to lie, which is within 1.28 of them four times in five (both of 10 rounds),
 * and the interval reaches 2.26: 2.26/(1.83 + 1.28).
 */
const wanted = 0.72;

/**
 * Further rounds of each cell, until the time is spent: first to every cell its least, then what it takes to bring a cell's
 * interval to the width wanted, cheapest first, and what is left to whoever is nearest to it. Not to the widest: that would pour
 * a run's time into a cell which none of it can decide (simulated in docs/SIMULATIONS.md).
 *
 * Nothing here knows who is ahead: the variances are pooled over all candidates and hold no difference between them, so that the
 * errors of the final tests are those of an internal pilot (Wittes and Brittain, Statistics in Medicine 9, 1990, 65–72; blinded:
 * Gould and Shih, Communications in Statistics 21, 1992, 2833–2853).
 *
 * Cells share rounds, so that only a round beyond the longest of the others costs its overhead.
 */
export function allocate(
  needs: readonly CellNeed[],
  { budget, overhead }: Allowance,
): ReadonlyMap<string, number> {
  const further = new Map(needs.map(({ cell }) => [cell, 0]));
  const had = (need: CellNeed) => need.rounds + (further.get(need.cell) ?? 0);
  let left = budget;
  /** Gives a cell so many rounds in all, as far as the time allows; whether it did. */
  const bringTo = (need: CellNeed, rounds: number): boolean => {
    const more = Math.min(rounds, need.most) - need.rounds;
    const longest = Math.max(...further.values());
    const price = (rounds - had(need)) * need.cost + overhead * Math.max(0, more - longest);
    if (price > left) return false;
    further.set(need.cell, more);
    left -= price;
    return true;
  };
  for (let rounds = 1; rounds <= Math.max(...needs.map(({ least }) => least)); rounds += 1) {
    for (const need of needs) if (had(need) < rounds && rounds <= need.least) bringTo(need, rounds);
  }
  const missing = (need: CellNeed) => {
    let rounds = had(need);
    while (rounds < need.most && widthInMargins(need.variance, rounds) > wanted) rounds += 1;
    return widthInMargins(need.variance, rounds) > wanted ? Infinity : (rounds - had(need)) * need.cost;
  };
  const byPrice = needs.map((need) => ({ need, price: missing(need) })).sort((x, y) => x.price - y.price);
  for (const { need, price } of byPrice) {
    if (price > 0 && Number.isFinite(price)) bringTo(need, had(need) + price / need.cost);
  }
  // The rest in turns, from the one whose interval is nearest to the width wanted and not yet there.
  const short = (need: CellNeed) => Math.max(0, widthInMargins(need.variance, had(need)) - wanted);
  let gave = true;
  while (gave) {
    gave = false;
    const inTurn = needs.toSorted(
      (x, y) => Number(short(x) === 0) - Number(short(y) === 0) || short(x) - short(y) || had(x) - had(y),
    );
    for (const need of inTurn) {
      if (had(need) < need.most && bringTo(need, had(need) + 1)) {
        gave = true;
        break;
      }
    }
  }
  return further;
}

/**
 * Variance of a round's log ratio of a candidate to a reference that was measured twice, ÷ (log margin)², pooled over all
 * candidates: 1.5 σ², σ² half the mean over pairs of the variance of their difference, each pair by its degrees of freedom. That is
 * the residual mean square of a two-way layout where no figure is missing; what sets two candidates or two rounds apart is no
 * part of it. `logs` has one row a candidate and one place a round. Null where no two candidates share two rounds.
 */
export function relativeVariance(
  logs: readonly (readonly (number | null)[])[],
  logMargin: number,
): number | null {
  let [squares, degrees] = [0, 0];
  for (const [i, one] of logs.entries()) {
    for (const other of logs.slice(i + 1)) {
      const apart = one.flatMap((x, round) => {
        const y = other[round] ?? null;
        return x === null || y === null ? [] : [x - y];
      });
      if (apart.length < 2) continue;
      const mean = apart.reduce((sum, d) => sum + d, 0) / apart.length;
      for (const d of apart) squares += (d - mean) ** 2;
      degrees += apart.length - 1;
    }
  }
  return degrees === 0 ? null : (1.5 * squares) / (2 * degrees) / logMargin ** 2;
}
