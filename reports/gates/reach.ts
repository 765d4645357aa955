import { formatReach } from "../format.ts";
import type { Outcome } from "./finding.ts";

/** Shares of what was due that lie within this of each other are the same: the figures of what arrived compare. */
const reachAlike = 0.001;
/** A server that loses much loses more or less of it from run to run, as its other figures vary. */
const reachFallMax = 0.1;

/**
 * How two runs' reach decides on a cell's figures, whatever these say; null where they may be judged.
 *
 * A report has one reach for all rounds, and so no interval: a tolerance stands in. A baseline that lost nothing has none.
 * One that did may lose as much again, at least a thousandth of what was due and at most a tenth of what arrived. Beyond
 * it less is delivered, which is a regression. Within it, and where more is delivered, figures of unlike shares are withheld:
 * what never arrives costs nothing, and is never late.
 */
export function judgeReach(
  baseline: number,
  reach: number,
): { readonly outcome: Outcome; readonly text: string } | null {
  if (baseline >= 1) {
    if (reach >= 1) return null;
    const text = `only ${formatReach(reach)} of the messages arrived unchanged, where the baseline lost nothing`;
    // A fact and no noise: a repeat that happens on none of it takes nothing back.
    return { outcome: "failed", text };
  }
  const fall = baseline - reach;
  const tolerated = Math.min(Math.max(1 - baseline, reachAlike), reachFallMax * baseline);
  // Binary fractions must not decide on the tolerance itself.
  if (fall > tolerated + 1e-9) {
    const text = `only ${formatReach(reach)} of the messages arrived unchanged, ${formatReach(baseline)} in the baseline`;
    return { outcome: "suspect", text };
  }
  if (Math.abs(fall) <= reachAlike) return null;
  const text = `${formatReach(reach)} of the messages arrived unchanged, ${formatReach(baseline)} in the baseline: lost messages cost no time, so the rest cannot be compared`;
  return { outcome: "withheld", text };
}
