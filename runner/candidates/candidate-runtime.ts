import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Candidate } from "../../servers/manifest.ts";
import { findPython } from "../process/python.ts";
import { findRuntime, type RuntimeResult } from "../process/runtimes.ts";

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
