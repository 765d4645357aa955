import { renderStored } from "../../reports/render.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import type { Request } from "../cli/command-line.ts";

/** Writes a stored report in other forms. */
export async function act({ command }: Request): Promise<number> {
  process.stdout.write(await renderStored(command));
  return exitCodes.done;
}
