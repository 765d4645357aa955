import { mkdirSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { rename } from "node:fs/promises";
import { basename, dirname, join, parse } from "node:path";

/** Why a candidate could not be bundled, in the bundler's words. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/**
 * Turns a TypeScript entry into one ES module that any Node, or Bun, runs, and returns its path. Packages stay imports, so
 * `outDir` must lie where the project's node_modules resolve, e.g. `node_modules/.cache/tickbench`. The same sources
 * give the same bytes. Throws BundleError naming the entry and the bundler's first error.
 */
export async function bundleEntry(
  entry: string,
  outDir: string,
  target: "node" | "bun" = "node",
): Promise<string> {
  const name = `${basename(dirname(entry))}-${parse(entry).name}.mjs`;
  const built = await Bun.build({
    entrypoints: [entry],
    target,
    format: "esm",
    packages: "external",
    throw: false,
  });
  const [output] = built.outputs;
  if (!built.success || output === undefined) {
    throw new BundleError(`${entry}: ${built.logs[0]?.message ?? "the bundler gave no output"}`);
  }
  const path = join(outDir, name);
  // Whole or not at all: another run may be starting the same file.
  const draft = `${path}.${process.pid}`;
  await Bun.write(draft, output);
  await rename(draft, path);
  return path;
}

/** Makes the packages of `modules` resolve from a folder that lies elsewhere, which is made where there is none. */
export function linkModules(folder: string, modules: string): void {
  mkdirSync(folder, { recursive: true });
  const link = join(folder, "node_modules");
  try {
    if (readlinkSync(link) === modules) return;
  } catch {
    // There is none yet.
  }
  // By a rename: another run may be starting a bundle from there.
  const draft = `${link}.${process.pid}`;
  symlinkSync(modules, draft, "dir");
  renameSync(draft, link);
}
