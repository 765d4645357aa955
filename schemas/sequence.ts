const twoTo32 = 0x1_0000_0000;

/**
 * The sequence whose 64 bits lie in two words, read as signed ones; −1 beyond 2^53, which was never sent. Put together by
 * arithmetic it would be a double for the engine whatever its size, and so would be all that is computed from it: one below 2³¹,
 * as nearly all are, is the low word itself.
 */
export function sequenceOf(low: number, high: number): number {
  if (high === 0 && low >= 0) return low;
  const n = (high >>> 0) * twoTo32 + (low >>> 0);
  return n <= Number.MAX_SAFE_INTEGER ? n : -1;
}
