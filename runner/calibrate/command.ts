import { type Calibration, calibration as schema } from "../../schemas/calibration.ts";
import { calibrate } from "./calibrate.ts";
import { cases } from "./cases/index.ts";
import { calibrationTable } from "./table.ts";

/** What `calibrate` prints, and whether it held. */
export interface CalibrationOutcome {
  readonly text: string;
  readonly passed: boolean;
  readonly interrupted: boolean;
}

/** All known answers, progress on stderr unless `quiet`. */
export async function calibrateCommand(
  options: { readonly json: boolean; readonly quiet: boolean },
  toolVersion: string,
): Promise<CalibrationOutcome> {
  const note = (line: string) => {
    if (!options.quiet) process.stderr.write(`${line}\n`);
  };
  return outcomeOf(await calibrate(cases, toolVersion, note), options.json);
}

/** A calibration as a table, or as the JSON of its schema, and whether it held. */
export function outcomeOf(calibration: Calibration, json: boolean): CalibrationOutcome {
  const text = json
    ? `${JSON.stringify(schema.parse(calibration), null, 2)}\n`
    : calibrationTable(calibration);
  return { text, passed: calibration.verdict === "pass", interrupted: calibration.interrupted };
}
