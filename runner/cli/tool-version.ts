import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version of this tool, from its package.json. */
export function toolVersion(): string {
  const text = readFileSync(join(import.meta.dir, "..", "..", "package.json"), "utf8");
  return String((JSON.parse(text) as { version: unknown }).version);
}
