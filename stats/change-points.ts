import { createRandom, type Random } from "./random.ts";

/** Where a series goes on otherwise than before. */
export interface ChangePoint {
  /** The first value after the change, from 0. */
  readonly index: number;
  /** Of the permutation test that found it. */
  readonly p: number;
}

/** Values on each side of a change, at least: three against three cannot pass the test, three against thirty can. */
const sideMin = 3;
/** Values that are looked at together. What lies further apart is not held against each other, so that an append costs no more. */
const windowLength = 60;
const permutations = 199;
/** A series is looked at with every run that is added, so that the level of one test is small. */
const level = 0.01;

/**
 * Change points of a series that grows: E-divisive (Matteson and James, "A nonparametric approach for multiple change point analysis
 * of multivariate data", JASA 109 (2014) 334–345; α = 1, splits of a whole segment) within windows that follow each other. A window
 * that is full is never looked at again, so that an append costs one window at most and takes no earlier finding back; findings in
 * the last, unfinished one may still go.
 */
export class ChangePoints {
  readonly #settled: ChangePoint[] = [];
  /** Values of the unfinished window. */
  #open: number[] = [];
  /** Index of its first value. */
  #start = 0;

  append(value: number): void {
    this.#open.push(value);
    if (this.#open.length < windowLength) return;
    const found = this.#firstOpen();
    if (found !== null) this.#settled.push({ index: this.#start + found.index, p: found.p });
    // Without a change the later half stays, so that one near the edge is seen whole by the next window.
    const passed = found?.index ?? windowLength / 2;
    this.#open = this.#open.slice(passed);
    this.#start += passed;
  }

  /** All change points so far, in order. */
  points(): ChangePoint[] {
    const tail: ChangePoint[] = [];
    const rest = new ChangePoints();
    rest.#open = this.#open;
    rest.#start = this.#start;
    for (let found = rest.#firstOpen(); found !== null; found = rest.#firstOpen()) {
      tail.push({ index: rest.#start + found.index, p: found.p });
      rest.#open = rest.#open.slice(found.index);
      rest.#start += found.index;
    }
    return [...this.#settled, ...tail];
  }

  #firstOpen(): ChangePoint | null {
    return firstChange(this.#open, createRandom(1 + this.#start));
  }
}

/** Change points of a whole series, as they stand after its last value. */
export function changePoints(values: readonly number[]): ChangePoint[] {
  const series = new ChangePoints();
  for (const value of values) series.append(value);
  return series.points();
}

/** The earliest significant split: the best one, or an earlier one in what lies before it. */
function firstChange(values: readonly number[], random: Random): ChangePoint | null {
  const best = bestSplit(values);
  if (best === null || best.q <= 0) return null;
  const p = permutationP(values, best.q, random);
  if (p > level) return null;
  return firstChange(values.slice(0, best.index), random) ?? { index: best.index, p };
}

/**
 * The split with the largest Q = nm ÷ (n + m) × (2 ΣΣ|x − y| ÷ nm − Σ|x − x′| ÷ C(n, 2) − Σ|y − y′| ÷ C(m, 2)), the scaled energy
 * distance of what lies before it and behind it; null where a side would be too short.
 */
export function bestSplit(values: readonly number[]): { readonly index: number; readonly q: number } | null {
  const total = values.length;
  if (total < 2 * sideMin) return null;
  let [between, before, behind] = [0, 0, 0];
  for (let i = 0; i < total; i += 1) for (let k = i + 1; k < total; k += 1) behind += distance(values, i, k);
  let best: { index: number; q: number } | null = null;
  for (let n = 0; n <= total - sideMin; n += 1) {
    const m = total - n;
    if (n >= sideMin) {
      const energy = (2 * between) / (n * m) - before / pairs(n) - behind / pairs(m);
      const q = ((n * m) / total) * energy;
      if (best === null || q > best.q) best = { index: n, q };
    }
    // The value at n goes from behind the split to before it.
    let [toBefore, toBehind] = [0, 0];
    for (let i = 0; i < n; i += 1) toBefore += distance(values, i, n);
    for (let k = n + 1; k < total; k += 1) toBehind += distance(values, n, k);
    before += toBefore;
    behind -= toBehind;
    between += toBehind - toBefore;
  }
  return best;
}

const distance = (values: readonly number[], i: number, k: number): number =>
  Math.abs((values[i] as number) - (values[k] as number));
const pairs = (count: number): number => (count * (count - 1)) / 2;

/**
 * Chance of a split as large in a random order: (1 + orders that have one) ÷ (1 + orders tried). Ends as soon as it is above the
 * level whatever the rest would give (Besag and Clifford, Biometrika 78 (1991) 301–304), which it mostly is after a few orders.
 */
function permutationP(values: readonly number[], q: number, random: Random): number {
  let reached = 1;
  for (let tried = 1; tried <= permutations; tried += 1) {
    if ((bestSplit(random.shuffle(values))?.q ?? 0) >= q) reached += 1;
    if (reached / (permutations + 1) > level) return reached / (tried + 1);
  }
  return reached / (permutations + 1);
}
