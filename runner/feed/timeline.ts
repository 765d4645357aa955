/** What was done to receive times to make an arrival schedule of them. */
export interface Timeline {
  /** Positions of the messages that stay, in the order in which they are replayed. */
  order: Uint32Array;
  /** Their times, ns from the first, never falling, without the holes. */
  atNs: Float64Array;
  /** Places at which the file went back in time, so that all was sorted by receive time. */
  joins: number;
  /** Messages that stood twice in such a file, and were taken once. */
  duplicates: number;
  /** Times that fell by less, and were raised to the one before. */
  raised: number;
  holes: { count: number; totalNs: number; longestNs: number };
}

/** A time that falls by this much is no jitter of a clock: files were joined in another order. */
const joinNs = 1e9;
/** A gap is a hole from this many times the 95th percentile of the recording's own gaps on. */
const holeFactor = 50;
/** And from this on, whatever the gaps; ten times what the times resolve where that is more. */
const holeMinNs = 1e9;

/** How far back an equal message is looked for among those of the same time. */
const equalWithin = 64;

/**
 * The schedule of `rawNs`, receive times in file order, ns from any zero. `resolutionNs` is the step that they are
 * written in. `same` says whether two positions hold the very same message.
 */
export function timelineOf(
  rawNs: Float64Array,
  resolutionNs: number,
  same: (a: number, b: number) => boolean,
): Timeline {
  const times = rawNs.slice();
  let joins = 0;
  let raised = 0;
  for (let i = 1; i < times.length; i++) {
    const fall = times[i - 1]! - times[i]!;
    if (fall <= 0) continue;
    if (fall >= joinNs) {
      joins++;
      continue;
    }
    // The order of lines is the exchange's, and a clock that is set back does not change it.
    raised++;
    times[i] = times[i - 1]!;
  }
  let order = Uint32Array.from(times, (_, i) => i);
  // Sorting is stable only by the second key: messages of one time keep their order.
  if (joins > 0) order.sort((a, b) => times[a]! - times[b]! || a - b);
  const before = order.length;
  if (joins > 0) order = withoutDuplicates(order, times, same);
  const sorted = Float64Array.from(order, (position) => times[position]!);
  const holes = { count: 0, totalNs: 0, longestNs: 0 };
  const atNs = withoutHoles(sorted, resolutionNs, holes);
  return { order, atNs, joins, duplicates: before - order.length, raised, holes };
}

function withoutDuplicates(order: Uint32Array, times: Float64Array, same: (a: number, b: number) => boolean) {
  return order.filter((position, i) => {
    for (let k = i - 1; k >= Math.max(0, i - equalWithin) && times[order[k]!] === times[position]; k--)
      if (same(order[k]!, position)) return false;
    return true;
  });
}

/** Takes what is far beyond the recording's own gaps out of it, and leaves a mean gap in its place. */
function withoutHoles(sorted: Float64Array, resolutionNs: number, holes: Timeline["holes"]): Float64Array {
  if (sorted.length < 2) return new Float64Array(sorted.length);
  const gaps = Float64Array.from({ length: sorted.length - 1 }, (_, i) => sorted[i + 1]! - sorted[i]!);
  const usual = gaps.toSorted()[Math.floor(0.95 * (gaps.length - 1))]!;
  const from = Math.max(holeMinNs, 10 * resolutionNs, holeFactor * usual);
  const kept = gaps.filter((gap) => gap <= from);
  const mean = kept.length === 0 ? 0 : kept.reduce((sum, gap) => sum + gap, 0) / kept.length;
  const atNs = new Float64Array(sorted.length);
  for (let i = 1; i < sorted.length; i++) {
    const gap = gaps[i - 1]!;
    const hole = gap > from;
    if (hole) {
      holes.count++;
      holes.totalNs += gap;
      holes.longestNs = Math.max(holes.longestNs, gap);
    }
    atNs[i] = atNs[i - 1]! + (hole ? mean : gap);
  }
  return atNs;
}
