import { metricKinds } from "../../schemas/metric.ts";
import type { MetricResult, Report } from "../../schemas/report.ts";
import {
  digits3,
  formatBounded,
  formatInterval,
  formatPct,
  formatRatio,
  formatRatioInterval,
} from "../format.ts";
import { lowerBoundWords } from "../wording.ts";
import type { Doubt } from "./environment.ts";
import type { CandidateChange, Change, RunComparison } from "./runs.ts";

/** A comparison of two runs as text for a terminal: what differed about the runs first, since it decides what the rest is worth. */
export function comparisonText(a: Report, b: Report, comparison: RunComparison): string {
  const parts = [
    `${a.run.id} (${a.run.startedAt}) against ${b.run.id} (${b.run.startedAt})`,
    environmentText([...comparison.doubts, ...comparison.cellDoubts]),
    ...comparison.candidates.map(candidateText),
    unmatchedText(comparison.unmatched),
    summary(comparison),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const doubtText = ({ what, a, b, why }: Doubt): string => `  ${what}: ${a} → ${b} (${why})`;

function environmentText(doubts: readonly Doubt[]): string {
  if (doubts.length === 0) return "Nothing that the reports record differs between the two environments.";
  return ["Doubtful, since the runs differ in:", ...doubts.map(doubtText)].join("\n");
}

function candidateText({ candidate, changes, doubts }: CandidateChange): string {
  const rows = changes.map(row);
  const widths = [0, 1, 2, 3].map((i) => Math.max(0, ...rows.map((r) => (r[i] ?? "").length)));
  const lines = rows.map((r) => `  ${r.map((text, i) => text.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
  const body = lines.length === 0 ? ["  no figure that both runs have"] : lines;
  return [candidate, ...doubts.map(doubtText), ...body].join("\n");
}

function row(change: Change): string[] {
  const { cell, metric, a, b, aBound, bBound, reading, marginPct } = change;
  const margin = marginPct === null ? "" : ` at ±${formatPct(marginPct)}`;
  const bounds = [...new Set([aBound, bBound].flatMap((b) => (b === null ? [] : [lowerBoundWords(b)])))];
  return [
    `${cell} ${metricKinds[metric].label}`,
    `${valueText(metric, a, aBound !== null)} → ${valueText(metric, b, bBound !== null)}`,
    changeText(change),
    `${reading}${margin}${bounds.length === 0 ? "" : ` (${bounds.join("; ")})`}`,
  ];
}

/** Nothing where the ratio rests on a bound the wrong way: it could be any on that side. */
function changeText({ ratio, ciLow, ciHigh, aBound, bBound, reading }: Change): string {
  if (ratio === null || reading === "withheld: lower bound") return "–";
  if (aBound !== null) return `at most ${formatRatio(ratio)} (up to ${digits3(ciHigh ?? ratio)})`;
  if (bBound !== null) return `at least ${formatRatio(ratio)} (from ${digits3(ciLow ?? ratio)})`;
  return `${formatRatio(ratio)} (${formatRatioInterval(ciLow, ciHigh)})`;
}

function valueText(metric: Change["metric"], result: MetricResult, isBound: boolean): string {
  const interval = formatInterval(metric, result);
  return `${formatBounded(metric, result.median, isBound)}${interval === null ? "" : ` (${interval})`}`;
}

function unmatchedText(unmatched: readonly string[]): string {
  if (unmatched.length === 0) return "";
  return ["Not compared:", ...unmatched.map((line) => `  ${line}`)].join("\n");
}

const tallied = {
  better: "better",
  worse: "worse",
  "no difference shown": "without a difference shown",
  "withheld: noise not known": "withheld for want of a noise floor",
  "withheld: lower bound": "withheld, since a rate is a lower bound",
  "too few rounds": "with too few rounds",
} as const satisfies Record<Change["reading"], string>;

function summary({ candidates, ...comparison }: RunComparison): string {
  const doubts = [...comparison.doubts, ...comparison.cellDoubts];
  const all = candidates.flatMap((c) => c.changes);
  const counts = Object.entries(tallied).flatMap(([reading, words]) => {
    const count = all.filter((c) => c.reading === reading).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  const trust =
    doubts.length === 0 ? "" : ` Doubtful for what differs above (${doubts.map((d) => d.what).join(", ")}).`;
  return `${all.length} figures${counts.length === 0 ? "" : `: ${counts.join(", ")}`}. Ratios are second ÷ first, unpaired, with 95 % intervals that no family correction widens.${trust}`;
}
