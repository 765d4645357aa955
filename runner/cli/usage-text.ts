/**
 * The usage text of the whole tool, made ahead and stored beside this file, so that `--help` need not wait for what reads a command
 * line. `bun runner/cli/usage-text.ts` writes it again; a test keeps it in step.
 */
import { join } from "node:path";
import { version as toolVersion } from "../../package.json";
import { readCommandLine } from "./command-line.ts";

/** As the command line itself writes it, for a terminal of 80 columns. */
export function makeUsageText(): string {
  const asked = readCommandLine(["--help"], toolVersion, 80);
  if (asked.kind !== "print") throw new Error("--help prints a text");
  return asked.text;
}

if (import.meta.main) await Bun.write(join(import.meta.dir, "usage-text.txt"), makeUsageText());
