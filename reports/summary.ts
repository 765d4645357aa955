import type { Report } from "../schemas/report.ts";
import { type Summary, summaryBytesMax, summarySchemaVersion } from "../schemas/summary.ts";
import { decisiveFirst } from "./decision/labels.ts";
import { type Column, headlineFigures, leadColumn, rowOrder } from "./sections/headline.ts";
import { resultsOf, warningsByCode } from "./view.ts";

/** Changes listed; the report has all. */
const flipsMax = 2;
const figuresMin = 2;

const rounded = (value: number): number => Number(value.toPrecision(4));
const times = (pct: number): number => rounded(1 + pct / 100);

function summaryOf(report: Report, columns: readonly Column[], candidatesMax: number): Summary {
  const { run, decision, failures } = report;
  const lead = leadColumn(report, columns);
  const ids = lead === undefined ? [] : rowOrder(report, lead);
  const median = (id: string, { cell, metric }: Column): number | null => {
    const found = resultsOf(report, cell).find((r) => r.candidate === id)?.metrics[metric]?.median;
    return found === undefined ? null : rounded(found);
  };
  const { recommended, runnerUp, writing } = decision;
  return {
    schemaVersion: summarySchemaVersion,
    run: {
      id: run.id,
      startedAt: run.startedAt,
      profile: run.profile,
      rounds: run.roundsRun,
      toolVersion: run.toolVersion,
      interrupted: run.interrupted,
    },
    policy: decision.policy,
    outcome: decision.outcome,
    recommended,
    leader: decision.leader,
    runnerUp:
      recommended === null || runnerUp === null
        ? null
        : {
            candidate: runnerUp.candidate,
            ratio: times(runnerUp.byPct),
            ciLow: times(runnerUp.ciLowPct),
            ciHigh: times(runnerUp.ciHighPct),
          },
    writing:
      writing === null
        ? null
        : {
            broadcast: writing.broadcast,
            against: writing.against,
            ratio: rounded(writing.ratio),
            ciLow: rounded(writing.ciLow),
            ciHigh: rounded(writing.ciHigh),
            reads: writing.reads,
          },
    figures: columns.map(({ cell, metric }) => ({ cell, metric })),
    candidates: ids
      .slice(0, candidatesMax)
      .map((candidate) => ({ candidate, medians: columns.map((column) => median(candidate, column)) })),
    candidatesLeftOut: Math.max(0, ids.length - candidatesMax),
    flips: decisiveFirst(decision.reversals)
      .slice(0, flipsMax)
      .map(({ kind, what, from, at, side, becomes }) => ({ kind, what, from, at, side, becomes })),
    warnings: warningsByCode(report, "answer").map(([code, all]) => ({ code, count: all.length })),
    failedTrials: failures.length,
  };
}

/**
 * Text of summary.json: the outcome in one line of JSON that is never larger than a small message may be. Figures give way
 * first, the throughput at their end last, and then the candidates that are placed worst.
 */
export function summaryJson(report: Report): string {
  const all = headlineFigures(report);
  const text = (figures: number, candidates: number): string => {
    const shown = all.length <= figures ? all : [...all.slice(0, figures - 1), ...all.slice(-1)];
    return `${JSON.stringify(summaryOf(report, shown, candidates))}\n`;
  };
  const fits = (of: string) => Buffer.byteLength(of) <= summaryBytesMax;
  for (let figures = all.length; figures >= figuresMin; figures -= 1) {
    const whole = text(figures, Infinity);
    if (fits(whole)) return whole;
  }
  let candidates = report.candidates.length;
  while (candidates > 0 && !fits(text(figuresMin, candidates))) candidates -= 1;
  return text(figuresMin, candidates);
}
