import { mean } from "./moments.ts";
import { normalCdf } from "./normal.ts";
import { outliers } from "./outliers.ts";
import { shapiroWilk } from "./shapiro-wilk.ts";

/** What Student's interval takes for granted, as far as these rounds can show. */
export type BrokenAssumption = "normality" | "independence" | "no-spread";

/** The check that stands beside an interval. It never changes the figure; it says how far to lean on it. */
export interface Assumptions {
  /** p of Shapiro–Wilk; null below 3 rounds or without spread. */
  readonly normalityP: number | null;
  /** One-sided p of a positive lag-1 autocorrelation; null below 8 rounds or without spread. */
  readonly independenceP: number | null;
  /** Indices, among the values given, of those that stand apart by the MAD rule. */
  readonly outliers: readonly number[];
  readonly broken: readonly BrokenAssumption[];
}

/** A run makes dozens of these checks, so that a level of 5 % would cry wolf in each run. */
const level = 0.01;

/** Checks values in the order of their rounds: normal shape, independence between neighbours, some spread at all. */
export function checkAssumptions(values: readonly number[]): Assumptions {
  const normalityP = shapiroWilk(values)?.p ?? null;
  const independenceP = lagOneP(values);
  const spread = values.some((value) => value !== values[0]);
  const broken: BrokenAssumption[] = [];
  if (normalityP !== null && normalityP < level) broken.push("normality");
  if (independenceP !== null && independenceP < level) broken.push("independence");
  if (!spread) broken.push("no-spread");
  return { normalityP, independenceP, outliers: outliers(values).map(({ round }) => round), broken };
}

/**
 * One-sided p of the lag-1 serial correlation r₁ being this high among independent values: normal approximation with
 * E r₁ = −1/n and Var r₁ = (n − 2)² / (n²(n − 1)). Only the positive side matters: it makes intervals too narrow.
 * Source: Moran, "Some theorems on time series II", Biometrika 35 (1948) 255–260.
 */
function lagOneP(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 8) return null;
  const centre = mean(values);
  let squares = 0;
  let products = 0;
  for (const [i, value] of values.entries()) {
    squares += (value - centre) ** 2;
    const previous = values[i - 1];
    if (previous !== undefined) products += (value - centre) * (previous - centre);
  }
  if (squares === 0) return null;
  const z = (products / squares + 1 / n) / ((n - 2) / (n * Math.sqrt(n - 1)));
  return normalCdf(-z);
}
