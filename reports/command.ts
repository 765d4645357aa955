import { type Command, CommanderError } from "commander";
import { CommandError } from "./command-error.ts";
import type { ReportFile } from "./file.ts";

/** Parses a command line; null where help was asked for and printed. Throws CommandError for what the user can put right. */
export function parse(command: Command, argv: readonly string[]): Command | null {
  try {
    return command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return null;
    // Its suggestions of a nearer name come on their own line.
    const line = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
    throw new CommandError(`${line}; see --help`);
  }
}

/** Writes a file into the folder that `--out` names. Throws CommandError where it cannot be written. */
export async function writeTo(folder: string, file: ReportFile): Promise<void> {
  const { writeFiles } = await import("./write.ts");
  try {
    writeFiles(folder, [file]);
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new CommandError(`--out: ${folder}: must be a folder that can be written, got ${why}`);
  }
}
