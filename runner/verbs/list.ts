import { exitCodes } from "../../schemas/exit-codes.ts";
import { readOptions } from "../cli/args.ts";
import type { Request } from "../cli/command-line.ts";
import { columns, json, note } from "../cli/output.ts";
import { askPythons } from "../process/python.ts";

/** Prints the candidates. */
export async function act({ command, notes }: Request): Promise<number> {
  const options = readOptions(command);
  notes.forEach(note);
  // They take longest to answer, and may do so while the rest is loaded.
  const asked = options.candidates.some(mayBePython) ? askPythons() : null;
  const [{ listCandidates }, { candidateTable }] = await Promise.all([
    import("./listing.ts"),
    import("./list-text.ts"),
    asked,
  ]);
  const listing = await listCandidates(options);
  process.stdout.write(options.json ? json(listing) : candidateTable(listing, columns()));
  return exitCodes.done;
}

/** Where it is none after all, its answer is not looked at. */
const mayBePython = (glob: string): boolean => /^(?:default$|all$|python|[*?[{])/.test(glob);
