import { matchesGlobs } from "../../schemas/glob.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import { type Policy, policyAxes } from "../../schemas/policy.ts";
import type { CandidateReport, CellResult, Undecided } from "../../schemas/report.ts";
import { placeWords } from "../workloads/index.ts";
import { isChoice, isHeadline, judgedBy, measuredResults } from "./evidence.ts";

/** A figure that the policy weighs, in one cell. */
interface Question {
  readonly cell: string;
  readonly metric: MetricName;
  readonly sample: CellResult;
}

/**
 * The first weighed figure that a candidate lacks though it serves the cell and most others have it; null where it lacks none.
 * Such a candidate cannot be placed, since what is not known of it may be its weakness. The other way, to leave the figure out
 * for everyone, would let one candidate's void trials erase the evidence on all. What half of the candidates lack is left out.
 */
export function absentFigure(report: Undecided, policy: Policy, candidate: string): string | null {
  const fit = report.candidates.filter((c) => isChoice(c) && c.status === "ok");
  const missing = questions(report, policy, fit).find((question) => {
    const withoutAnswer = fit.filter((c) => !answers(report, c.id, question));
    const expected =
      withoutAnswer.length * 2 < fit.length && fit.every((c) => serves(report, c, question.sample));
    return expected && withoutAnswer.some((c) => c.id === candidate);
  });
  return missing === undefined
    ? null
    : `no ${metricKinds[missing.metric].label} in ${placeWords(report, missing.cell)}`;
}

/** Start-up is not among them: it is a figure of the server and not of the cell, so that any cell has it. */
function questions(report: Undecided, policy: Policy, fit: readonly CandidateReport[]): Question[] {
  const names = new Set(fit.map((c) => c.id));
  const samples = new Map(
    measuredResults(report)
      .filter((r) => names.has(r.candidate))
      .map((r) => [r.cell, r]),
  );
  const headline = isHeadline(report);
  return policyAxes
    .filter((axis) => axis !== "startup" && policy.weights[axis] > 0)
    .flatMap((axis) => {
      const all = policy.evidence[axis].flatMap(({ metric, cells }) =>
        [...samples]
          .filter(([cell]) => matchesGlobs(cell, cells))
          .map(([cell, sample]) => ({ cell, metric: judgedBy(report, cell, metric), sample })),
      );
      const kept = all.filter(({ sample }) => headline(sample));
      return kept.length > 0 ? kept : all;
    });
}

function answers(report: Undecided, candidate: string, { cell, metric }: Question): boolean {
  return measuredResults(report).some(
    (r) => r.candidate === candidate && r.cell === cell && r.metrics[metric] !== undefined,
  );
}

/** Whether a candidate offers what the cell asks for: its broadcast variant, and a codec that it has any result in. */
function serves(report: Undecided, { id, options }: CandidateReport, { params, codec }: CellResult): boolean {
  const broadcast =
    !("broadcast" in params) || options === null || options.broadcast.includes(params.broadcast);
  return broadcast && report.results.some((r) => r.candidate === id && r.codec === codec);
}
