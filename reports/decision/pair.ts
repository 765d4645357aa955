import { metricKinds } from "../../schemas/metric.ts";
import type { Bound, Comparison } from "../../schemas/report.ts";
import { type Interval, intervalOfMean } from "../../stats/interval.ts";
import type { Item } from "./evidence.ts";

/** How much better `a` is than `b` on one item: log ratio of goodness. */
export interface Difference extends Interval {
  /** Whether it counts: the whole interval is beyond the margin and nothing withholds it. */
  readonly shown: boolean;
  /** Why it does not count; null where it does. */
  readonly why: "withheld" | "too-few-rounds" | "equal" | "undecided" | null;
}

/** The difference between two candidates on an item. Swapping them changes its sign and nothing else. */
export function differenceOn(item: Item, a: string, b: string): Difference {
  const interval = declaredInterval(item, a, b) ?? pairedInterval(item, a, b);
  if (interval === null) return { mean: 0, low: 0, high: 0, shown: false, why: "too-few-rounds" };
  const why = whyNotShown(item, a, b, interval);
  return { ...interval, shown: why === null, why };
}

function whyNotShown(item: Item, a: string, b: string, interval: Interval): Difference["why"] {
  const direct = between(item, a, b);
  const withheld = direct === undefined ? touching(item, a, b).some(isWithheld) : isWithheld(direct);
  if (withheld || item.lossy.has(a) || item.lossy.has(b)) return "withheld";
  const loser = interval.mean > 0 ? b : a;
  if (item.limited.has(loser)) return "withheld";
  const beyond = interval.low > item.margin || interval.high < -item.margin;
  const judged = item.priced || direct?.declared !== true ? null : direct.verdict;
  if (beyond && judged !== "equal" && judged !== "undecided") return null;
  // Where the better one's rate is a lower bound, the true difference may be one that would have been shown.
  if (item.limited.has(a) || item.limited.has(b)) return "withheld";
  if (judged === "equal" || judged === "undecided") return judged;
  return interval.low >= -item.equalMargin && interval.high <= item.equalMargin ? "equal" : "undecided";
}

/** What the ratio of `a` to `b` is over shown differences: a bound where the generator limited the better side of one of them. */
export function boundOf(
  items: readonly Item[],
  shown: readonly boolean[],
  a: string,
  b: string,
): Bound | null {
  const limits = (candidate: string) =>
    items.some((item, i) => shown[i] === true && item.limited.has(candidate));
  if (limits(a) === limits(b)) return null;
  return limits(a) ? "at-least" : "at-most";
}

function between(item: Item, a: string, b: string): Comparison | undefined {
  return item.comparisons.find((c) => (c.a === a && c.b === b) || (c.a === b && c.b === a));
}

/**
 * Comparisons of one of the two with a third. Those of a third whose own rate or losses withhold the verdict say nothing of these
 * two: a reference at the generator's limit would otherwise take the evidence on everyone else with it.
 */
function touching(item: Item, a: string, b: string): Comparison[] {
  return item.comparisons.filter((c) => {
    const thirds = [c.a, c.b].filter((name) => name !== a && name !== b);
    return thirds.length === 1 && thirds.every((name) => !item.limited.has(name) && !item.lossy.has(name));
  });
}

/**
 * A comparison outside the declared family carries no verdict and says so; that withholds nothing here, since its interval
 * still has to clear the margin. Any other reason to withhold it stands.
 */
function isWithheld(comparison: Comparison): boolean {
  return comparison.verdict === "withheld" && comparison.code !== "exploratory";
}

/** The interval that the report itself shows for this pair, so that the decision and the tables agree to the digit. */
function declaredInterval(item: Item, a: string, b: string): Interval | null {
  const direct = between(item, a, b);
  if (item.priced || direct === undefined) return null;
  const { ratio, ciLow, ciHigh } = direct;
  if (ratio === null || ciLow === null || ciHigh === null || Math.min(ratio, ciLow, ciHigh) <= 0) return null;
  const sign = (metricKinds[item.metric].better === "higher") === (direct.a === a) ? 1 : -1;
  const ends = [sign * Math.log(ciLow), sign * Math.log(ciHigh)];
  return { mean: sign * Math.log(ratio), low: Math.min(...ends), high: Math.max(...ends) };
}

/** Student's interval on the per-round differences, calibrated, over the rounds in which both were measured. */
function pairedInterval(item: Item, a: string, b: string): Interval | null {
  const ours = item.goodness.get(a) ?? [];
  const theirs = item.goodness.get(b) ?? [];
  return intervalOfMean(
    ours.flatMap((x, round) => {
      const y = theirs[round] ?? null;
      return x === null || y === null ? [] : [x - y];
    }),
    item.widening,
  );
}
