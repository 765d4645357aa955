import { appendFileSync } from "node:fs";
import { annotations } from "../../reports/gates/annotations.ts";
import type { Judgement } from "../../reports/gates/judge.ts";
import { gatesJunit } from "../../reports/gates/junit.ts";
import { gatesSummary } from "../../reports/gates/summary.ts";
import { gatesText } from "../../reports/gates/text.ts";
import type { Report } from "../../schemas/report.ts";
import { orUsageError, writeInto } from "../record/run-directory.ts";

/** Where a judgement is reported. */
export interface GateOutput {
  /** The run's folder, which gets gates.md and gates.junit.xml. */
  readonly folder: string;
  readonly write: (text: string) => void;
  /** GITHUB_ACTIONS turns annotations on; GITHUB_STEP_SUMMARY names the file that the step's summary is appended to. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reports a judgement as text, in the run's folder and, inside GitHub Actions, as annotations and in the step's summary. */
export function reportGates(judgement: Judgement, report: Report, { folder, write, env }: GateOutput): void {
  const summary = gatesSummary(report, judgement);
  writeInto(folder, "gates.md", summary);
  writeInto(folder, "gates.junit.xml", gatesJunit(report, judgement));
  write(`\n${gatesText(judgement)}`);
  if (isSet(env.GITHUB_ACTIONS))
    write(
      annotations(judgement)
        .map((line) => `${line}\n`)
        .join(""),
    );
  const { GITHUB_STEP_SUMMARY: file } = env;
  if (isSet(file)) orUsageError(file, () => appendFileSync(file, summary));
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== "";
