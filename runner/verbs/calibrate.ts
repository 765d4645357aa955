import { version as toolVersion } from "../../package.json";
import { exitCodes } from "../../schemas/exit-codes.ts";
import { calibrateCommand } from "../calibrate/command.ts";
import type { Request } from "../cli/command-line.ts";
import { note } from "../cli/output.ts";

/** Measures known answers. */
export async function act({ command, notes, beforeMeasuring }: Request): Promise<number> {
  const { json = false, quiet = false } = command.opts<{ json?: boolean; quiet?: boolean }>();
  await beforeMeasuring();
  notes.forEach(note);
  const { text, passed, interrupted } = await calibrateCommand({ json, quiet }, toolVersion);
  process.stdout.write(text);
  if (interrupted) return exitCodes.interrupted;
  return passed ? exitCodes.done : exitCodes.gateFailed;
}
