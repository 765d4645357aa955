import type { Measurement } from "../../schemas/load.ts";
import { Histogram } from "../load/histogram.ts";

/** From this length on a window has a slice for each second. */
const secondsFromNs = 3e9;

const countOf = (windowNs: number): number => (windowNs < secondsFromNs ? 20 : Math.round(windowNs / 1e9));

/**
 * Latency over time: the window in equal slices, a histogram each. Those of one window serve the next: 20 new ones are 5 MB, of which
 * what is free of other things is cleared whole before it is given, and so taken whole.
 */
export class Slices {
  #sliceNs = 0;
  readonly #slices: Histogram[] = [];

  constructor(windowNs: number) {
    this.restart(windowNs);
  }

  /** Empties them for another window. */
  restart(windowNs: number): void {
    const count = countOf(windowNs);
    this.#sliceNs = windowNs / count;
    this.#slices.length = Math.min(this.#slices.length, count);
    for (const slice of this.#slices) slice.reset();
    while (this.#slices.length < count) this.#slices.push(new Histogram());
  }

  /** `atNs` from the window's beginning; what comes after its end belongs to the last slice. */
  record(atNs: number, latencyNs: number): void {
    const index = Math.min(this.#slices.length - 1, Math.floor(atNs / this.#sliceNs));
    this.#slices[index]?.record(latencyNs);
  }

  get histograms(): readonly Histogram[] {
    return this.#slices;
  }

  toJSON(): Measurement["slices"] {
    return timeSlices(this.#slices, this.#sliceNs);
  }
}

/** What is reported of slices of `sliceNs` each. */
export function timeSlices(slices: readonly Histogram[], sliceNs: number): Measurement["slices"] {
  return slices.map((slice, index) => {
    const [p50Ns = 0, p99Ns = 0] = slice.percentilesNs([50, 99]);
    return { atMs: (index * sliceNs) / 1e6, count: slice.total, p50Ns, p99Ns, maxNs: slice.maxNs };
  });
}
