import { Command } from "commander";
import { parse, runCommand } from "./command.ts";

/** Its options; what it needs to act is loaded when it does. */
export const diffCommand = (): Command =>
  new Command("diff")
    .description("Compares two stored runs, candidate by candidate, and says what makes that doubtful.")
    .argument("<first>", "a report.json, or the folder of a run")
    .argument("<second>", "another")
    .option("--all", "every figure that both have, not only the headline ones")
    .option("--json", "print the comparison as JSON")
    .helpOption("-h, --help", "print this and exit");

/** `a.json b.json`: parses and compares. */
export async function compareStored(argv: readonly string[]): Promise<string> {
  const parsed = parse(diffCommand(), argv);
  return parsed === null ? "" : diffStored(parsed);
}

/** Reads both, compares, and gives the text. */
export async function diffStored(parsed: Command): Promise<string> {
  const [first = "", second = ""] = parsed.args;
  const { all = false, json = false } = parsed.opts<{ all?: boolean; json?: boolean }>();
  const { readStored } = await import("./stored.ts");
  const { compareRuns } = await import("./diff/runs.ts");
  const { comparisonText } = await import("./diff/text.ts");
  const [a, b] = await Promise.all([readStored(first), readStored(second)]);
  const comparison = compareRuns(a, b, all);
  return json
    ? `${JSON.stringify(comparison, null, 2)}\n`
    : comparisonText(a, b, comparison, process.stdout.columns ?? 120);
}

// The form of the release before, for scripts that still use it.
if (import.meta.main) {
  process.stderr.write("reports/compare-runs.ts: is now a command: bun run runner/compare.ts diff\n");
  process.exitCode = await runCommand(() => compareStored(process.argv.slice(2)));
}
