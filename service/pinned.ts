import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const versions = z.record(z.string(), z.string());
const packageJson = z.object({ version: z.string(), dependencies: versions, optionalDependencies: versions });

/** What this install is: the tool's own version, and what it pins. */
export interface Pinned {
  readonly version: string;
  /** The version of a package; null for one that is not among the dependencies. */
  of(name: string): string | null;
  /** The package that Node comes in on this machine; null where there is none. */
  readonly nodePackage: string | null;
}

export function pinned(): Pinned {
  const file = join(import.meta.dir, "..", "package.json");
  const { version, dependencies, optionalDependencies } = packageJson.parse(
    JSON.parse(readFileSync(file, "utf8")),
  );
  const system = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  return {
    version,
    of: (name) => dependencies[name] ?? optionalDependencies[name] ?? null,
    nodePackage: Object.keys(optionalDependencies).find((name) => name.endsWith(`-${system}`)) ?? null,
  };
}
