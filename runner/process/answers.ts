import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { writeWhole } from "../../reports/write.ts";
import { cacheFolder } from "./cache-folder.ts";

/** Files that an answer rests on, each with what it looked like; null for one that was not there. */
const rests = z.record(z.string(), z.string().nullable());
const answersMax = 100;
const stored = z.record(z.string(), z.strictObject({ answer: z.string(), rests }));

/**
 * What programs have said of themselves, kept from run to run for as long as every file that the answer rests on looks the same:
 * an interpreter takes a second to import its packages, and says the same each time.
 */
export class KnownAnswers {
  readonly #file: string;
  #known: z.infer<typeof stored> | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** The answer to a question, or null where it has to be asked. */
  find(question: string): string | null {
    const found = this.#read()[question];
    if (found === undefined) return null;
    return Object.entries(found.rests).every(([path, look]) => lookOf(path) === look) ? found.answer : null;
  }

  /** Keeps an answer. Where the file cannot be written, the question is asked again the next time. */
  keep(question: string, answer: string, restsOn: Iterable<string>): void {
    // Read again: another process may have written since, and two answers at once would lose one.
    this.#known = null;
    const rests = Object.fromEntries([...restsOn].map((path) => [path, lookOf(path)]));
    // The newest alone: what was asked in a folder that is gone, or of a program that is, is not asked again.
    const before = Object.entries(this.#read()).filter(([asked]) => asked !== question);
    const known = Object.fromEntries([...before.slice(1 - answersMax), [question, { answer, rests }]]);
    this.#known = known;
    try {
      writeWhole(this.#file, JSON.stringify(known satisfies z.infer<typeof stored>));
    } catch {
      // A read-only install, or a full disk.
    }
  }

  #read(): z.infer<typeof stored> {
    if (this.#known === null) {
      try {
        this.#known = stored.parse(JSON.parse(readFileSync(this.#file, "utf8")));
      } catch {
        // None yet, or what another program left.
        this.#known = {};
      }
    }
    return this.#known;
  }
}

/** Size, times and identity of a file: an exchanged one differs in one of them, also where its time was set back. */
function lookOf(path: string): string | null {
  try {
    const { size, mtimeMs, ctimeMs, ino } = statSync(path);
    return [size, mtimeMs, ctimeMs, ino].join(" ");
  } catch {
    return null;
  }
}

/** A question that is put to a program: what a script in front of others answers depends on the folder it is asked in. */
export function questionOf(
  argv: readonly [program: string, ...rest: string[]],
  folder = process.cwd(),
): string {
  return JSON.stringify(isScript(argv[0]) ? [folder, ...argv] : argv);
}

/**
 * What decides on the answer of a program at a path: itself, and where it is a script in front of others, the files by which
 * version managers (pyenv, asdf, mise) choose one of them for a folder.
 */
export function restsOf(program: string, folder = process.cwd()): string[] {
  if (!isScript(program)) return [program];
  const folders = [homedir()];
  for (let at = resolve(folder); ; at = dirname(at)) {
    folders.push(at);
    if (at === dirname(at)) break;
  }
  const choices = [".python-version", ".node-version", ".tool-versions", "mise.toml", ".mise.toml"];
  return [
    program,
    join(dirname(dirname(program)), "version"),
    ...folders.flatMap((at) => choices.map((name) => join(at, name))),
  ];
}

function isScript(program: string): boolean {
  try {
    const opened = openSync(program, "r");
    try {
      const head = Buffer.alloc(2);
      readSync(opened, head);
      return head.toString() === "#!";
    } finally {
      closeSync(opened);
    }
  } catch {
    return false;
  }
}

const inside = join(import.meta.dir, "..", "..", "node_modules", ".cache", "tickbench");

/** Those of this install. */
export const knownAnswers = new KnownAnswers(join(cacheFolder(inside, "answers"), "answers.json"));
