import { dirname } from "node:path";
import { Command } from "commander";
import type { Report } from "../schemas/report.ts";
import { CommandError, parse, runCommand } from "./command.ts";
import { decided } from "./decision/decided.ts";
import { exporterNames, exporters, isExporterName, renderAll } from "./exporters.ts";
import type { ReportFile } from "./file.ts";
import { policies } from "./policies.ts";
import { readPolicy } from "./policy-file.ts";
import { printPdf } from "./slides/pdf.ts";
import { renderSlides } from "./slides/slides.ts";
import { readStored } from "./stored.ts";
import { writeFiles } from "./write.ts";

/** Forms beyond the exporters', which need a program of this machine and so belong to this command alone. */
const pdf = "pdf";
const formNames = [...exporterNames, pdf];

function command(): Command {
  const forms = exporterNames.map((name) => `  ${name.padEnd(7)} ${exporters[name].writes}`);
  forms.push(`  ${pdf.padEnd(7)} slides.pdf, with a Chromium of this machine`);
  return new Command("render")
    .description("Writes a stored report in other forms.")
    .argument("<report>", "a report.json, or the folder of a run")
    .option("--report <forms>", "what to write, comma-separated", "md,html")
    .option(
      "--policy <name|file>",
      `decide anew by ${policies.map((p) => p.name).join(", ")} or a policy file, in report.json too where --report has json (default: the decision as stored)`,
    )
    .option("--out <dir>", "where to write it (default: beside the report)")
    .addHelpText("after", `\nForms:\n${forms.join("\n")}\n`)
    .helpOption("--help", "print this and end")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
}

/** `report.json --report md,html --policy cost --out DIR`: decides anew where asked to, renders, writes, and gives the paths written, one a line. */
export async function render(argv: readonly string[]): Promise<string> {
  const parsed = parse(command(), argv);
  if (parsed === null) return "";
  const [path = ""] = parsed.args;
  const { report: forms, out, policy } = parsed.opts<{ report: string; out?: string; policy?: string }>();
  const names = formsOf(forms);
  const chosen = policy === undefined ? null : readPolicy(policy);
  const stored = await readStored(path);
  const report = chosen === null ? stored : decided(stored, chosen);
  const folder = out ?? (path.endsWith(".json") ? dirname(path) : path);
  const files = await renderForms(report, names);
  try {
    writeFiles(folder, files);
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new CommandError(`--out: ${folder}: must be a folder that can be written, got ${why}`);
  }
  return files.map((file) => `${folder}/${file.path}\n`).join("");
}

async function renderForms(report: Report, names: readonly string[]): Promise<ReportFile[]> {
  const files = await renderAll(report, names.filter(isExporterName));
  if (!names.includes(pdf)) return files;
  return [...files, { path: "slides.pdf", content: await printPdf(renderSlides(report), run) }];
}

/** Longest that printing a few slides may take, in ms. */
const patience = 60_000;

async function run(argv: readonly string[]): Promise<number> {
  const quiet = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const;
  return Bun.spawn([...argv], { ...quiet, timeout: patience }).exited;
}

function formsOf(list: string): string[] {
  const names = list.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !formNames.includes(name));
  if (wrong !== undefined) {
    const got = wrong === "" ? "nothing" : wrong;
    throw new CommandError(`--report: must be of ${formNames.join(", ")}, got ${got}`);
  }
  return names;
}

if (import.meta.main) process.exitCode = await runCommand(() => render(process.argv.slice(2)));
