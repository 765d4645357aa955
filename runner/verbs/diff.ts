import { diffStored } from "../../reports/compare-runs.ts";
import type { Request } from "../cli/command-line.ts";
import { exitCodes } from "../cli/exit-codes.ts";

/** Compares two stored runs. */
export async function act({ command }: Request): Promise<number> {
  process.stdout.write(await diffStored(command));
  return exitCodes.done;
}
