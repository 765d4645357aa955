import { type Report, report as reportSchema } from "../schemas/report.ts";
import { validate } from "../schemas/validation.ts";
import { CommandError } from "./command-error.ts";

/** What a file that is not a report of this version has wrong, in one line. */
export class ReportFormatError extends CommandError {
  override readonly name = "ReportFormatError";
}

/**
 * Text of report.json: on one line, or with `indent` two-space indentation, rows of plain numbers kept on one line so that a diff is
 * readable. A row is known by its line breaks, which no string of JSON holds unescaped.
 */
export function reportJson(
  report: Report,
  { indent }: { readonly indent: boolean } = { indent: false },
): string {
  if (!indent) return `${JSON.stringify(report)}\n`;
  const text = JSON.stringify(report, null, 2);
  const rows = text.replace(
    /\[\n\s+((?:-?[\d.e+-]+|null)(?:,\n\s+(?:-?[\d.e+-]+|null))*)\n\s+\]/g,
    (_, row: string) => {
      return `[${row.replace(/\s+/g, " ")}]`;
    },
  );
  return `${rows}\n`;
}

/**
 * Reads a report of this version; `file` names it in errors. Throws ReportFormatError for text that is not JSON, and for
 * the first field that breaks the schema, by its path.
 */
export const parseReport = (text: string, file: string): Report => reportOf(jsonOf(text, file), file);

/** The value of a JSON text. Throws ReportFormatError for text that is none. */
export function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new ReportFormatError(`${file}: must be JSON, got: ${why}; is it a complete report.json?`, {
      cause,
    });
  }
}

/** A report out of what a file held. Throws ReportFormatError for the first field that breaks the schema, by its path. */
export function reportOf(value: unknown, file: string): Report {
  const parsed = validate(reportSchema, value);
  if ("error" in parsed) throw new ReportFormatError(`${file}: ${parsed.error.text}`);
  return parsed.data;
}
