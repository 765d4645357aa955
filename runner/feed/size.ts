import type { Random } from "../../stats/random.ts";
import { batchSizeAt } from "./batch.ts";
import type { ClusteredPreset } from "./preset.ts";

/** Span of the rate that batch sizes follow. */
const couplingSpanS = 0.05;

/**
 * A size for each batch at `times` (seconds, ascending). Sizes are stratified quantiles of their distribution; which
 * batch gets which follows a score, noise plus `coupling` × ln(batches in the last 50 ms), so that large batches come
 * where batches are many. Where the rate has a trend, sizes are dealt out within stretches of it, or the trend
 * would take the large ones too and change the mean.
 */
export function batchSizes(preset: ClusteredPreset, random: Random, times: Float64Array): Uint16Array {
  const scores = new Float64Array(times.length);
  for (let i = 0, first = 0; i < times.length; i++) {
    while (times[first]! < times[i]! - couplingSpanS) first++;
    scores[i] = preset.coupling * Math.log(1 + i - first) + random.normal();
  }
  const sizes = new Uint16Array(times.length);
  for (let start = 0; start < times.length; ) {
    const end = stretchEnd(preset, times, start);
    const order = Uint32Array.from({ length: end - start }, (_, k) => start + k);
    order.sort((a, b) => scores[a]! - scores[b]!);
    order.forEach((batch, rank) => {
      const size = batchSizeAt((rank + random.uniform()) / order.length);
      sizes[batch] = Math.min(size, preset.batchSizeMax);
    });
    start = end;
  }
  return sizes;
}

/** Where the stretch that begins at batch `start` ends: at the last batch, or a quarter of an opening's τ later. */
function stretchEnd({ opening }: ClusteredPreset, times: Float64Array, start: number): number {
  if (opening === null) return times.length;
  const until = times[start]! + opening.tauS / 4;
  let end = start;
  while (end < times.length && times[end]! < until) end++;
  return end;
}
