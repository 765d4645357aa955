/** For each arrival, how many arrive within `durationNs` from it, itself included. `atNs` ascends. */
export function countsWithin(atNs: ArrayLike<number>, durationNs: number): Uint32Array {
  const counts = new Uint32Array(atNs.length);
  for (let i = 0, end = 0; i < atNs.length; i++) {
    while (end < atNs.length && atNs[end]! < atNs[i]! + durationNs) end++;
    counts[i] = end - i;
  }
  return counts;
}

/** The most arrivals in any `durationNs`, wherever it begins; 0 for no arrivals. */
export function peakWithin(atNs: ArrayLike<number>, durationNs: number): number {
  return countsWithin(atNs, durationNs).reduce((peak, count) => Math.max(peak, count), 0);
}

/**
 * Fano factor of the counts in adjoining bins of `binNs` over [`fromNs`, `toNs`): variance / mean. 1 for Poisson
 * arrivals, above it where they cluster. A last bin that does not fit is left out; NaN without arrivals or bins.
 */
export function fanoFactor(atNs: ArrayLike<number>, binNs: number, fromNs: number, toNs: number): number {
  const bins = new Float64Array(Math.floor((toNs - fromNs) / binNs));
  for (let i = 0; i < atNs.length; i++) {
    const bin = Math.floor((atNs[i]! - fromNs) / binNs);
    if (bin >= 0 && bin < bins.length) bins[bin]!++;
  }
  const mean = bins.reduce((sum, count) => sum + count, 0) / bins.length;
  const variance = bins.reduce((sum, count) => sum + (count - mean) ** 2, 0) / bins.length;
  return variance / mean;
}

/** Span in which a message's company is counted. */
export const crowdingWindowNs = 100e6;

/**
 * Mean over the messages of how many arrive within `durationNs` from each, itself included: the load as a message meets it.
 * It weighs bursts by the messages in them, which a mean rate does not. 0 for no arrivals.
 */
export function crowding(atNs: ArrayLike<number>, durationNs = crowdingWindowNs): number {
  if (atNs.length === 0) return 0;
  return countsWithin(atNs, durationNs).reduce((sum, count) => sum + count, 0) / atNs.length;
}
