/** The sum of a figure over items. */
export function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sample variance with divisor n − 1, in two passes so that a large mean costs no digits; NaN below two values. */
export function variance(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return squares / (values.length - 1);
}

/** A sorted copy, ascending. */
export function ascending(values: readonly number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
}

/** The middle of values already sorted ascending, or the mean of the two in the middle; NaN of nothing. */
export function medianOfSorted(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : 0.5 * ((sorted[half - 1] ?? Number.NaN) + upper);
}

/** The sample median; NaN of nothing. */
export function median(values: readonly number[]): number {
  return medianOfSorted(ascending(values));
}
