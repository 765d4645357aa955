import { join } from "node:path";
import { Command } from "commander";
import { writeTo } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { type DiffForm, diffFormNames } from "./diff/form-names.ts";

/** Its options; what it needs to act is loaded when it does. */
export const diffCommand = (): Command =>
  new Command("diff")
    .description(
      "Compares two stored runs, candidate by candidate, and lists what differs between their environments.",
    )
    .argument("<first>", "a report.json, or the folder of a run")
    .argument("<second>", "another")
    .argument("[more...]", "with --machines, the runs on further machines")
    .option("--machines", "one verdict over runs of the same plan on several machines")
    .option("--all", "compare all figures, not only the headline ones")
    .option("--json", "print the comparison as JSON")
    .option("--report <forms>", `write files too, comma-separated: ${diffFormNames.join(", ")}`)
    .option("--out <dir>", "where to write them", ".")
    .helpOption("-h, --help", "print this and exit");

interface Given {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly report?: string;
  readonly out: string;
}

function formsOf(list: string): DiffForm[] {
  return list.split(",").map((given) => {
    const name = diffFormNames.find((known) => known === given.trim());
    if (name !== undefined) return name;
    throw new CommandError(
      `--report: must be of ${diffFormNames.join(", ")}, got ${given.trim() || "nothing"}`,
    );
  });
}

/** Reads both, compares, and gives the text. */
export async function diffStored(parsed: Command): Promise<string> {
  const [first = "", second = "", ...more] = parsed.args;
  if (parsed.opts<{ machines?: boolean }>().machines === true) return combineStored(parsed);
  if (more.length > 0) {
    throw new CommandError(
      `diff: compares two runs, got ${parsed.args.length}; --machines gives one verdict over runs of the same plan on several machines`,
    );
  }
  const { all = false, json = false, report: forms, out } = parsed.opts<Given>();
  const { readStored } = await import("./read-report.ts");
  const { compareRuns } = await import("./diff/runs.ts");
  const { comparisonText } = await import("./diff/text.ts");
  const [a, b] = await Promise.all([readStored(first), readStored(second)]);
  const comparison = compareRuns(a, b, all);
  if (forms !== undefined) {
    const { renderDiff } = await import("./diff/forms.ts");
    const files = renderDiff(a, b, comparison, formsOf(forms));
    for (const file of files) await writeTo(out, file);
    return files.map(({ path }) => `${join(out, path)}\n`).join("");
  }
  return json
    ? `${JSON.stringify(comparison, null, 2)}\n`
    : comparisonText(a, b, comparison, process.stdout.columns ?? 120);
}

/** Reads the runs of several machines, and gives one verdict over them. */
async function combineStored(parsed: Command): Promise<string> {
  const [{ readStored }, { overMachines }, { machinesText }] = await Promise.all([
    import("./read-report.ts"),
    import("./diff/machines.ts"),
    import("./diff/machines-text.ts"),
  ]);
  const reports = await Promise.all(parsed.args.map(readStored));
  const verdict = overMachines(reports);
  return parsed.opts<{ json?: boolean }>().json === true
    ? `${JSON.stringify(verdict, null, 2)}\n`
    : machinesText(reports, verdict, process.stdout.columns ?? 120);
}
