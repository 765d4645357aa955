/** Half-width of "no difference" on the log scale for a margin in percent: ln(1 + pct/100), the same both ways. */
export function logMargin(pct: number): number {
  return Math.log1p(pct / 100);
}

/** Percent by which two things differ whose log ratio is `logRatio`, counted from the smaller: 100 (exp|x| − 1). */
export function logToPct(logRatio: number): number {
  return 100 * Math.expm1(Math.abs(logRatio));
}
