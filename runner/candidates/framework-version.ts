import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Candidate } from "../../servers/manifest.ts";
import type { FoundRuntime } from "../process/runtimes.ts";
import type { NamedPackage } from "./packages/package-choice.ts";
import { packageFolder } from "./packages/package-folder.ts";

const modules = join(import.meta.dir, "..", "..", "node_modules");
const packageJson = z.object({ name: z.string(), version: z.string() });
/**
 * The version of a candidate's framework and of what goes with it, as the ready line will name them; null where they are
 * not to be found out.
 */
export function frameworkVersion(
  program: Candidate,
  found: FoundRuntime | undefined,
  named?: NamedPackage,
): string | null {
  const { runtime, framework, readyFramework, parts = [], modules: python = [] } = program;
  if (runtime === "python") return pythonVersions(found, python);
  const name = readyFramework?.package ?? framework;
  // What Bun brings along is of the version that runs it.
  if (name === "bun") return found?.version ?? null;
  try {
    const folder = named === undefined ? modules : join(packageFolder(program, named), "node_modules");
    return joined([name, ...parts].map((one) => installed(folder, one)));
  } catch {
    return null;
  }
}

/** `1.4.30 + @elysiajs/node 1.4.5`: the name of the framework itself stands before it. */
function joined([framework, ...parts]: readonly z.infer<typeof packageJson>[]): string {
  return [framework?.version, ...parts.map(({ name, version }) => `${name} ${version}`)].join(" + ");
}

function installed(folder: string, name: string): z.infer<typeof packageJson> {
  return packageJson.parse(JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")));
}

function pythonVersions(found: FoundRuntime | undefined, names: readonly string[]): string | null {
  const versions = names.flatMap((name) => found?.packages?.[name] ?? []);
  if (versions.length === 0 || versions.length < names.length) return null;
  return joined(versions.map((version, i) => ({ name: names[i] ?? "", version })));
}
