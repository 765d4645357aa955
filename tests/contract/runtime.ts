import { dirname } from "node:path";
import {
  candidateRuntime,
  meetsRequirement,
  runtimeCache,
} from "../../runner/candidates/candidate-runtime.ts";
import { type FoundRuntime, type RuntimeResult, runtimePackage } from "../../runner/process/runtimes.ts";
import type { Candidate } from "../../servers/manifest.ts";

/** Ids with commas between; where it is set, as CI does, no other candidate may be missing. */
const allowed = process.env.CONTRACT_MAY_SKIP?.split(",");

/** Whether the suite may leave a candidate out where it cannot run. */
export function mayBeMissing({ id }: Candidate): boolean {
  return allowed === undefined || allowed.includes(id);
}

/** The runtime that a candidate runs on, the pinned one where it is pinned. */
export function runtimeOf(candidate: Candidate): FoundRuntime {
  const found = search(candidate);
  if ("unavailable" in found) throw new Error(`${found.unavailable}: ${found.nextStep}`);
  return found;
}

/** Why a candidate cannot run on this machine and what to do about it; null for one that can. */
export function whyUnavailable(candidate: Candidate): string | null {
  const found = search(candidate);
  return "unavailable" in found ? `${found.unavailable}: ${found.nextStep}` : null;
}

/** A candidate that requires another version than the pinned one is tried on what --runtime has fetched. */
function search(candidate: Candidate): RuntimeResult {
  const { runtime, requires } = candidate;
  if (runtime === "python" || requires === undefined) return candidateRuntime(candidate, "pinned");
  const line = String(requires.runtimeMajor);
  const made = runtimePackage(runtime);
  if (made === null) {
    return { unavailable: `the registry has no ${runtime} for this system`, nextStep: requires.nextStep };
  }
  const cached = runtimeCache.find(made.name, line, made.program);
  if (cached === null) {
    const install = `bun install --frozen-lockfile --cwd ${dirname(requires.installed)}`;
    return {
      unavailable: `${runtime} ${line} is not in the cache of runtimes`,
      nextStep: `run \`${install} && bun run compare list --runtime ${runtime}@${line}\``,
    };
  }
  const origin = `registry: ${made.name}@${cached.version}`;
  return meetsRequirement(candidate, { runtime, ...cached, origin, pinned: true });
}
