import type { WithheldRatio } from "./log-ratios.ts";
import { logToPct } from "./margin.ts";

/** What separates a candidate from itself. */
export interface NoiseFloor {
  /** Percent; null where the A/A pair gave no interval, so that nothing can be said about noise. */
  readonly floorPct: number | null;
  readonly rounds: number;
}

/** The A/A pair's ratio. */
export interface MeasuredPair {
  readonly status: "measured";
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly rounds: number;
}

/**
 * Noise floor of a metric from the ratio of its A/A pair: the largest difference that the pair's 95 % interval still
 * allows, 100 (exp(max(|ln ciLow|, |ln ciHigh|)) − 1).
 *
 * The far end of the interval rather than the estimate, so that a pair which agreed by luck over few rounds does not
 * promise a resolution the run never had; and its centre is not taken out, so that a bias between copies counts as noise.
 * Null where the interval has no bound.
 */
export function noiseFloor(aa: MeasuredPair | WithheldRatio): NoiseFloor {
  if (aa.status === "withheld") return { floorPct: null, rounds: aa.rounds };
  const reach = Math.max(Math.abs(Math.log(aa.ciLow)), Math.abs(Math.log(aa.ciHigh)));
  const floorPct = Number.isFinite(reach) ? logToPct(reach) : null;
  return { floorPct, rounds: aa.rounds };
}
