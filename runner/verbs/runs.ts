import { exitCodes } from "../../schemas/exit-codes.ts";
import { runStoredRuns } from "../../service/runs-command.ts";
import type { Request } from "../cli/command-line.ts";

/** Reads and writes the store of the service. */
export async function act({ command }: Request): Promise<number> {
  process.stdout.write(await runStoredRuns(command));
  return exitCodes.done;
}
