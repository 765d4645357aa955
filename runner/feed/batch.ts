import type { Random } from "../../stats/random.ts";

/** Share of batches of 1, 2, 3, 4 and 5 messages; 6 to 9 share `midShare` evenly; the tail begins at 10. */
const smallShares = [0.59, 0.208, 0.067, 0.035, 0.021] as const;
const midShare = 0.042;
const midFrom = 6;
const tailFrom = 10;
const tailAlpha = 1.9;
const tailCap = 350;

/**
 * Batch size at a quantile in [0, 1): the inverse of the size distribution fitted on the perpetual capture.
 * Sizes of 10 and more are Pareto with exponent 1.9, truncated at 350. The mean is 2.52.
 */
export function batchSizeAt(quantile: number): number {
  let left = quantile;
  for (let i = 0; i < smallShares.length; i++) {
    const share = smallShares[i]!;
    if (left < share) return i + 1;
    left -= share;
  }
  if (left < midShare) return midFrom + Math.floor((left / midShare) * (tailFrom - midFrom));
  const tailShare = 1 - smallShares.reduce((sum, share) => sum + share, 0) - midShare;
  const within = Math.min((left - midShare) / tailShare, 1);
  const kept = 1 - (tailFrom / (tailCap + 1)) ** tailAlpha;
  return Math.min(tailCap, Math.floor(tailFrom / (1 - within * kept) ** (1 / tailAlpha)));
}

/** Share of all batches that contain a trade, and of those of one message (measured on the perpetual capture). */
const tradeShare = 0.152;
const tradeShareOfSingles = 0.05;
/** Share of trades among the messages of a batch with trades, beyond its first (same capture). */
const tradesInSweep = 0.75;

/** How many of a batch's messages are trades: 15.2 % of batches have any, most of them the larger ones. */
export function drawTrades(random: Random, size: number): number {
  const single = smallShares[0];
  const share = size === 1 ? tradeShareOfSingles : (tradeShare - single * tradeShareOfSingles) / (1 - single);
  if (random.uniform() >= share) return 0;
  let trades = 1;
  for (let i = 1; i < size; i++) if (random.uniform() < tradesInSweep) trades++;
  return trades;
}
