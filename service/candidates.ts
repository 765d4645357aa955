import { join } from "node:path";
import { matchesGlobs } from "../schemas/glob.ts";
import { candidateListing, type ListedCandidate } from "../schemas/listing.ts";
import { RequestError } from "./problem.ts";

const root = join(import.meta.dir, "..");
const patienceMs = 60_000;

/** Who can take part, as the runner tells it: `list` is asked once, when the service begins. */
export class Candidates {
  #listed: readonly ListedCandidate[] | null = null;
  readonly #ending = new AbortController();

  /** Null until the runner has told them, and where it could not. */
  get listed(): readonly ListedCandidate[] | null {
    return this.#listed;
  }

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
    if (code !== 0) throw new Error(`list: ${said.trim()}`);
    this.#listed = candidateListing.parse(JSON.parse(text)).candidates;
  }

  /** Asks no more. */
  close(): void {
    this.#ending.abort();
  }

  /** Throws RequestError for a name that no candidate has. What the runner alone can know it refuses when the run begins. */
  check(wanted: readonly string[]): void {
    const listed = this.#listed;
    if (listed === null) return;
    const sets = new Set(listed.flatMap((c) => c.sets));
    for (const name of wanted) {
      const pattern = name.replace(/^!/, "");
      if (sets.has(pattern) || listed.some(({ id }) => matchesGlobs([id], [pattern.replace(/@[\d.]+$/, "")])))
        continue;
      const known = [...sets, ...listed.map(({ id }) => id)].join(", ");
      throw new RequestError("not-valid", `body: candidates: must be among ${known}, got ${name}`);
    }
  }
}
