import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import type { Doubt } from "../compare/environment.ts";
import { type Change, compareRuns } from "../compare/runs.ts";
import {
  formatInterval,
  formatMetric,
  formatPct,
  formatRatio,
  formatRatioInterval,
  formatReach,
} from "../format.ts";
import { contenders } from "../view.ts";
import { type Finding, notMeasured, type Outcome } from "./finding.ts";

/**
 * Differences between the two environments under which a comparison of absolute figures says nothing of the code: another
 * machine, other pinning, other lengths of trials. Any other difference is told and judged all the same, since a new
 * kernel, runtime or framework may be what the gate is there to judge.
 */
const forbidding = new Set(["CPU", "cores", "virtualised", "pinning", "profile", "server process"]);

export const isForbidding = ({ what }: Doubt): boolean => forbidding.has(what);
/** The same, of one cell: another window or another feed is another question. */
const isOtherQuestion = (cell: string, { what }: Doubt): boolean =>
  what === `${cell}, warm-up and window` || what === `${cell}, feed`;

/** An earlier run that a run must not be worse than. */
export interface Regression {
  readonly baseline: Report;
  /** By how many percent a figure may be worse. */
  readonly limitPct: number;
  /** The figures that are judged. */
  readonly figures: readonly { readonly cell: string; readonly metric: MetricName }[];
}

export const regressionGate = (limitPct: number): string => `regression:${limitPct}%`;

/**
 * Judges every figure asked for that both runs have: a regression is a change for the worse whose whole 95 % interval
 * (Welch's, on logs) lies beyond the limit, and which is itself larger than what separates a server from itself in either
 * run. Losing messages where the baseline lost none is one too. Another environment withholds the judgement (see
 * `isForbidding`).
 */
export function judgeRegression(report: Report, { baseline, limitPct, figures }: Regression): Finding[] {
  const { candidates, doubts } = compareRuns(baseline, report, true);
  const gate = regressionGate(limitPct);
  const forbidden = doubts.filter(isForbidding).map((d) => `${d.what} ${d.a} → ${d.b}`);
  const asked = new Set(figures.map(({ cell, metric }) => `${cell} ${metric}`));
  const wanted = ({ cell, metric }: Change) => asked.has(`${cell} ${metric}`);
  const findings = candidates.flatMap((side) =>
    side.changes.filter(wanted).map((change): Finding => {
      const other = side.doubts
        .filter((d) => isOtherQuestion(change.cell, d))
        .map((d) => `${d.what} ${d.a} → ${d.b}`);
      const reasons = [...forbidden, ...other];
      const subject = { gate, candidate: side.candidate, cell: change.cell, metric: change.metric };
      if (reasons.length > 0) {
        return { ...subject, outcome: "withheld", text: `another environment: ${reasons.join("; ")}` };
      }
      const lost = lostWords(baseline, report, side.candidate, change.cell);
      if (lost !== null) return { ...subject, outcome: "suspect", text: lost };
      return { ...subject, outcome: outcomeOf(change, limitPct), text: words(change, limitPct) };
    }),
  );
  if (findings.length > 0) return [...findings, ...unmeasured(report, baseline, figures, gate)];
  const text = "nothing to judge: the two runs have none of the figures in common";
  return [{ gate, candidate: null, cell: null, metric: null, outcome: "failed", text }];
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
  return contenders(report).flatMap(({ id: candidate }) =>
    figures
      .filter(({ cell, metric }) => has(baseline, candidate, cell, metric))
      .filter(({ cell, metric }) => !has(report, candidate, cell, metric))
      .map(({ cell, metric }): Finding => {
        return { gate, candidate, cell, metric, outcome: "withheld", text: notMeasured };
      }),
  );
}

function outcomeOf({ ratio, ciLow, ciHigh, marginPct, metric }: Change, limitPct: number): Outcome {
  if (marginPct === null || ratio === null || ciLow === null || ciHigh === null) return "withheld";
  // How many times worse, so that above 1 is a loss whatever the metric's direction.
  const lower = metricKinds[metric].better === "lower";
  const [low, mid, high] = lower ? [ciLow, ratio, ciHigh] : [1 / ciHigh, 1 / ratio, 1 / ciLow];
  const limit = 1 + limitPct / 100;
  if (low > limit && mid > 1 + marginPct / 100) return "suspect";
  return high < limit ? "pass" : "unclear";
}

function words({ metric, a, b, ratio, ciLow, ciHigh, marginPct }: Change, limitPct: number): string {
  const figure = (r: Change["a"]) => {
    const interval = formatInterval(metric, r);
    return `${formatMetric(metric, r.median)}${interval === null ? "" : ` (${interval})`}`;
  };
  const values = `${metricKinds[metric].label} ${figure(a)} → ${figure(b)}`;
  if (ratio === null) return `${values}, of too few rounds for an interval`;
  const change = `${values}, ${formatRatio(ratio)} (95 % interval ${formatRatioInterval(ciLow, ciHigh)})`;
  if (marginPct === null) return `${change}, but no noise floor is known`;
  const floor = marginPct > limitPct ? ` and a noise floor of ±${formatPct(marginPct)}` : "";
  return `${change} against a limit of ${formatPct(limitPct)}${floor}`;
}

function lostWords(a: Report, b: Report, candidate: string, cell: string): string | null {
  const reach = (r: Report) => find(r.results, candidate, cell)?.reach ?? 1;
  if (reach(a) < 1 || reach(b) === 1) return null;
  return `only ${formatReach(reach(b))} of what was due arrived, where the baseline lost nothing`;
}

function find(results: readonly CellResult[], candidate: string, cell: string): CellResult | undefined {
  return results.find((r) => r.candidate === candidate && r.cell === cell);
}
