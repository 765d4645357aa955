import type { Report } from "../../schemas/report.ts";
import type { ChartFile } from "../charts/file.ts";
import { formatCount, formatDuration } from "../format.ts";
import { picture, section } from "./element.ts";

/**
 * What stopping early brought: rounds run of those allowed, when comparisons were settled, and the time that was saved.
 * Null for a run with a fixed number of rounds.
 */
export function adaptive(report: Report, charts: readonly ChartFile[]): string | null {
  if (!report.run.adaptive) return null;
  return section(
    "When the run stopped",
    `${roundsWords(report)} ${settledWords(report)}`.trim(),
    ...charts.filter((c) => c.kind === "adaptive").map(picture),
  );
}

/**
 * Later rounds measure only what is still open and so are shorter than the mean; rounds that were not run would have
 * measured everything. So the mean round times the rounds left out is the least that they would have taken.
 */
function roundsWords({ run }: Report): string {
  const { rounds, roundsRun, durationMs, interrupted } = run;
  const ran = `${roundsRun} of at most ${rounds} rounds were run`;
  if (interrupted) return `${ran}; the run was interrupted.`;
  if (roundsRun === 0 || roundsRun >= rounds)
    return `${ran}: nothing was saved, as something stayed open to the end.`;
  const savedMs = (durationMs / roundsRun) * (rounds - roundsRun);
  return `${ran}, which saved at least ${formatDuration(savedMs)} against running them all.`;
}

function settledWords({ comparisons }: Report): string {
  const rounds = comparisons
    .filter((c) => c.declared && c.looks !== undefined)
    .map((c) => c.rounds)
    .toSorted((a, b) => a - b);
  const [first] = rounds;
  const last = rounds.at(-1);
  if (first === undefined || last === undefined) return "";
  const middle = rounds[rounds.length >> 1] ?? last;
  const holds =
    "Each comparison's interval and p hold at every look, so that stopping early makes no false verdict likelier.";
  if (first === last)
    return `All ${rounds.length} declared comparisons took ${formatCount(last, "round")}. ${holds}`;
  return `Of ${rounds.length} declared comparisons the first stopped after ${formatCount(first, "round")}, half of them by ${middle}, the last after ${last}. ${holds}`;
}
