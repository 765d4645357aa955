import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../reports/command-error.ts";
import { type ExporterName, renderEach } from "../reports/exporters.ts";
import type { ReportFile } from "../reports/file.ts";
import { parseReport, ReportFormatError } from "../reports/json.ts";
import { renderDetails, renderMarkdown } from "../reports/markdown/markdown.ts";
import { readStored } from "../reports/stored.ts";
import { summaryJson } from "../reports/summary.ts";
import { writeFiles } from "../reports/write.ts";
import { type Options, parseArgs } from "../runner/cli/args.ts";
import { UsageError } from "../runner/cli/usage-error.ts";
import { codecs } from "../schemas/names.ts";
import type { Profile } from "../schemas/plan.ts";
import type { Report } from "../schemas/report.ts";
import { type Summary, summary } from "../schemas/summary.ts";
import { candidateSets } from "../servers/manifest.ts";

export const root = join(import.meta.dir, "..");
export const sampleFolder = "docs/SAMPLE-REPORT";

/** What a sample is of: the place where it lies, and the run that may be taken for it. */
export interface Slot {
  /** The flag that takes a run for it, and the set of candidates that the run has to be of. */
  readonly name: "core" | "all";
  /** From the project's root. */
  readonly folder: string;
  /** The profile that the run has to be of; null where any will do. */
  readonly profile: Profile | null;
  /** Its forms; null is text alone, without charts and without the report.json that it was made of. */
  readonly forms: readonly ExporterName[] | null;
}

export const slots = {
  core: { name: "core", folder: sampleFolder, profile: "standard", forms: ["json", "md", "html"] },
  all: { name: "all", folder: `${sampleFolder}/all`, profile: "standard", forms: null },
} as const satisfies Record<Slot["name"], Slot>;

/** Takes the run in `run` as a slot's sample. Throws CommandError where the run is another one. */
export async function takeRun(slot: Slot, run: string): Promise<void> {
  const report = withoutPlaces(await readRun(slot, run));
  const fault = faultOf(slot, report);
  if (fault !== null) throw new CommandError(`--${slot.name}: ${run}: ${fault}`);
  const files =
    slot.forms === null
      ? textOf(report)
      : await Array.fromAsync(renderEach(report, slot.forms, { indent: false }));
  const folder = join(root, slot.folder);
  // The other sample may lie in a folder of this one's.
  for (const name of ["charts", ...filesOf(folder)])
    rmSync(join(folder, name), { recursive: true, force: true });
  writeFiles(folder, files);
}

/** A run of many candidates has more charts and rounds than a repository should carry. */
const textOf = (report: Report): ReportFile[] => [
  { path: "report.md", content: renderMarkdown(report, []) },
  { path: "details.md", content: renderDetails(report, []) },
  { path: "summary.json", content: summaryJson(report) },
];

async function readRun({ name }: Slot, run: string): Promise<Report> {
  try {
    return await readStored(run);
  } catch (error) {
    if (error instanceof ReportFormatError) throw new CommandError(`--${name}: ${error.message}`);
    throw error;
  }
}

function filesOf(folder: string): string[] {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );
}

/** The sample that is stored whole. */
export const coreSample = (): Promise<Report> => readStored(join(root, slots.core.folder));

/** What is stored of the other for programs. */
export async function allSummary(): Promise<Summary> {
  return summary.parse(await Bun.file(join(root, slots.all.folder, "summary.json")).json());
}

/** Where a run was kept is no part of what was measured, and nobody else has that folder. */
const places = ["--out", "--resume"];

/** A report whose command line no longer says where its run was kept, and that tells of files from the project's root. */
export function withoutPlaces(found: Report): Report {
  const report = parseReport(JSON.stringify(found).replaceAll(`${root}/`, ""), "the sample");
  const argv = report.run.argv.filter((word, i, all) => {
    const isPlace = places.some((flag) => word === flag || word.startsWith(`${flag}=`));
    return !isPlace && !places.includes(all[i - 1] ?? "");
  });
  return { ...report, run: { ...report.run, argv } };
}

/** Why a report is not what a slot is for, in one line that ends with the fix; null where it is. */
export function faultOf(slot: Slot, report: Report): string | null {
  const rule = `must be a whole run of --candidates ${slot.name}${slot.profile === null ? "" : ` --profile ${slot.profile}`}`;
  const got = wrongIn(slot, report);
  return got === null
    ? pathsIn(report)
    : `${rule}, got ${got}; measure it: ${commandOf(slot, slot.profile ?? "standard")}`;
}

/** The command whose run a slot takes. */
export const commandOf = (slot: Slot, profile: Profile): string =>
  `bun run runner/compare.ts --candidates ${slot.name} --profile ${profile}`;

function wrongIn({ name, profile }: Slot, report: Report): string | null {
  const { run } = report;
  if (run.interrupted) return "one that was cut";
  if (profile !== null && run.profile !== profile) return `--profile ${run.profile}`;
  const options = optionsOf(run.argv);
  if (options === null) return `flags of another version: ${run.argv.join(" ")}`;
  if (options.candidates.join() !== name) return `--candidates ${options.candidates.join()}`;
  if (options.custom.length > 0)
    return `servers of one's own: ${options.custom.map((o) => o.name).join(", ")}`;
  if (options.runtimes.length > 0) return `--runtime ${options.runtimes.join()}`;
  if (options.workloads.join() !== "default") return `--workloads ${options.workloads.join()}`;
  if (options.codecs.length < codecs.length) return `--codec ${options.codecs.join()}`;
  if (options.rounds !== null) return `--rounds ${options.rounds}`;
  const has = report.candidates.filter((c) => c.twinOf === null).map((c) => c.id);
  const missing = candidateSets[name].filter((id) => !has.includes(id));
  return missing.length === 0 ? null : `one without ${missing.join(", ")}`;
}

function optionsOf(argv: readonly string[]): Options | null {
  try {
    const invocation = parseArgs(argv, "0");
    return invocation.kind === "run" ? invocation.options : null;
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

/** Programs of the system lie in the same folders on any machine of the kind, and say nothing of who measured. */
const absolutePath = /(?<=["'\s=(])\/(?!(?:usr\/)?(?:local\/)?s?bin\/)(?:[\w.@+-]+\/)+[\w.@+-]*/;

/** Rejects the first absolute path in a report: it tells of the machine that made it and helps nobody else. */
function pathsIn(report: Report): string | null {
  const path = absolutePath.exec(JSON.stringify(report))?.[0];
  return path === undefined ? null : `must hold no path of the machine that made it, got ${path}`;
}
