import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Versions that package.json pins, by package. */
export interface Pinned {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const packageJson = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()) });

/** What this install is: the tool's own version, and what it pins. */
export function pinned(): Pinned {
  const file = join(import.meta.dir, "..", "package.json");
  return packageJson.parse(JSON.parse(readFileSync(file, "utf8")));
}
