import { correctShare } from "../../schemas/delivery.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { type Difference, type DifferenceField, differenceInShort } from "../diff/environment.ts";
import { type Change, compareRuns } from "../diff/runs.ts";
import { formatPct, formatWithInterval, listed } from "../format.ts";
import { comparedCandidates } from "../view.ts";
import { lowerBoundWords, ratioWords } from "../wording.ts";
import { type Finding, notMeasured, type Outcome } from "./finding.ts";
import { judgeReach } from "./reach.ts";

/**
 * Differences between the two environments under which a comparison of absolute figures says nothing of the code: another
 * machine, other pinning, other lengths of trials. Any other difference is reported and judged all the same, since a new
 * kernel, runtime or framework may be what the gate is there to judge.
 */
const forbidding: ReadonlySet<DifferenceField> = new Set([
  "cpu",
  "cores",
  "cpu-quota",
  "virtualised",
  "pinning",
  "profile",
  "server-process",
]);

/** Whether a difference of the environments forbids the comparison. */
const isForbidding = ({ field }: Difference): boolean => forbidding.has(field);

/** An earlier run that a run must not be worse than. */
export interface Regression {
  readonly baseline: Report;
  /** By how many percent a figure may be worse. */
  readonly limitPct: number;
  /** The figures that are judged. */
  readonly figures: readonly { readonly cell: string; readonly metric: MetricName }[];
}

/** The gate as `--fail-on` writes it, e.g. `regression:5%`. */
export const regressionGate = (limitPct: number): string => `regression:${limitPct}%`;

/**
 * Judges every figure asked for that both runs have: a regression is a change for the worse whose whole 95 % interval
 * (Welch's, on logs) lies beyond the limit, and which is itself larger than either run's
 * threshold. Delivering less is one too (see `judgeReach`). Another environment withholds the judgement (see `isForbidding`), and
 * so does a rate that is a lower bound, unless the bound alone shows the loss or its absence.
 */
export function judgeRegression(report: Report, { baseline, limitPct, figures }: Regression): Finding[] {
  const { candidates, differences, cellDifferences } = compareRuns(baseline, report, true);
  const gate = regressionGate(limitPct);
  const kind = "regression" as const;
  const forbidden = differences.filter(isForbidding);
  const asked = new Set(figures.map(({ cell, metric }) => `${cell} ${metric}`));
  const wanted = ({ cell, metric }: Change) => asked.has(`${cell} ${metric}`);
  const findings = candidates.flatMap((side) =>
    side.changes.filter(wanted).map((change): Finding => {
      // Another window or another feed is another question.
      const other = cellDifferences.filter(({ of }) => of === change.cell);
      const reasons = [...forbidden, ...other].map(differenceInShort);
      const subject = { kind, gate, candidate: side.candidate, cell: change.cell, metric: change.metric };
      if (reasons.length > 0) {
        return { ...subject, outcome: "withheld", text: `another environment: ${reasons.join("; ")}` };
      }
      const reachOf = (r: Report) => {
        const result = find(r.results, side.candidate, change.cell);
        return result === undefined ? 1 : correctShare(result);
      };
      const reach = judgeReach(reachOf(baseline), reachOf(report));
      if (reach !== null) return { ...subject, ...reach };
      return { ...subject, outcome: outcomeOf(change, limitPct), text: words(change, limitPct) };
    }),
  );
  if (findings.length > 0) return [...findings, ...unmeasured(report, baseline, figures, gate)];
  const text = "nothing to judge: the two runs have none of the figures in common";
  return [{ kind, gate, candidate: null, cell: null, metric: null, outcome: "failed", text }];
}

/** Figures asked for that the baseline has and the run has not, of the candidates that both have. */
function unmeasured(
  report: Report,
  baseline: Report,
  figures: Regression["figures"],
  gate: string,
): Finding[] {
  const has = (r: Report, candidate: string, cell: string, metric: MetricName) =>
    find(r.results, candidate, cell)?.metrics[metric] !== undefined;
  return comparedCandidates(report).flatMap(({ id: candidate }) =>
    figures
      .filter(({ cell, metric }) => has(baseline, candidate, cell, metric))
      .filter(({ cell, metric }) => !has(report, candidate, cell, metric))
      .map(({ cell, metric }): Finding => {
        return { kind: "regression", gate, candidate, cell, metric, outcome: "withheld", text: notMeasured };
      }),
  );
}

function outcomeOf(change: Change, limitPct: number): Outcome {
  const { ratio, ciLow, ciHigh, marginPct, metric, aBound, bBound } = change;
  if (ratio === null) return "withheld";
  const [lowest, highest] = [ciLow ?? 0, ciHigh ?? Infinity];
  // How many times worse, so that above 1 is a loss whatever the metric's direction.
  const lower = metricKinds[metric].better === "lower";
  const [low, mid, high] = lower ? [lowest, ratio, highest] : [1 / highest, 1 / ratio, 1 / lowest];
  const limit = 1 + limitPct / 100;
  if (low > limit && mid > 1 + marginPct / 100) return "suspect";
  if (high < limit) return "pass";
  return (aBound ?? bBound) === null ? "unclear" : "withheld";
}

function words(change: Change, limitPct: number): string {
  const { metric, a, b, aBound, bBound, ratio, ciLow, ciHigh, marginPct } = change;
  const figure = (r: Change["a"], isBound: boolean) =>
    formatWithInterval(metric, r, isBound ? "at-least" : null);
  const values = `${metricKinds[metric].label} ${figure(a, aBound !== null)} → ${figure(b, bBound !== null)}`;
  const bounds = boundWords(change);
  if (bounds !== null) return `${values}; ${bounds}`;
  if (ratio === null) return `${values}, too few rounds for an interval`;
  const moved = `${values}, ${ratioWords({ metric, ratio, ciLow, ciHigh })}`;
  const floor = marginPct > limitPct ? ` and a threshold of ±${formatPct(marginPct)}` : "";
  return `${moved} against a limit of ${formatPct(limitPct)}${floor}`;
}

/** Which of two rates are lower bounds, and why; null where none is. */
function boundWords({ aBound, bBound }: Change): string | null {
  const bounds = [
    ...(aBound === null ? [] : [`the baseline is a lower bound (${lowerBoundWords(aBound)})`]),
    ...(bBound === null ? [] : [`this run is a lower bound (${lowerBoundWords(bBound)})`]),
  ];
  return bounds.length === 0 ? null : listed(bounds);
}

function find(results: readonly CellResult[], candidate: string, cell: string): CellResult | undefined {
  return results.find((r) => r.candidate === candidate && r.cell === cell);
}
