import { feedOf } from "../../schemas/cell.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import type { Comparison, SpreadSource } from "../../schemas/report.ts";
import { componentsOf, type VisitWindows } from "../../stats/components.ts";
import type { Series } from "./collect.ts";

/**
 * What the rounds of an undecided comparison spread by, from the windows of its visits. `variance` is that of a round's log ratio,
 * uncalibrated. Where visits have one window each, or none that counts, all of it is `unknown`.
 */
export function spreadOf(
  plan: Plan,
  cell: PlannedCell,
  metric: MetricName,
  series: readonly Series[],
  { a, b, variance }: { readonly a: string; readonly b: string; readonly variance: number },
): NonNullable<Comparison["spread"]> {
  const of = (name: string | undefined) => windowsOf(cell, metric, series, name);
  const replicate = plan.candidates.find((c) => c.replicateOf !== null);
  const sides = { a: of(a), b: of(b) };
  const [once, again] = [of(replicate?.replicateOf ?? undefined), of(replicate?.name)];
  const unknown = { largest: "unknown", shares: { unknown: 1 } } as const;
  if (sides.a === null || sides.b === null) return unknown;
  const aa = once === null || again === null ? null : { once, again };
  // Stretches are the feed's, which pairs by them: windows of anything else are alike.
  const location = feedOf(cell.spec) === null ? "median" : "pseudo-median";
  const found = componentsOf({ a: sides.a, b: sides.b, aa, total: variance, location });
  if (found === null) return unknown;
  const parts: [SpreadSource, number][] = [
    ["between-visits", found.visits],
    ["windows", found.windows],
    [feedOf(cell.spec) === null ? "windows" : "stretches", found.stretches],
    ["contamination", found.contamination],
  ];
  const whole = parts.reduce((sum, [, part]) => sum + part, 0);
  if (!(whole > 0)) return unknown;
  const shares: Partial<Record<SpreadSource, number>> = {};
  for (const [source, part] of parts) shares[source] = Math.min(1, (shares[source] ?? 0) + part / whole);
  const [largest] = Object.entries(shares).toSorted(([, x], [, y]) => y - x)[0] as [SpreadSource, number];
  return { largest, shares };
}

/** Log figures of the typical windows of each visit by their place; null of a lost one, and of nothing at all. */
function windowsOf(
  cell: PlannedCell,
  metric: MetricName,
  series: readonly Series[],
  name: string | undefined,
): VisitWindows | null {
  const found = series.find((s) => s.candidate === name && s.cell === cell.id);
  if (found === undefined) return null;
  return found.perRound.map((_, round) => {
    const visit: (number | null)[] = Array.from({ length: cell.windows }, () => null);
    for (const window of found.windows) {
      if (window.round !== round || window.kind !== "typical" || !window.counted) continue;
      const value = window.measurement.metrics[metric];
      if (value !== undefined && value > 0 && window.window < visit.length)
        visit[window.window] = Math.log(value);
    }
    return visit;
  });
}
