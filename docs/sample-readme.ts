import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { formatBytes, formatDuration } from "../reports/format.ts";
import { block, blocks, code, table, text } from "../reports/markdown/element.ts";
import { repeatCommand } from "../reports/sections/repeat.ts";
import type { Report } from "../schemas/report.ts";
import {
  commandOf,
  coreSample,
  isTaken,
  root,
  type Slot,
  sampleFolder,
  slots,
  summaryOf,
} from "./sample-slots.ts";

/** `2 cores of AMD EPYC (virtual), Debian GNU/Linux 12 (bookworm)`. */
export function machineOf({ host }: Report): string {
  const { cores, cpu, virtualised, os } = host;
  return `${cores} cores of ${cpu}${virtualised === null ? "" : " (virtual)"}, ${os}`;
}

/** What each file is, in the order they are worth opening. */
const files: Readonly<Record<string, string>> = {
  "report.md": "the report: the answer, one table, a chart a headline",
  "details.md": "what stands behind it",
  charts: "its charts, those of report.md for dark pages too",
  "report.html":
    "the report as one file that works offline, with sliders that decide anew: download it and open it",
  "summary.json": "the outcome for programs",
  "report.json": "what all of these are made of",
};

const titles: Readonly<Record<Slot["name"], string>> = {
  core: "The core set: the same frameworks on both runtimes",
  all: "Every candidate",
  open: "The market's open: storms, bursts, slow subscribers, floods, recovery and capacity",
  studies: "What messages cost to encode, and the earlier study",
};

/** Text of the samples' README. */
export async function sampleReadme(): Promise<string> {
  const texts = Object.values(slots).filter((slot) => slot.forms === null && isTaken(slot));
  const page = blocks(
    "# Sample reports",
    "Runs as the tool wrote them; of all but the first the text alone, without its longest tables, since charts and figures are large. `docs/sample.ts` puts them here and writes this page; a test keeps it in step.",
    corePart(await coreSample()),
    ...(await Promise.all(texts.map(textPart))),
    "## Measure them anew",
    "On a machine that does nothing else meanwhile; the last line takes the runs as the samples.",
    block([...Object.values(slots).map(measured), takes].join("\n"), "sh"),
    "`--core` takes the sample's own folder too, and so renders it again after a change of the renderers.",
    "What a run writes besides (slides, a row for each figure in CSV, HdrHistogram logs, a decision record, files for CI) follows from report.json:",
    block(
      `bun run runner/compare.ts render ${slots.core.folder} --report slides,csv,hlog,adr,ci --out core`,
      "sh",
    ),
  );
  return `${page}\n`;
}

const outOf = ({ name }: Slot): string => `reports/out/${name}`;
const measured = (slot: Slot): string => `${commandOf(slot)} --out ${outOf(slot)}`;
const takes = `bun run docs/sample.ts ${Object.values(slots)
  .map((slot) => `--${slot.name} ${outOf(slot)}/latest`)
  .join(" ")}`;

function corePart(report: Report): string {
  const { run, candidates } = report;
  const took = `${run.startedAt.slice(0, 10)}, ${run.roundsRun} rounds of the profile ${run.profile} in ${formatDuration(run.durationMs)}`;
  const rows = [
    ["Command", code(repeatCommand(report))],
    ["Measured", text(took)],
    ["Machine", text(machineOf(report))],
    ["Versions", text(`tickbench ${run.toolVersion}; ${versionsOf(report)}`)],
    ["Candidates", candidates.flatMap(named).join(", ")],
    ["Answer", text(report.decision.answer)],
  ];
  return part(slots.core, rows);
}

async function textPart(slot: Slot): Promise<string> {
  const { run, outcome, leader } = await summaryOf(slot);
  const when = `${run.startedAt.slice(0, 10)}, ${run.rounds} rounds of the profile ${run.profile}`;
  return part(slot, [
    ["Command", code(commandOf(slot))],
    ["Measured", text(when)],
    ["Outcome", text(leader === null ? outcome : `${outcome}, ${leader} best placed`)],
  ]);
}

const part = (slot: Slot, rows: string[][]): string =>
  blocks(
    `## ${titles[slot.name]}`,
    table(["", ""], "ll", rows),
    table(["File", "What it is", "Size"], "llr", filesOf(slot)),
  );

function named({ id, replicateOf, status }: Report["candidates"][number]): string[] {
  if (replicateOf !== null) return [];
  return [status === "ok" ? text(id) : `${text(id)} (${status})`];
}

function versionsOf({ candidates }: Report): string {
  const measured = candidates.filter((c) => c.status === "ok");
  const all = measured.flatMap(({ runtime, framework }) => [runtime, framework]);
  // A server may stand on several packages: `fastapi 0.92.0 + uvicorn 0.17.6`.
  const each = all.flatMap(({ name, version }) => `${name} ${version}`.split(" + "));
  return [...new Set(each)].sort().join(", ");
}

function filesOf(slot: Slot): string[][] {
  const folder = join(root, slot.folder);
  const from = slot.folder.slice(sampleFolder.length + 1);
  return Object.entries(files).flatMap(([name, what]) => {
    const size = sizeOf(join(folder, name));
    return size === null ? [] : [[`[${name}](${join(from, name)})`, what, formatBytes(size)]];
  });
}

/** Bytes of a file, or of all files in a folder; null where there is none. */
function sizeOf(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}
