import { type CellSpec, serviceOf } from "../../schemas/cell.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { matchesGlobs } from "../../schemas/glob.ts";
import type { PlannedCandidate, RuntimeChoice } from "../../schemas/plan.ts";
import { type Candidate, candidateSets } from "../../servers/manifest.ts";
import { UsageError, unknownName } from "../cli/usage-error.ts";
import type { CustomCandidate } from "./custom/custom-candidate.ts";
import type { NamedRuntime } from "./runtime-choice.ts";

/**
 * Everything that could take part: the user's own servers, and each program of the manifest under every build of its
 * runtime that was named, or once on the usual one. `services` are those that the plan's cells ask for.
 */
export function availableCandidates(
  programs: readonly Candidate[],
  custom: readonly CustomCandidate[],
  runtimes: readonly NamedRuntime[],
  specs: readonly CellSpec[],
  usual: { readonly node: "pinned" | "path" },
): PlannedCandidate[] {
  const ids = new Set(programs.map((p) => p.id));
  for (const { name } of custom) {
    if (ids.has(name) || Object.hasOwn(candidateSets, name)) {
      throw new UsageError(`--candidate: the name ${name} is taken by a built-in candidate; choose another`);
    }
    ids.add(name);
  }
  return [
    ...programs.flatMap((program) => {
      const builds = runtimes.filter((r) => r.runtime === program.runtime);
      const kind = program.runtime === "node" ? usual.node : "pinned";
      if (builds.length === 0) return [planned(program, null, { kind }, specs, null)];
      const [oldest] = builds.map((build) => `${program.id}@${build.label}`);
      return builds.map(({ label, choice }) => {
        const name = `${program.id}@${label}`;
        return planned(program, label, choice, specs, name === oldest ? null : (oldest ?? null));
      });
    }),
    ...custom.map((server) => plannedCustom(server, specs)),
  ];
}

function planned(
  program: Candidate,
  label: string | null,
  choice: RuntimeChoice,
  specs: readonly CellSpec[],
  upgradeFrom: string | null,
): PlannedCandidate {
  const at = label === null ? "" : `@${label}`;
  const offered = specs.filter(
    (spec) =>
      program.codecs.includes(spec.codec) &&
      (!("broadcast" in spec) || program.broadcast.includes(spec.broadcast)),
  );
  return {
    name: `${program.id}${at}`,
    id: program.id,
    replicateOf: null,
    runtime: `${program.runtime}${at}`,
    framework: program.framework,
    launch: { kind: "program", runtime: program.runtime, choice },
    endpoint: builtInEndpoint,
    serves: servicesOf(offered),
    notServed: unserved(program, specs),
    gaps: program.gaps.map((gap) => ({ case: gap.case, reason: gap.reason })),
    upgradeFrom,
  };
}

/** The services of the plan that a program's codecs leave out, with the reason. */
function unserved({ codecs, codecsReason, broadcast }: Candidate, specs: readonly CellSpec[]) {
  const left = specs.filter(
    (spec) => !codecs.includes(spec.codec) && (!("broadcast" in spec) || broadcast.includes(spec.broadcast)),
  );
  return servicesOf(left).map((service) => ({ service, reason: codecsReason ?? "" }));
}

/** What a server of the user's own serves is found out by asking it, when the run begins. */
function plannedCustom(
  { name, launch, endpoint }: CustomCandidate,
  specs: readonly CellSpec[],
): PlannedCandidate {
  return {
    name,
    id: name,
    replicateOf: null,
    runtime: `own:${name}`,
    framework: `own:${name}`,
    launch,
    endpoint,
    serves: servicesOf(specs),
    notServed: [],
    gaps: [],
    upgradeFrom: null,
  };
}

function servicesOf(specs: readonly CellSpec[]): string[] {
  return [...new Set(specs.map(serviceOf))];
}

/**
 * Those that the names of sets and the globs choose, in the given order. A glob is matched against a program's id and
 * against its name with the version. The user's own take part unless taken away. A leading `!` takes away from what was
 * chosen before it, or from the default set where it comes first.
 */
export function selectCandidates(
  wanted: readonly string[],
  known: readonly PlannedCandidate[],
): PlannedCandidate[] {
  const sets: Readonly<Record<string, readonly string[]>> = candidateSets;
  const ofSet = (ids: readonly string[] | undefined) => known.filter((c) => ids?.includes(c.id));
  const custom = known.filter((c) => c.launch.kind !== "program");
  const chosen = new Set(custom);
  if (wanted[0]?.startsWith("!") === true) for (const c of ofSet(sets.default)) chosen.add(c);
  for (const name of wanted) {
    const away = name.startsWith("!");
    const pattern = away ? name.slice(1) : name;
    const hits = Object.hasOwn(sets, pattern)
      ? ofSet(sets[pattern])
      : known.filter((c) => matchesGlobs([c.id, c.name], [pattern]));
    if (hits.length === 0) {
      const names = known.flatMap((c) => [c.id, c.name]);
      throw unknownName("--candidates", "candidate", name, [...new Set([...names, ...Object.keys(sets)])]);
    }
    for (const hit of hits) away ? chosen.delete(hit) : chosen.add(hit);
  }
  if (chosen.size === 0)
    throw new UsageError(`--candidates: must leave at least one, got ${wanted.join(",")}`);
  return known.filter((c) => chosen.has(c));
}
