import { diffStored } from "../../reports/diff.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import type { Request } from "../cli/command-line.ts";

/** Compares two stored runs. */
export async function act({ command }: Request): Promise<number> {
  process.stdout.write(await diffStored(command));
  return exitCodes.done;
}
