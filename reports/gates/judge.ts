import type { Report } from "../../schemas/report.ts";
import { type Difference, runDifferences } from "../diff/environment.ts";
import { compareRuns } from "../diff/runs.ts";
import type { Assertion } from "./assertion.ts";
import { judgeAssertion } from "./budget.ts";
import { type Finding, type Planned, subjectOf } from "./finding.ts";
import { judgeRegression, type Regression } from "./regression.ts";

/** What a run is held to. */
export interface Gates {
  readonly assertions: readonly Assertion[];
  readonly regression: Regression | null;
  /** What the run set out to measure: a budget on what it then has no figure of is reported, and not passed over. */
  readonly planned: readonly Planned[];
}

/** How a run stands to its gates. */
export interface Judgement {
  readonly findings: readonly Finding[];
  /** What differed between the baseline's environment and this run's; empty without a baseline. */
  readonly differences: readonly Difference[];
}

/** Judges a run. Nothing has failed yet but what found nothing to judge: a suspect has to be repeated (see `confirm`). */
export function judge(report: Report, gates: Gates): Judgement {
  const { assertions, regression, planned } = gates;
  return {
    findings: [
      ...(regression === null ? [] : judgeRegression(report, regression)),
      ...assertions.flatMap((assertion) => judgeAssertion(report, assertion, planned)),
    ],
    differences: regression === null ? [] : differencesOf(regression.baseline, report),
  };
}

/** Those of the runs, and of each candidate's versions and options; several candidates may share one. */
function differencesOf(baseline: Report, report: Report): Difference[] {
  const { candidates, cellDifferences } = compareRuns(baseline, report);
  const ofCandidates = candidates.flatMap(({ candidate, differences }) =>
    differences.map((d) => ({ ...d, of: d.of === null ? candidate : `${candidate}, ${d.of}` })),
  );
  return [...runDifferences(baseline, report), ...cellDifferences, ...ofCandidates];
}

/** Candidates and cells to measure again. */
export function suspectsOf({ findings }: Judgement): { candidate: string; cell: string }[] {
  const pairs = findings.flatMap(({ outcome, candidate, cell }) =>
    outcome === "suspect" && candidate !== null && cell !== null ? [{ candidate, cell }] : [],
  );
  return [...new Map(pairs.map((pair) => [`${pair.candidate}\n${pair.cell}`, pair])).values()];
}

/**
 * Settles the suspects by a repeat of their cells in fresh rounds: a gate fails where the repeat, judged by itself and at
 * the first run's calibration, finds the same. Where it cannot be judged (it was cut, or its server failed) a suspect is
 * not confirmed.
 */
export function confirm(first: Judgement, run: Report, repeat: Report, gates: Gates): Judgement {
  const again = new Map(judge({ ...repeat, noise: run.noise }, gates).findings.map((f) => [subjectOf(f), f]));
  const findings = first.findings.map((finding): Finding => {
    if (finding.outcome !== "suspect") return finding;
    const found = again.get(subjectOf(finding));
    const agrees = found?.outcome === "suspect";
    const words = found?.text ?? "no figure";
    return {
      ...finding,
      outcome: agrees ? "failed" : "not-repeated",
      text: `${finding.text}; the repeat ${agrees ? "agrees" : "does not agree"}: ${words}`,
    };
  });
  return { ...first, findings };
}

/** Whether any gate fails. */
export const hasFailed = ({ findings }: Judgement): boolean => findings.some((f) => f.outcome === "failed");
