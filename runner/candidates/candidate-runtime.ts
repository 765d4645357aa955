import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeChoice } from "../../schemas/plan.ts";
import type { Candidate } from "../../servers/manifest.ts";
import { cacheFolder } from "../process/cache-folder.ts";
import { findPython } from "../process/python.ts";
import { findRuntime, type RuntimeResult, runtimePackage } from "../process/runtimes.ts";
import { RuntimeCache } from "./runtimes/cache.ts";
import { npmRegistry } from "./runtimes/registry.ts";

const root = join(import.meta.dir, "..", "..");

/** The runtime that can run a candidate, or why there is none. `node` says which Node is meant. */
export function candidateRuntime(candidate: Candidate, node: "pinned" | "path"): RuntimeResult {
  const { runtime, modules = [] } = candidate;
  if (runtime === "python") return findPython(modules);
  return meetsRequirement(candidate, findRuntime(runtime, { usePathNode: node === "path" }));
}

/** A runtime that was found, or why it does not do for a framework with builds for some versions alone. */
export function meetsRequirement({ runtime, requires }: Candidate, found: RuntimeResult): RuntimeResult {
  if ("unavailable" in found || requires === undefined) return found;
  const { runtimeMajor, installed, reason, nextStep } = requires;
  if (Number.parseInt(found.version, 10) !== runtimeMajor) {
    return { unavailable: `${reason}; this is ${runtime} ${found.version}`, nextStep };
  }
  if (existsSync(join(root, installed))) return found;
  return { unavailable: `${installed} is not installed`, nextStep };
}

/** Versions that were named with --runtime; git ignores the folder. */
const inside = join(root, ".cache", "runtimes");
export const runtimeCache = new RuntimeCache(cacheFolder(inside, "runtimes"), npmRegistry(), inside);

/**
 * The build of its runtime that a candidate is to run on, or why it cannot. Throws UsageError where a version that was
 * named cannot be fetched. `say` is called before what takes long.
 */
export async function chosenRuntime(
  candidate: Candidate,
  choice: RuntimeChoice,
  say: (text: string) => void,
): Promise<RuntimeResult> {
  const { runtime, modules = [] } = candidate;
  if (choice.kind === "pinned" || choice.kind === "path") return candidateRuntime(candidate, choice.kind);
  if (runtime === "python") return findPython(modules, choice.kind === "file" ? choice.file : null);
  if (choice.kind === "file") {
    const { file, version } = choice;
    return meetsRequirement(candidate, { runtime, path: file, version, origin: file, pinned: false });
  }
  const made = runtimePackage(runtime);
  if (made === null) {
    return {
      unavailable: `the registry has no ${runtime} for this system`,
      nextStep: `install it and use --runtime ${runtime}=PATH`,
    };
  }
  const { path, version } = await runtimeCache.fetch(made.name, choice.line, made.program, say);
  const origin = `registry: ${made.name}@${version}`;
  return meetsRequirement(candidate, { runtime, path, version, origin, pinned: true });
}
