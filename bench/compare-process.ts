import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Children } from "../runner/process/children.ts";
import { exitCodes } from "../schemas/exit-codes.ts";
import { type Report, report } from "../schemas/report.ts";

const root = join(import.meta.dir, "..");

/** The command did not do what was asked of it. Its own words are on stderr already. */
export class CompareFailed extends Error {
  override readonly name = "CompareFailed";
  readonly exitCode: number;

  constructor(args: readonly string[], exitCode: number) {
    super(`runner/compare.ts ${args.join(" ")} ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** Runs the real command in separate processes, which end with this one. */
export class CompareProcess {
  readonly #children = new Children();
  readonly #undo: () => void;

  constructor() {
    this.#undo = this.#children.endWithProcess(() => undefined);
  }

  get interrupted(): boolean {
    return this.#children.interruptedBy !== null;
  }

  /** One run into `out`, its progress on stderr. Throws CompareFailed where it ends with anything but 0. */
  async run(args: readonly string[], out: string): Promise<Report> {
    this.#children.prepare();
    const command = [process.execPath, join(root, "runner/compare.ts"), ...args, "--out", out];
    const handle = Bun.spawn(command, {
      cwd: root,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "inherit",
      // A group of its own, so that the end of it is the end of all that it started.
      detached: true,
    });
    this.#children.add(handle.pid);
    const exitCode = await handle.exited;
    this.#children.remove(handle.pid);
    if (exitCode !== 0) throw new CompareFailed(args, exitCode);
    const text = readFileSync(join(out, "latest", "report.json"), "utf8");
    return report.parse(JSON.parse(text));
  }

  async close(): Promise<void> {
    await this.#children.close();
    this.#undo();
  }
}

/**
 * Runs a bench to its exit code, and ends what it started. A run that failed ends it with that run's code; an interrupt with
 * 130 and `onInterrupt`, a line on stderr.
 */
export async function runBench(
  main: (compare: CompareProcess) => Promise<number>,
  onInterrupt: string,
): Promise<void> {
  const compare = new CompareProcess();
  try {
    process.exitCode = await main(compare);
  } catch (error) {
    if (!(error instanceof CompareFailed)) throw error;
    console.error(compare.interrupted ? onInterrupt : error.message);
    process.exitCode = compare.interrupted ? exitCodes.interrupted : error.exitCode;
  } finally {
    await compare.close();
  }
}
