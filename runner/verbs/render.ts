import { renderStored } from "../../reports/render.ts";
import { wrapped } from "../../reports/text-table.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import type { Request } from "../cli/command-line.ts";

/** Writes a stored report in other forms. */
export async function act({ command }: Request): Promise<number> {
  const { stderr } = process;
  const answer = (text: string) => stderr.write(`${wrapped(text, Math.min(stderr.columns ?? 80, 120), 0)}\n`);
  process.stdout.write(await renderStored(command, answer));
  return exitCodes.done;
}
