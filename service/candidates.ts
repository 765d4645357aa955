import { join } from "node:path";
import { CommandError } from "../reports/command-error.ts";
import { workloads } from "../schemas/cell.ts";
import { exitCodes } from "../schemas/exit-codes.ts";
import { matchesGlobs } from "../schemas/glob.ts";
import { candidateListing, type ListedCandidate } from "../schemas/listing.ts";
import type { StartRun } from "./api/start.ts";
import { RequestError } from "./problem.ts";

const root = join(import.meta.dir, "..");
const patienceMs = 60_000;

/** Who can take part, as the runner reports it: `list` is asked once, when the service begins. */
export class Candidates {
  #listed: readonly ListedCandidate[] | null;
  readonly #ending = new AbortController();

  constructor(listed: readonly ListedCandidate[] | null = null) {
    this.#listed = listed;
  }

  /** Null until the runner has listed them, and where it could not. */
  get listed(): readonly ListedCandidate[] | null {
    return this.#listed;
  }

  /** Throws CommandError for a config file that the runner refuses. */
  async ask(config: string | null): Promise<void> {
    const flags = config === null ? [] : [`--config=${config}`];
    const child = Bun.spawn(
      [
        process.execPath,
        join(root, "runner", "compare.ts"),
        "list",
        "--json",
        "--quiet",
        "--candidates=all",
        ...flags,
      ],
      {
        cwd: root,
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
        timeout: patienceMs,
        signal: this.#ending.signal,
      },
    );
    const [text, said, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (this.#ending.signal.aborted) return;
    if (code === exitCodes.usage) throw new CommandError(said.trim());
    if (code !== 0) throw new Error(`list: ${said.trim()}`);
    this.#listed = candidateListing.parse(JSON.parse(text)).candidates;
  }

  /** Asks no more. */
  close(): void {
    this.#ending.abort();
  }

  /**
   * Throws RequestError for a name that no candidate, workload or package has. What the runner alone can know it refuses when the run
   * begins.
   */
  check({ candidates, workloads: cells, packages }: Pick<StartRun, "candidates" | "workloads" | "packages">) {
    // Behind the workload's name a cell's id has its own words, which are not known here; nor is what a glob may find.
    const strange = cells.find((name) => {
      const [of = ""] = name.replace(/^!/, "").split("/");
      return /^[\w-]+$/.test(of) && !workloadNames.includes(of);
    });
    if (strange !== undefined) throw unknown("workloads", workloadNames, strange);
    const listed = this.#listed;
    if (listed === null) return;
    const sets = new Set(listed.flatMap((c) => c.sets));
    for (const name of candidates) {
      const pattern = name.replace(/^!/, "");
      if (sets.has(pattern) || listed.some(({ id }) => matchesGlobs([id], [pattern.replace(/@[\d.]+$/, "")])))
        continue;
      throw unknown("candidates", [...sets, ...listed.map(({ id }) => id)], name);
    }
    const parts = new Set(listed.flatMap((c) => c.packages));
    const foreign = packages.find((name) => !parts.has(name.slice(0, name.lastIndexOf("@"))));
    if (foreign !== undefined) throw unknown("packages", parts, foreign);
  }
}

const workloadNames: readonly string[] = [...workloads, "default", "all"];

const unknown = (field: keyof StartRun, known: Iterable<string>, got: string): RequestError =>
  new RequestError("not-valid", `body: ${field}: must be among ${[...known].join(", ")}, got ${got}`);
