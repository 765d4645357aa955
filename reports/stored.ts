import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseOrComplain } from "../schemas/complaint.ts";
import { type Report, reportSchemaVersion } from "../schemas/report.ts";
import { parseReport, ReportFormatError } from "./json.ts";

/** How each older version becomes the next one. */
type Migration = (report: Record<string, unknown>) => Record<string, unknown>;
export const migrations: Readonly<Record<number, Migration>> = { 1: fromVersion1 };

const version1 = z.looseObject({
  run: z.looseObject({ threshold: z.number(), adaptive: z.unknown().optional() }),
  comparisons: z.array(
    z.looseObject({
      verdict: z.enum(["a-better", "b-better", "no-difference", "withheld"]),
      declared: z.boolean(),
      floorPct: z.number().nullable(),
      looks: z.unknown().optional(),
    }),
  ),
  noise: z.looseObject({
    floorPct: z.unknown().optional(),
    aa: z.array(z.looseObject({ floorPct: z.unknown().optional() })),
  }),
});

/**
 * Version 1 knew one threshold for all metrics, a noise floor on top of it, "no difference" for all that was not shown, and
 * the reason of a verdict as prose alone. What is no report of that version is left for the parser to complain of.
 */
function fromVersion1(report: Record<string, unknown>): Record<string, unknown> {
  const parsed = version1.safeParse(report);
  if (!parsed.success) return report;
  const { adaptive: _adaptive, threshold, ...run } = parsed.data.run;
  const thresholdPct = 100 * threshold;
  const margin = { thresholdPct, equalPct: Math.max(10, thresholdPct) };
  const { floorPct: _floorPct, ...noise } = parsed.data.noise;
  return {
    ...report,
    run: { ...run, margins: { latency: margin, rate: margin, cost: margin } },
    comparisons: parsed.data.comparisons.map(({ floorPct, looks: _looks, verdict, ...comparison }) => ({
      ...comparison,
      marginPct: Math.max(floorPct ?? 0, thresholdPct),
      equalMarginPct: margin.equalPct,
      equalWithinPct: null,
      minutesToDecide: null,
      spread: null,
      verdict: verdict === "no-difference" ? "undecided" : verdict,
      code:
        verdict === "no-difference"
          ? "straddles-margin"
          : verdict !== "withheld"
            ? "beyond-margin"
            : comparison.declared
              ? "not-recorded"
              : "exploratory",
    })),
    noise: {
      ...noise,
      calibration: { factor: 1, contrasts: 0, excess: null, weight: 0, p: null },
      aa: noise.aa.map(({ floorPct: _floor, ...pair }) => ({ ...pair, p: null })),
    },
  };
}

const versioned = z.looseObject({ schemaVersion: z.int() });

/**
 * Reads a stored report from a file, or from a run's folder. Older versions are brought up to date; a newer one, or one that
 * nothing brings up, is refused. Throws ReportFormatError with one line: file, field, rule, value.
 */
export async function readStored(path: string): Promise<Report> {
  const file = (await isFolder(path)) ? join(path, "report.json") : path;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new ReportFormatError(`${file}: must be a readable report.json, got ${why}`, { cause });
  }
  return parseReport(upToDate(text, file, migrations), file);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The text of a report at the current version. What is not a report at all is left to the parser to complain of. */
export function upToDate(text: string, file: string, steps: Readonly<Record<number, Migration>>): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const parsed = parseOrComplain(versioned, value);
  if ("complaint" in parsed) {
    throw new ReportFormatError(`${file}: ${parsed.complaint.text}; is this a report.json of tickbench?`);
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
  return report === parsed.data ? text : JSON.stringify(report);
}
