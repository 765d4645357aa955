import { mannKendall } from "./mann-kendall.ts";
import { logToPct } from "./margin.ts";
import { meanInterval } from "./mean-interval.ts";
import { type Outlier, outliers } from "./outliers.ts";
import { studentTwoSidedP } from "./student.ts";
import { type TwoGroups, twoGroups } from "./two-groups.ts";

/** What the order and shape of a metric's rounds say against treating them as equal. Each part is null where all is well. */
export interface RoundsCheck {
  /** A monotone trend: `totalPct` is what it adds up to from the first round to the last, signed. */
  readonly drift: { readonly p: number; readonly totalPct: number } | null;
  /** The first round is worse than the rest: `pct` is by how much. */
  readonly firstRoundSlower: { readonly p: number; readonly pct: number } | null;
  readonly bimodal: TwoGroups | null;
  /** Rounds that stand apart, by index in the array given. They stay in every figure. */
  readonly outliers: readonly Outlier[];
}

/** A run checks hundreds of series: at 5 % a sound run would be full of warnings. */
const level = 0.005;

/**
 * Checks one metric of one cell over rounds, on logarithms where all values are positive (so that percentages mean
 * the same up and down), else nothing but outliers. Missing rounds are passed over.
 */
export function checkRounds(perRound: readonly (number | null)[], better: "lower" | "higher"): RoundsCheck {
  const present = perRound.filter((value): value is number => value !== null && Number.isFinite(value));
  if (present.some((value) => value <= 0)) {
    return { drift: null, firstRoundSlower: null, bimodal: null, outliers: outliers(perRound) };
  }
  const logs = present.map(Math.log);
  const first = perRound[0] === present[0] ? firstRound(logs, better) : null;
  const groups = twoGroups(logs);
  const byLog = outliers(perRound.map((value) => (value === null ? null : Math.log(value))));
  return {
    drift: driftOf(logs),
    firstRoundSlower: first,
    bimodal: groups && { ...groups, lower: unlog(groups.lower), upper: unlog(groups.upper) },
    outliers: byLog.map((outlier) => ({ ...outlier, value: Math.exp(outlier.value) })),
  };
}

function driftOf(logs: readonly number[]): RoundsCheck["drift"] {
  const trend = mannKendall(logs);
  if (trend === null || trend.p >= level) return null;
  return { p: trend.p, totalPct: 100 * Math.expm1(trend.slope * (logs.length - 1)) };
}

/**
 * Whether the first value belongs with the others: t = (x₁ − x̄)/(s √(1 + 1/m)) on m − 1 degrees of freedom, x̄ and s of
 * the m others (prediction of one further value), one-sided towards the worse. Null below 4 others.
 * Source: Hahn, "Finding an interval for the next observation", J. Quality Technology 1 (1969) 168–171.
 */
function firstRound(logs: readonly number[], better: "lower" | "higher"): RoundsCheck["firstRoundSlower"] {
  const [first, ...others] = logs;
  if (first === undefined || others.length < 4) return null;
  const rest = meanInterval(others);
  const away = first - rest.mean;
  const worse = better === "lower" ? away > 0 : away < 0;
  if (!worse || rest.sd === 0) return null;
  const p = 0.5 * studentTwoSidedP(away / (rest.sd * Math.sqrt(1 + 1 / rest.n)), rest.n - 1);
  return p < level ? { p, pct: logToPct(away) } : null;
}

function unlog(group: TwoGroups["lower"]): TwoGroups["lower"] {
  return { mean: Math.exp(group.mean), count: group.count };
}
