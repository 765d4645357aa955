import type { CandidateListing, ListedCandidate } from "../../schemas/listing.ts";
import type { PlannedCandidate } from "../../schemas/plan.ts";
import { candidateSets, candidates as manifest } from "../../servers/manifest.ts";
import { findRuntimes } from "../candidates/commands.ts";
import { frameworkVersion } from "../candidates/framework-version.ts";
import { packagesOf } from "../candidates/packages/package-choice.ts";
import type { Options } from "../cli/args.ts";
import { note } from "../cli/output.ts";
import { depths } from "../plan/depth.ts";
import { chooseCandidates, selectCells } from "../plan/plan.ts";
import type { FoundRuntime } from "../process/runtimes.ts";

/** The candidates: what they are, whether they run here, and where they leave the contract. Throws UsageError. */
export async function listCandidates(options: Options): Promise<CandidateListing> {
  // Without a choice the list is of everything there is, not of what a run takes by default.
  const candidates = options.candidates.join() === "default" ? ["all"] : options.candidates;
  const chosen = chooseCandidates({ ...options, candidates }, selectCells(options, depths.standard));
  const { unavailable, runtimes } = await findRuntimes(chosen, note);
  return {
    candidates: chosen.map((c) => {
      const missing = unavailable.get(c.name);
      return {
        ...facts(c, runtimes.get(c.name)),
        available: missing === undefined,
        reason: missing?.reason ?? null,
        nextStep: missing?.nextStep ?? null,
        gaps: c.gaps,
        packages: packagesIn(c.id),
        sets: Object.entries(candidateSets).flatMap(([name, ids]) => (ids.includes(c.id) ? [name] : [])),
      };
    }),
  };
}

function packagesIn(id: string): string[] {
  const program = manifest.find((c) => c.id === id);
  return program === undefined ? [] : packagesOf(program);
}

type Facts = Pick<ListedCandidate, "id" | "runtime" | "framework" | "serves">;

function facts(planned: PlannedCandidate, found: FoundRuntime | undefined): Facts {
  const { name: id, launch, runtime, framework, serves } = planned;
  const userSupplied = { name: "your own", version: null };
  if (launch.kind !== "program") return { id, runtime: userSupplied, framework: userSupplied, serves: null };
  const program = manifest.find((c) => c.id === planned.id);
  const version = program === undefined ? null : frameworkVersion(program, found, launch.package);
  return {
    id,
    runtime: { name: runtime.split("@")[0] ?? runtime, version: found?.version ?? null },
    framework: { name: program?.readyFramework?.name ?? framework, version },
    serves,
  };
}
