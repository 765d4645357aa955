import { correctShare } from "../../schemas/delivery.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { CellResult, MetricResult, Undecided } from "../../schemas/report.ts";
import { figureBound, formatInterval, formatMetric, formatReach, formatWithInterval } from "../format.ts";
import { lowerBoundOf, lowerBoundWords } from "../wording.ts";
import { type Assertion, speaksOf } from "./assertion.ts";
import { type Finding, notMeasured, type Outcome, type Planned } from "./finding.ts";

/**
 * Judges a budget in each cell that it speaks of: it is broken where the median's whole 95 % interval lies beyond the
 * limit. A rate that is a lower bound is judged by what it shows: that it is above a limit, never that it is below one. A cell that lost messages meets no budget, as what never arrives costs nothing. A budget that finds no figure at
 * all fails: a gate that looks at nothing must not let everything through. A cell that was planned and gave no figure, since
 * every trial of it was void, is withheld.
 */
export function judgeAssertion(
  report: Undecided,
  assertion: Assertion,
  planned: readonly Planned[],
): Finding[] {
  const replicates = new Set(report.candidates.filter((c) => c.replicateOf !== null).map((c) => c.id));
  const findings = report.results
    .filter((r) => !replicates.has(r.candidate) && speaksOf(assertion, r.candidate, r))
    .flatMap((result) => {
      const figure = result.metrics[assertion.metric];
      return figure === undefined ? [] : [judgeCell(assertion, result, figure)];
    });
  if (findings.length > 0) return [...findings, ...unmeasured(report, assertion, planned)];
  const text = `nothing to judge: no ${metricKinds[assertion.metric].label} was measured there`;
  return [
    {
      kind: "assertion",
      gate: assertion.source,
      candidate: null,
      cell: null,
      metric: null,
      outcome: "failed",
      text,
    },
  ];
}

function unmeasured(report: Undecided, assertion: Assertion, planned: readonly Planned[]): Finding[] {
  const { source: gate, metric } = assertion;
  return planned
    .filter((p) => speaksOf(assertion, p.candidate, p))
    .filter(
      ({ candidate, cell }) => !report.results.some((r) => r.candidate === candidate && r.cell === cell),
    )
    .map(({ candidate, cell }) => {
      return { kind: "assertion", gate, candidate, cell, metric, outcome: "withheld", text: notMeasured };
    });
}

function judgeCell(assertion: Assertion, result: CellResult, figure: MetricResult): Finding {
  const { metric, source, than, limit } = assertion;
  const { candidate, cell } = result;
  const correct = correctShare(result);
  const subject = { kind: "assertion", gate: source, candidate, cell, metric } as const;
  const { label } = metricKinds[metric];
  if (correct < 1) {
    const text = `only ${formatReach(correct)} of the messages arrived unchanged, so its ${label} meets no budget`;
    // What arrived twice, late or never is a fact and no noise: a repeat that happens on none of it takes nothing back.
    return { ...subject, outcome: "failed", text };
  }
  const bound = lowerBoundOf(metric, result);
  const value = `${label} ${formatWithInterval(metric, figure, figureBound(metric, result))}`;
  if (formatInterval(metric, figure) === null) {
    return { ...subject, outcome: "withheld", text: `${value}, too few rounds for an interval` };
  }
  const text = `${value} against ${than} ${formatMetric(metric, limit)}`;
  if (bound === null) return { ...subject, outcome: outcomeOf(assertion, figure), text };
  return {
    ...subject,
    outcome: boundOutcome(assertion, figure),
    text: `${text}; a lower bound: ${lowerBoundWords(bound)}`,
  };
}

/** A lower bound above the limit is shown to be above it; nothing shows it to be below one. */
function boundOutcome({ than, limit }: Assertion, { ciLow }: MetricResult): Outcome {
  if ((ciLow ?? -Infinity) <= limit) return "withheld";
  return than === ">" ? "pass" : "suspect";
}

function outcomeOf({ than, limit }: Assertion, { ciLow, ciHigh }: MetricResult): Outcome {
  const [low, high] = [ciLow ?? -Infinity, ciHigh ?? Infinity];
  const [broken, kept] = than === "<" ? [low >= limit, high < limit] : [high <= limit, low > limit];
  if (broken) return "suspect";
  return kept ? "pass" : "unclear";
}
