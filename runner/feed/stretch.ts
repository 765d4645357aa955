import { crowding } from "./count.ts";
import { lowerBound } from "./source.ts";

/** Quarters of the source's stretches by crowding. */
const strata = 4;
/** Fewer messages than this, or than a tenth of what the mean rate brings, and a stretch is too thin to measure by. */
const messagesMin = 10;
const shareMin = 0.1;
/** Beyond this many, they are spread over the source instead of covering it: no run replays as many. */
const stretchesMax = 20_000;

export interface Stretches {
  /** Where each begins, in ns of the source's time, in the order in which they are to be replayed. */
  startNs: readonly number[];
  /** Stretches that were left out since they hold too few messages. */
  sparse: number;
  /** Mean over the messages of all stretches of how many arrive within the span from each in its stretch. */
  crowding: number;
}

/**
 * Cuts [0, `durationNs`) of `atNs` (ascending) into stretches of `lengthNs` that cover it from end to end, and puts them
 * in an order whose beginnings stand for the whole: four in a row hold one of each quarter by crowding, and those of a
 * quarter are taken from all over the source. Crowding counts messages within `crowdSpanNs`, in the source's time. Stretches with too few messages are left out, unless all are.
 */
export function stretchOrder(
  atNs: ArrayLike<number>,
  durationNs: number,
  lengthNs: number,
  windowNs: number,
): Stretches {
  const count = Math.min(stretchesMax, Math.max(1, Math.ceil(durationNs / lengthNs - 1e-9)));
  const step = count === 1 ? 0 : (durationNs - lengthNs) / (count - 1);
  const all = Array.from({ length: count }, (_, i) => {
    const fromNs = i * step;
    const inside = within(atNs, fromNs, fromNs + lengthNs);
    return { fromNs, messages: inside.length, crowd: crowding(inside, windowNs) };
  });
  const total = all.reduce((sum, { messages }) => sum + messages, 0);
  const met = all.reduce((sum, { messages, crowd }) => sum + messages * crowd, 0);
  const least = Math.max(messagesMin, (shareMin * total) / count);
  const kept = all.filter(({ messages }) => messages >= least);
  // A source that is thin all over is judged before a run, and not here.
  const chosen = kept.length === 0 ? all : kept;
  const byCrowd = chosen.toSorted((a, b) => a.crowd - b.crowd || a.fromNs - b.fromNs);
  const edge = (quarter: number) => Math.round((quarter * byCrowd.length) / strata);
  const quarters = Array.from({ length: strata }, (_, quarter) =>
    scattered(byCrowd.slice(edge(quarter), edge(quarter + 1)).toSorted((a, b) => a.fromNs - b.fromNs)),
  );
  const startNs: number[] = [];
  for (let i = 0; startNs.length < chosen.length; i++) {
    for (const quarter of quarters) if (i < quarter.length) startNs.push(quarter[i]!.fromNs);
  }
  return {
    startNs,
    sparse: kept.length === 0 ? 0 : count - kept.length,
    crowding: total === 0 ? 0 : met / total,
  };
}

/** The items in the order of van der Corput's sequence: the first few lie evenly over all. */
function scattered<T>(items: readonly T[]): T[] {
  return items
    .map((item, i) => ({ item, at: radicalInverse(i) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Bits of `i` mirrored at the point: 0, 1/2, 1/4, 3/4, 1/8, … */
function radicalInverse(i: number): number {
  let value = 0;
  for (let bit = 0.5, left = i; left > 0; left = Math.floor(left / 2), bit /= 2) value += (left % 2) * bit;
  return value;
}

/** The arrivals in [`fromNs`, `toNs`). */
function within(atNs: ArrayLike<number>, fromNs: number, toNs: number): Float64Array {
  const from = lowerBound(atNs, fromNs);
  const to = lowerBound(atNs, toNs);
  return Float64Array.from({ length: to - from }, (_, k) => atNs[from + k]!);
}
