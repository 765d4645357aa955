/**
 * The usage text of the whole tool, made ahead and stored beside this file, so that `--help` need not wait for what reads a command
 * line. `bun runner/cli/usage-text.ts` writes it again; a test keeps it in step.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const file = join(import.meta.dir, "usage-text.txt");

export const usageText = (): string => readFileSync(file, "utf8");

/** As the command line itself writes it, for a terminal of 80 columns. */
export async function makeUsageText(): Promise<string> {
  const [{ readCommandLine }, { toolVersion }] = await Promise.all([
    import("./command-line.ts"),
    import("./tool-version.ts"),
  ]);
  const asked = readCommandLine(["--help"], toolVersion(), 80);
  if (asked.kind !== "print") throw new Error("--help prints a text");
  return asked.text;
}

if (import.meta.main) writeFileSync(file, await makeUsageText());
