import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { renderCharts } from "../reports/charts/svg.ts";
import { CommandError } from "../reports/command-error.ts";
import { type ExporterName, renderEach } from "../reports/exporters.ts";
import type { ReportFile } from "../reports/file.ts";
import { parseReport, ReportFormatError } from "../reports/json.ts";
import { behind, renderDetails, renderMarkdown } from "../reports/markdown/markdown.ts";
import { readStored } from "../reports/read-report.ts";
import { summaryJson } from "../reports/summary.ts";
import { writeFiles } from "../reports/write.ts";
import { type Options, parseArgs } from "../runner/cli/args.ts";
import { UsageError } from "../runner/cli/usage-error.ts";
import { codecs } from "../schemas/names.ts";
import type { Profile } from "../schemas/plan.ts";
import type { Report } from "../schemas/report.ts";
import { type Summary, summary } from "../schemas/summary.ts";
import { candidateSets } from "../servers/manifest.ts";
import { renderExcerpt } from "./excerpt.ts";

export const root = join(import.meta.dir, "..");
export const sampleFolder = "docs/SAMPLE-REPORT";

/** What a sample is of: the place where it lies, and the run that may be taken for it. */
export interface Slot {
  /** The flag that takes a run for it. */
  readonly name: "core" | "all" | "open" | "studies";
  /** From the project's root. */
  readonly folder: string;
  /** What the run has to be of. */
  readonly candidates: "core" | "all";
  readonly profile: Profile;
  /** As --workloads takes them. */
  readonly workloads: readonly string[];
  /** Its forms; null is text alone, without charts and without the report.json that it was made of. */
  readonly forms: readonly ExporterName[] | null;
}

const usual = ["default"] as const;

/** Together they hold every workload. */
export const slots = {
  core: {
    name: "core",
    folder: sampleFolder,
    candidates: "core",
    profile: "standard",
    workloads: usual,
    forms: ["json", "md", "html"],
  },
  all: {
    name: "all",
    folder: `${sampleFolder}/all`,
    candidates: "all",
    profile: "standard",
    workloads: usual,
    forms: null,
  },
  open: {
    name: "open",
    folder: `${sampleFolder}/open`,
    candidates: "core",
    profile: "open",
    workloads: [...usual, "recovery"],
    forms: null,
  },
  studies: {
    name: "studies",
    folder: `${sampleFolder}/studies`,
    candidates: "core",
    profile: "standard",
    workloads: ["codec", "seed-study"],
    forms: null,
  },
} as const satisfies { readonly [N in Slot["name"]]: Slot & { readonly name: N } };

/** Whether a run has been taken for it yet. */
export const isTaken = ({ folder }: Slot): boolean => existsSync(join(root, folder, "report.md"));

/** Takes the run in `run` as a slot's sample. Throws CommandError where the run is another one. */
export async function takeRun(slot: Slot, run: string): Promise<void> {
  const report = withoutPlaces(await readRun(slot, run));
  const fault = faultOf(slot, report);
  if (fault !== null) throw new CommandError(`--${slot.name}: ${run}: ${fault}`);
  const files =
    slot.forms === null
      ? textOf(report)
      : inOneTheme(
          await Array.fromAsync(renderEach(report, slot.forms, { indent: false })),
          renderExcerpt(report, renderCharts(report), slot.folder),
        );
  const folder = join(root, slot.folder);
  // The other sample may lie in a folder of this one's.
  for (const name of ["charts", ...filesOf(folder)])
    rmSync(join(folder, name), { recursive: true, force: true });
  writeFiles(folder, files);
}

const inTwoThemes = /<picture>\n.*?-dark\.svg">\n {2}(<img .*>)\n<\/picture>/g;

/**
 * Files of a report whose details show their charts for light pages alone; a chart for dark pages stays where report.md or the `excerpt`
 * of the project's README shows it.
 */
export function inOneTheme(files: readonly ReportFile[], excerpt = ""): ReportFile[] {
  const first = `${files.find(({ path }) => path === "report.md")?.content}${excerpt}`;
  return files.flatMap((file) => {
    if (file.path.endsWith("-dark.svg") && !first.includes(file.path)) return [];
    if (file.path !== "details.md") return [file];
    return [{ ...file, content: String(file.content).replaceAll(inTwoThemes, "$1") }];
  });
}

/** What is long and follows from the rest: every declared ratio, and how each splits into runtime and framework. */
const long = ["ratios", "what-the-runtime-and-the-framework-contribute"];

/** The text of a run whose charts, rounds and longest tables are more than a repository should carry. */
export function textOf(report: Report): ReportFile[] {
  const sections = behind(report, []).filter(({ id }) => !long.includes(id));
  return [
    { path: "report.md", content: renderMarkdown(report, [], sections) },
    { path: "details.md", content: renderDetails(report, [], sections) },
    { path: "summary.json", content: summaryJson(report) },
  ];
}

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

/** What is stored of a sample of text alone for programs. */
export async function summaryOf({ folder }: Slot): Promise<Summary> {
  return summary.parse(await Bun.file(join(root, folder, "summary.json")).json());
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
  const got = wrongIn(slot, report);
  return got === null
    ? pathsIn(report)
    : `must be a whole run of ${flagsOf(slot)}, got ${got}; measure it: ${commandOf(slot)}`;
}

/** The flags of a slot's run. */
export function flagsOf({ candidates, profile, workloads }: Slot): string {
  const asked = workloads.join() === usual.join() ? "" : ` --workloads ${workloads.join()}`;
  return `--candidates ${candidates} --profile ${profile}${asked}`;
}

/** The command whose run a slot takes. */
export const commandOf = (slot: Slot): string => `bun run runner/compare.ts ${flagsOf(slot)}`;

function wrongIn({ candidates, profile, workloads }: Slot, report: Report): string | null {
  const { run } = report;
  if (run.interrupted) return "one that was cut";
  if (run.profile !== profile) return `--profile ${run.profile}`;
  const options = optionsOf(run.argv);
  if (options === null) return `flags of another version: ${run.argv.join(" ")}`;
  if (options.candidates.join() !== candidates) return `--candidates ${options.candidates.join()}`;
  if (options.custom.length > 0)
    return `servers of one's own: ${options.custom.map((o) => o.name).join(", ")}`;
  if (options.runtimes.length > 0) return `--runtime ${options.runtimes.join()}`;
  if (options.workloads.join() !== workloads.join()) return `--workloads ${options.workloads.join()}`;
  if (options.codecs.length < codecs.length) return `--codec ${options.codecs.join()}`;
  if (options.rounds !== null) return `--rounds ${options.rounds}`;
  const has = report.candidates.filter((c) => c.replicateOf === null).map((c) => c.id);
  const missing = candidateSets[candidates].filter((id) => !has.includes(id));
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
