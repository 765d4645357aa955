import { dirname } from "node:path";
import { Command } from "commander";
import { writeTo } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { type FormName, formNames, formWrites, renderForms } from "./forms.ts";

/** Its options; what it needs to act is loaded when it does. */
export function renderCommand(): Command {
  const forms = formNames.map((name) => `  ${name.padEnd(7)} ${formWrites(name)}`);
  return new Command("render")
    .description("Writes a stored report in other formats, or decides it again under another policy.")
    .argument("<report>", "a report.json, or the folder of a run")
    .option("--report <forms>", "what to write, comma-separated", "md,html")
    .option(
      "--policy <name|file>",
      "decide again by balanced, latency, cost or a policy file (default: as stored)",
    )
    .option("--indent", "indent report.json")
    .option("--out <dir>", "where to write (default: beside the report)")
    .addHelpText("after", `\nForms:\n${forms.join("\n")}`)
    .helpOption("-h, --help", "print this and exit");
}

interface Given {
  readonly report: string;
  readonly out?: string;
  readonly policy?: string;
  readonly indent?: boolean;
}

/**
 * Decides again where asked to and passes the answer to `decidedAgain`, since the files alone would hide it; renders, writes, and gives the
 * paths written, one a line.
 */
export async function renderStored(
  parsed: Command,
  decidedAgain: (answer: string) => void = () => {},
): Promise<string> {
  const [path = ""] = parsed.args;
  const { report: forms, out, policy, indent = false } = parsed.opts<Given>();
  const names = formsOf(forms);
  const { readStored } = await import("./read-report.ts");
  const chosen = policy === undefined ? null : (await import("./policy-file.ts")).readPolicy(policy);
  const { wholeAnswer } = await import("./wording.ts");
  const stored = await readStored(path);
  const report = chosen === null ? stored : (await import("./decision/decided.ts")).decided(stored, chosen);
  if (chosen !== null) decidedAgain(wholeAnswer(report.decision));
  const folder = out ?? (path.endsWith(".json") ? dirname(path) : path);
  const written: string[] = [];
  for await (const file of renderForms(report, names, { indent })) {
    await writeTo(folder, file);
    written.push(`${folder}/${file.path}\n`);
  }
  return written.join("");
}

function formsOf(list: string): FormName[] {
  return list.split(",").map((given) => {
    const name = formNames.find((known) => known === given.trim());
    if (name !== undefined) return name;
    const got = given.trim() === "" ? "nothing" : given.trim();
    throw new CommandError(`--report: must be of ${formNames.join(", ")}, got ${got}`);
  });
}
