import { type Command, CommanderError } from "commander";
import { visible } from "../schemas/complaint.ts";
import { ReportFormatError } from "./json.ts";
import { PdfError } from "./slides/pdf.ts";

/** A mistake of the user's, told in one line and answered with exit code 2. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(message: string, options?: ErrorOptions) {
    super(visible(message), options);
  }
}

const told = [CommandError, ReportFormatError, PdfError];

/** Runs a command of this folder and gives its exit code: 0, or 2 with one line on stderr for what the user can put right. */
export async function runCommand(command: () => Promise<string>): Promise<number> {
  try {
    process.stdout.write(await command());
    return 0;
  } catch (error) {
    if (!told.some((kind) => error instanceof kind)) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
}

/** Parses a command line; null where help was asked for and printed. Throws CommandError for what the user can put right. */
export function parse(command: Command, argv: readonly string[]): Command | null {
  try {
    return command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return null;
    // Its suggestions of a nearer name come on a line of their own.
    const line = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
    throw new CommandError(`${line}; see --help`);
  }
}
