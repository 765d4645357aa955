import { feedOf } from "../../schemas/cell.ts";
import type { QualityCode } from "../../schemas/load.ts";
import type { Plan } from "../../schemas/plan.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { mayPass } from "../quality/trial-quality.ts";
import { type Series, windowCounts } from "./collect.ts";

/**
 * One warning for each cell of a candidate that has windows which could not be had clean. One that a repeat has made good is
 * counted in the report, and is no reason to worry.
 */
export function qualityWarnings(plan: Plan, series: readonly Series[]): RunWarning[] {
  return [...series.flatMap((one) => disturbed(plan, one)), ...series.flatMap((one) => saturated(plan, one))];
}

function disturbed(plan: Plan, one: Series): RunWarning[] {
  const { clean, kept, missing } = windowCounts([one]);
  if (missing + kept === 0) return [];
  const doubted = one.windows.filter(({ doubt }) => doubt !== null && mayPass(doubt));
  const [ofCode] = [...Map.groupBy(doubted, ({ doubt }) => doubt?.code).values()].toSorted(
    (a, b) => b.length - a.length,
  );
  const worst = ofCode?.at(-1)?.doubt;
  if (worst == null) return [];
  const all = clean + kept + missing;
  const how =
    kept > 0
      ? `${kept} of ${all} windows were disturbed but counted`
      : `${missing} of ${all} windows stayed disturbed and are left out`;
  const rounds = one.perRound.filter((visit) => visit !== null).length;
  return [
    warning(
      worst.code,
      `${worst.reason}; ${how}, and ${rounds} of ${rounds + one.voids.length} rounds have a figure`,
      {
        cell: `${one.candidate} ${one.cell}`,
        ...stepFor(worst.code, plan, one.cell),
      },
    ),
  ];
}

/** Windows in which the generator was the limit: they count, and their rate is a bound. */
function saturated(plan: Plan, { candidate, cell, windows }: Series): RunWarning[] {
  const found = windows.flatMap(({ doubt }) => (doubt !== null && !mayPass(doubt) ? [doubt] : []));
  const [worst] = found;
  if (worst === undefined) return [];
  return [
    warning(
      worst.code,
      `${worst.reason}; in ${found.length} of ${windows.length} windows, so the rate reads “at least”`,
      {
        cell: `${candidate} ${cell}`,
        ...stepFor(worst.code, plan, cell),
      },
    ),
  ];
}

/** A feed can be slowed, which a fan-out's rate cannot. */
function stepFor(code: QualityCode, plan: Plan, cell: string) {
  const spec = plan.cells.find((c) => c.id === cell)?.spec;
  const isFeed = spec !== undefined && feedOf(spec) !== null;
  return code === "generator-late" && isFeed
    ? { nextStep: "lower --feed-rate, or keep other programs off the load generator's core" }
    : {};
}
