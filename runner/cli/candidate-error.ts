import type { TrialFailure } from "../experiment.ts";

/** A server that the user supplied cannot be measured, and the run ends before it measures anything. The message is for the user. */
export class CandidateError extends Error {
  override readonly name = "CandidateError";
}

/** Lines of stderr that are shown: the reason stands in the last ones. */
const linesMax = 10;

/** What happened to a server, its last words, and the ways out. */
export function failureText(name: string, { phase, reason, stderr }: TrialFailure): string {
  const words = stderr.slice(-linesMax).map((line) => `  ${line}`);
  const stderrLines = words.length === 0 ? ["  (it wrote nothing to stderr)"] : words;
  return [
    `${name} failed in ${phase}: ${reason}`,
    ...stderrLines,
    "Nothing was measured. Fix it, leave it out, or use --keep-going to measure the others.",
  ].join("\n");
}
