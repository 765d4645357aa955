import { Command } from "commander";
import { parse, runCommand } from "./command.ts";
import { compareRuns } from "./diff/runs.ts";
import { comparisonText } from "./diff/text.ts";
import { readStored } from "./stored.ts";

const command = (): Command =>
  new Command("compare-runs")
    .description("Compares two stored runs, candidate by candidate, and says what makes that doubtful.")
    .argument("<first>", "a report.json, or the folder of a run")
    .argument("<second>", "another")
    .option("--all", "every figure that both have, not only the headline ones", false)
    .option("--json", "the comparison as JSON", false)
    .helpOption("--help", "print this and end")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });

/** `a.json b.json`: reads, compares, and gives the text. */
export async function compareStored(argv: readonly string[]): Promise<string> {
  const parsed = parse(command(), argv);
  if (parsed === null) return "";
  const [first = "", second = ""] = parsed.args;
  const { all, json } = parsed.opts<{ all: boolean; json: boolean }>();
  const [a, b] = await Promise.all([readStored(first), readStored(second)]);
  const comparison = compareRuns(a, b, all);
  return json
    ? `${JSON.stringify(comparison, null, 2)}\n`
    : comparisonText(a, b, comparison, process.stdout.columns ?? 120);
}

if (import.meta.main) process.exitCode = await runCommand(() => compareStored(process.argv.slice(2)));
