import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../../cli/usage-error.ts";
import { thisHost } from "../../process/runtimes.ts";

/** A version of a package, and what its tarball must be. */
export interface PublishedVersion {
  readonly version: string;
  /** Subresource integrity, e.g. `sha512-…` in base64. */
  readonly integrity: string;
}

/** Where packages come from. */
export interface Registry {
  /** The versions of a package in a range such as `24` or `1.3`. Throws UsageError where it cannot be asked. */
  versions(name: string, range: string): Promise<PublishedVersion[]>;
  /** Puts a version's tarball into `folder` and returns its path. Throws UsageError. */
  download(name: string, version: string, folder: string): Promise<string>;
}

const published = z.object({ version: z.string(), dist: z.object({ integrity: z.string() }) });
const view = z.union([z.array(published), published.transform((one) => [one])]);
/** A list of versions is a small answer; a runtime is up to a hundred megabytes. */
const usualLimits = { viewMs: 20_000, packMs: 600_000 };

/**
 * The npm client, so that its own configuration says which registry is asked, through which proxy, as whom. `program` is
 * its path, null where there is none.
 */
export const npmRegistry = (
  program: () => string | null = () => thisHost.which("npm"),
  limits = usualLimits,
): Registry => ({
  async versions(name, range) {
    const args = ["view", `${name}@${range}`, "version", "dist", "--json"];
    const output = await npm(program(), args, process.cwd(), limits.viewMs);
    if (output.trim() === "") return [];
    const parsed = view.safeParse(JSON.parse(output));
    if (!parsed.success) throw new UsageError(`--runtime: npm view ${name}@${range} gave no integrity`);
    return parsed.data.map(({ version, dist }) => ({ version, integrity: dist.integrity }));
  },
  async download(name, version, folder) {
    const args = ["pack", `${name}@${version}`, "--pack-destination", folder, "--silent"];
    await npm(program(), args, folder, limits.packMs);
    const file = readdirSync(folder).find((entry) => entry.endsWith(".tgz"));
    if (file === undefined) throw new UsageError(`--runtime: npm pack ${name}@${version} left no tarball`);
    return join(folder, file);
  },
});

async function npm(
  program: string | null,
  args: readonly string[],
  cwd: string,
  timeout: number,
): Promise<string> {
  if (program === null) {
    throw new UsageError(
      "--runtime: versions are fetched with npm, which is not on PATH; install it, or name a program, e.g. node=/usr/bin/node",
    );
  }
  const child = Bun.spawn([program, ...args], {
    cwd,
    env: process.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout,
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  // A range that nothing lies in is an answer, not a failure.
  if (code === 0 || stderr.includes("No match found for version")) return code === 0 ? stdout : "";
  const instead = "a cached version or one of the system needs no network, e.g. node=/usr/bin/node";
  if (child.signalCode !== null || code === 143) {
    throw new UsageError(
      `--runtime: npm ${args[0]} ${args[1]} timed out after ${timeout / 1000} s: offline? ${instead}`,
    );
  }
  const why = stderr.split("\n").find((line) => /npm error (?!code|errno|syscall)/i.test(line)) ?? "";
  const reason = why.replace(/^npm error /i, "").trim();
  throw new UsageError(
    `--runtime: npm ${args[0]} ${args[1]} failed: ${reason || `exit code ${code}`}; ${instead}`,
  );
}
