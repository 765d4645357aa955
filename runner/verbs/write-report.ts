import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { decided } from "../../reports/decision/decided.ts";
import { type FormName, renderForms } from "../../reports/forms.ts";
import { parseReport } from "../../reports/json.ts";
import { renderTerminal } from "../../reports/terminal.ts";
import type { Policy } from "../../schemas/policy.ts";
import type { Report } from "../../schemas/report.ts";
import type { Options } from "../cli/args.ts";
import { linkLatest, writeInto } from "../record/run-directory.ts";
import type { RunOutcome } from "../run.ts";

/** Columns beyond which a line is hard to read. */
const widest = 120;

/**
 * Decides, writes the report in every form asked for, and reads report.json back through its schema, so that what is on
 * the disk is what the tool can read again. Returns that, and the text for stdout.
 */
export async function writeReport(
  outcome: RunOutcome,
  policy: Policy,
  options: Options,
): Promise<{ report: Report; text: string }> {
  const whole = decided(outcome.evidence, policy);
  const names: FormName[] = ["json", ...options.reports];
  for await (const { path, content } of renderForms(whole, names, options))
    writeInto(outcome.folder, path, content);
  const file = join(outcome.folder, "report.json");
  const report = parseReport(readFileSync(file, "utf8"), file);
  linkLatest(outcome.folder);
  const folder = relative(process.cwd(), outcome.folder) || ".";
  const { stdout, env } = process;
  const screen = {
    columns: Math.min(stdout.columns ?? 80, widest),
    bold: stdout.isTTY === true && (env.NO_COLOR ?? "") === "",
    wide: options.wide,
  };
  return { report, text: options.json ? readFileSync(file, "utf8") : renderTerminal(report, folder, screen) };
}
