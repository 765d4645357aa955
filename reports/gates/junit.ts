import type { Report } from "../../schemas/report.ts";
import { markup } from "../html/markup.ts";
import type { Finding } from "./finding.ts";
import type { Judgement } from "./judge.ts";
import { outcomeWords, placeOf } from "./text.ts";

/**
 * The gates as JUnit's XML, which CI systems show as tests: a case for each figure that a gate judged. What looks broken is a failure,
 * confirmed or not yet repeated; what cannot be judged, or was not confirmed, is skipped with its reason.
 * Layout: the testsuites schema that Jenkins, GitLab and GitHub's reporters read (github.com/testmoapp/junitxml).
 */
export function gatesJunit({ run }: Report, { findings }: Judgement): string {
  const count = (of: readonly Finding["outcome"][]) => findings.filter((f) => of.includes(f.outcome)).length;
  const totals = markup`tests="${findings.length}" failures="${count(failing)}" errors="0" skipped="${count(skipping)}"`;
  return String(markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tickbench" ${totals}>
<testsuite name="gates of ${run.id}" timestamp="${run.startedAt}" time="${(run.durationMs / 1000).toFixed(3)}" ${totals}>
${findings.map(testCase)}</testsuite>
</testsuites>
`);
}

const failing: readonly Finding["outcome"][] = ["failed", "suspect"];
const skipping: readonly Finding["outcome"][] = ["unclear", "withheld", "not-repeated"];

function testCase(finding: Finding) {
  const { gate, metric, outcome, text } = finding;
  const message = `${outcomeWords[outcome]}: ${text}`;
  const inside = failing.includes(outcome)
    ? markup`<failure type="${outcome}" message="${message}">${text}</failure>`
    : skipping.includes(outcome)
      ? markup`<skipped message="${message}"/>`
      : markup`<system-out>${text}</system-out>`;
  return markup`<testcase classname="${gate}" name="${placeOf(finding)}${metric === null ? "" : ` ${metric}`}">${inside}</testcase>
`;
}
