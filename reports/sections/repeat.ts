import type { Report } from "../../schemas/report.ts";
import { paragraph, pre, type Section, section } from "./document.ts";

const plain = /^[\w@%+=:,./#-]+$/;

/** A word as a POSIX shell reads it back. */
const quoted = (word: string): string => (plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The command that repeats this run: its own flags, with the seed it drew where none was given. */
export function repeatCommand({ run }: Report): string {
  const seeded = run.argv.some((word) => word === "--seed" || word.startsWith("--seed="));
  const words = [...run.argv, ...(seeded ? [] : ["--seed", String(run.seed)])];
  return `bun run runner/compare.ts ${words.map(quoted).join(" ")}`;
}

/** The exact command, and what has to be the same for it to be a repeat. */
export function repeat(report: Report): Section | null {
  return section(
    "Repeat it",
    pre(repeatCommand(report), "sh"),
    paragraph(
      `tickbench ${report.run.toolVersion} and its lockfile give the same runtimes and frameworks; the seed gives the same feed and order of trials.`,
    ),
  );
}
