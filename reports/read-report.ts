import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Report, reportSchemaVersion } from "../schemas/report.ts";
import { validate } from "../schemas/validation.ts";
import { jsonOf, ReportFormatError, reportOf } from "./json.ts";
import { type Migration, migrations, withFinalNames } from "./migrations.ts";
import { readWholeFile, UnreadableFileError } from "./whole-file.ts";

/** The largest report of a run so far has 3 MB; a text of this size still fits into memory. */
const reportBytesMax = 2 ** 28;

const versioned = z.looseObject({ schemaVersion: z.int() });

/**
 * Reads a stored report from a file, or from a run's folder. Older versions are brought up to date; a newer one, or one that
 * nothing brings up, is refused. Throws ReportFormatError with one line: file, field, rule, value.
 */
export async function readStored(path: string): Promise<Report> {
  const file = (await isFolder(path)) ? join(path, "report.json") : path;
  let text: string;
  try {
    text = readWholeFile(file, reportBytesMax).toString("utf8");
  } catch (cause) {
    if (!(cause instanceof UnreadableFileError)) throw cause;
    if (file !== path && !existsSync(file)) throw new ReportFormatError(await noReport(path), { cause });
    const must = file === path ? "a readable report.json, or the folder of a run" : "a readable report.json";
    throw new ReportFormatError(`${file}: must be ${must}, got ${cause.message}`, { cause });
  }
  return readStoredText(text, file);
}

/** As `readStored`, of a text; `file` names it in errors. Throws ReportFormatError. */
export function readStoredText(text: string, file: string): Report {
  return reportOf(upToDate(jsonOf(text, file), file, migrations), file);
}

/** What a folder without a report is, where that can be known, and what to give in its place. */
async function noReport(folder: string): Promise<string> {
  const names = await readdir(folder).catch((): string[] => []);
  const must = `${folder}: must be the folder of a run, which holds a report.json`;
  const one = runMarks.find((mark) => names.includes(mark));
  if (one === "events.ndjson") {
    return `${must}; this one has only its record: finish it with compare --resume ${folder}, which writes the report`;
  }
  if (one !== undefined) {
    return `${must}; this one has ${one} without it: export the run with --report json as well, or give its report.json`;
  }
  const within = names.sort().filter((name) => existsSync(join(folder, name, "report.json")));
  const [first] = within;
  if (first === undefined) return `${must}, found none`;
  return `${must}; give those in it one by one, such as ${join(folder, within.includes("latest") ? "latest" : first)}`;
}

/** Files by which a folder without a report is known for a run's. */
const runMarks = ["events.ndjson", "report.md", "report.html", "results.csv", "slides.html"] as const;

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** A stored report at the current version, not yet parsed. Throws as `readStored` does. */
export function upToDate(value: unknown, file: string, steps: Readonly<Record<number, Migration>>): unknown {
  const parsed = validate(versioned, value);
  if ("error" in parsed) {
    throw new ReportFormatError(`${file}: ${parsed.error.text}; is this a report.json of tickbench?`);
  }
  let report: Record<string, unknown> = parsed.data;
  for (let version = parsed.data.schemaVersion; version !== reportSchemaVersion; version += 1) {
    const step = steps[version];
    if (version > reportSchemaVersion || step === undefined) {
      const fix =
        version > reportSchemaVersion
          ? "use the tickbench that wrote it, or a newer one"
          : "render it with the tickbench that wrote it";
      throw new ReportFormatError(
        `${file}: schemaVersion: must be ${reportSchemaVersion}, got ${parsed.data.schemaVersion}; ${fix}`,
      );
    }
    report = { ...step(report), schemaVersion: version + 1 };
  }
  return withFinalNames(report);
}
