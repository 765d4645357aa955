import { metricKinds } from "../../schemas/metric.ts";
import type { MetricResult, Report } from "../../schemas/report.ts";
import { formatPct, formatWithInterval } from "../format.ts";
import { table } from "../text-table.ts";
import { lowerBoundWords, ratioWords, tieStates, withheldWords } from "../wording.ts";
import { type Difference, differenceName, differenceWords } from "./environment.ts";
import type { CandidateChange, Change, ReadingCode, RunComparison } from "./runs.ts";

/** A comparison of two runs as text for a terminal: what differed about the runs first, since it decides what the rest is worth. */
export function comparisonText(a: Report, b: Report, comparison: RunComparison, columns: number): string {
  const parts = [
    `${a.run.id} (${a.run.startedAt}) against ${b.run.id} (${b.run.startedAt})`,
    environmentText([...comparison.differences, ...comparison.cellDifferences]),
    ...comparison.candidates.map((c) => candidateText(c, columns)),
    unmatchedText(comparison.unmatched),
    summary(comparison),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const line = (difference: Difference): string => `  ${differenceWords(difference)}`;

function environmentText(differences: readonly Difference[]): string {
  if (differences.length === 0) return "The reports show no difference between the two environments.";
  return ["Caution: the runs differ in:", ...differences.map(line)].join("\n");
}

function candidateText({ candidate, changes, differences }: CandidateChange, columns: number): string {
  const body =
    changes.length === 0
      ? "  no figure in both runs"
      : table(["figure", "first → second", "ratio", "reads"], changes.map(row), columns, {
          indent: 2,
        }).trimEnd();
  return [candidate, ...differences.map(line), body].join("\n");
}

function row(change: Change): string[] {
  const { cell, metric, a, b, aBound, bBound, marginPct } = change;
  const margin = marginPct === null ? "" : ` at ±${formatPct(marginPct)}`;
  const bounds = [...new Set([aBound, bBound].flatMap((b) => (b === null ? [] : [lowerBoundWords(b)])))];
  return [
    `${cell} ${metricKinds[metric].label}`,
    `${valueText(metric, a, aBound !== null)} → ${valueText(metric, b, bBound !== null)}`,
    changeText(change),
    `${changeWords(change)}${margin}${bounds.length === 0 ? "" : ` (${bounds.join("; ")})`}`,
  ];
}

/** Nothing where the ratio rests on a bound the wrong way: it could be any on that side. */
export function changeText({ metric, ratio, ciLow, ciHigh, aBound, bBound, code }: Change): string {
  if (ratio === null || code === "lower-bound") return "–";
  const bound = aBound !== null ? "at-most" : bBound !== null ? "at-least" : null;
  return ratioWords({ metric, ratio, bound, ciLow, ciHigh }) ?? "–";
}

/** A figure with its interval; a lower bound is reported as one. */
export const valueText = (metric: Change["metric"], result: MetricResult, isBound: boolean): string =>
  formatWithInterval(metric, result, isBound ? "at-least" : null);

function unmatchedText(unmatched: readonly string[]): string {
  if (unmatched.length === 0) return "";
  return ["Not compared:", ...unmatched.map((line) => `  ${line}`)].join("\n");
}

const isWithholding = (code: ReadingCode): code is ReadingCode & keyof typeof withheldWords =>
  code in withheldWords;

/** What a change reads as; a withheld one says why. */
export function changeWords({ reading, code }: Pick<Change, "reading" | "code">): string {
  if (reading === "undecided") return tieStates.undecided;
  return isWithholding(code) ? `withheld: ${withheldWords[code]}` : reading;
}

function summary({ candidates, ...comparison }: RunComparison): string {
  const differences = [...comparison.differences, ...comparison.cellDifferences];
  const all = candidates.flatMap((c) => c.changes);
  const counts = [...Map.groupBy(all, changeWords)]
    .toSorted(([x], [y]) => (x < y ? -1 : 1))
    .map(([words, { length }]) => `${length} ${words}`);
  const names = differences.map(differenceName).join(", ");
  const trust =
    differences.length === 0 ? "" : ` Read them with care: the runs differ as listed above (${names}).`;
  return `${all.length} figures${counts.length === 0 ? "" : `: ${counts.join(", ")}`}. Ratios are second ÷ first, unpaired, with 95 % intervals without correction for their number.${trust}`;
}
