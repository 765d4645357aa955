import { type Difference, differenceWords } from "../../reports/diff/environment.ts";
import { type Change, compareRuns } from "../../reports/diff/runs.ts";
import { changeWords } from "../../reports/diff/text.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { MetricResult, Report } from "../../schemas/report.ts";
import type { ComparisonAnswer } from "../api/history.ts";
import type { RunSummary } from "../api/run.ts";

const otherSitting =
  "The runs were made at different times: any change of the machine in between is part of every ratio. To compare two versions, measure both in one run.";
const sameRun = "This is one run, compared with itself.";

/** Two stored runs, as the API reports them. */
export function comparisonOf(
  a: { readonly run: RunSummary; readonly report: Report },
  b: { readonly run: RunSummary; readonly report: Report },
  all: boolean,
): ComparisonAnswer {
  const { differences, cellDifferences, candidates, unmatched } = compareRuns(a.report, b.report, all);
  return {
    a: a.run,
    b: b.run,
    otherSitting: a.run.id !== b.run.id,
    caution: a.run.id === b.run.id ? sameRun : otherSitting,
    differences: [...differences, ...cellDifferences].map(differenceOf),
    candidates: candidates.map((one) => ({
      candidate: one.candidate,
      differences: one.differences.map(differenceOf),
      changes: one.changes.map(changeOf),
    })),
    unmatched: [...unmatched],
  };
}

const differenceOf = (difference: Difference): ComparisonAnswer["differences"][number] => ({
  ...difference,
  words: differenceWords(difference),
});

function changeOf(change: Change): ComparisonAnswer["candidates"][number]["changes"][number] {
  const { cell, metric, ratio, ciLow, ciHigh, marginPct, reading, code } = change;
  const { label, unit, better } = metricKinds[metric];
  const side = ({ median, ciLow: low, ciHigh: high }: MetricResult, isBound: boolean) => ({
    median,
    ciLow: low,
    ciHigh: high,
    isBound,
  });
  return {
    ...{ cell, metric, label, unit, better, ratio, ciLow, ciHigh, marginPct, reading, code },
    a: side(change.a, change.aBound !== null),
    b: side(change.b, change.bBound !== null),
    words: changeWords(change),
  };
}
