import { z } from "zod";
import type { GeneratorSetup } from "../generator-setup.ts";

/** What another load generator says of a measurement. */
export interface PeerFigures {
  /** Messages received in the part that counts for its rate. */
  readonly messages: number;
  /** How long that part was. */
  readonly elapsedNs: number;
  /** Messages received in its whole life, over which its CPU time is spread. */
  readonly allMessages: number;
}

/** A load generator of others: how it is told of a load, and how its output is read. */
export interface Peer {
  /** What it is called in the table. */
  readonly name: string;
  /** The program that is looked for on the PATH. */
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it can make this load. */
  makes(setup: GeneratorSetup): boolean;
  /** How it is built into `folder`, once, and where that command runs. */
  build?(program: string, folder: string): { readonly command: readonly string[]; readonly cwd: string };
  /** Files that a measurement reads from `folder`, by name. */
  files?(setup: GeneratorSetup): Readonly<Record<string, string>>;
  command(program: string, folder: string, setup: GeneratorSetup): readonly string[];
  /** Whether the output is enough to end a program that does not end by itself. */
  enough?(output: string, setup: GeneratorSetup): boolean;
  /** Null where the output has no figures. */
  figures(output: string, setup: GeneratorSetup): PeerFigures | null;
}

const printed = z.strictObject({
  messages: z.int().nonnegative(),
  elapsedNs: z.number().positive(),
  allMessages: z.int().positive(),
});

/** The figures of a peer that runs a program of this bench: the last line of its output that is them as JSON. */
export function printedFigures(output: string): PeerFigures | null {
  const line = output.split("\n").findLast((text) => text.startsWith('{"messages":'));
  if (line === undefined) return null;
  try {
    return printed.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
