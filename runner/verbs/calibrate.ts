import { version as toolVersion } from "../../package.json";
import { type Calibration, calibration as schema } from "../../schemas/calibration.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import { calibrate } from "../calibrate/calibrate.ts";
import { cases } from "../calibrate/cases/index.ts";
import { calibrationTable } from "../calibrate/table.ts";
import type { Request } from "../cli/command-line.ts";
import { json as jsonText, note } from "../cli/output.ts";

/** Measures known answers. */
export async function act({ command, notes, beforeMeasuring }: Request): Promise<number> {
  const { json = false, quiet = false } = command.opts<{ json?: boolean; quiet?: boolean }>();
  await beforeMeasuring();
  notes.forEach(note);
  const found = await calibrate(cases, toolVersion, (line) => {
    if (!quiet) note(line);
  });
  process.stdout.write(calibrationText(found, json));
  return exitCodeOf(found);
}

export function exitCodeOf({ interrupted, verdict }: Calibration): number {
  if (interrupted) return exitCodes.interrupted;
  return verdict === "pass" ? exitCodes.done : exitCodes.gateFailed;
}

/** A calibration as a table, or as the JSON of its schema. */
export const calibrationText = (calibration: Calibration, json: boolean): string =>
  json ? jsonText(schema.parse(calibration)) : calibrationTable(calibration);
