import type { PlannedCandidate } from "../../../schemas/plan.ts";
import { type Candidate, candidates as manifest } from "../../../servers/manifest.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { byVersion } from "../runtime-choice.ts";

/** One version of a package of npm that the user asked for. */
export interface NamedPackage {
  readonly name: string;
  readonly version: string;
}

/** The packages that a program is measured for: its framework, adapters and what is below them. Bun's own are of its version. */
export function packagesOf({ runtime, framework, readyFramework, parts = [] }: Candidate): string[] {
  const main = readyFramework?.package ?? framework;
  // uWebSockets.js is installed separately, and its name is a path.
  if (runtime === "python" || main === "bun" || main.startsWith(".")) return [];
  return [...new Set([main, ...parts])];
}

/** Reads the items of --package, the oldest version first: `ws@8.23.0`, `@hono/node-ws@1.3.1`. Throws UsageError. */
export function parsePackages(items: readonly string[]): NamedPackage[] {
  const named = items.map((item) => {
    const match = /^((?:@[a-z\d][a-z\d._-]*\/)?[a-z\d][a-z\d._-]*)@(\d+\.\d+\.\d+)$/.exec(item);
    const [, name, version] = match ?? [];
    if (name === undefined || version === undefined) {
      throw new UsageError(`--package: must be NAME@VERSION, as ws@8.23.0, got ${item}`);
    }
    return { name, version };
  });
  const known = [...new Set(manifest.flatMap(packagesOf))];
  for (const [i, { name, version }] of named.entries()) {
    if (!known.includes(name)) {
      throw new UsageError(`--package: must be one of ${known.join(", ")}, got ${name}`);
    }
    if (name !== named[0]?.name) {
      throw new UsageError(
        `--package: must name versions of one package, got ${named[0]?.name} and ${name}; measure them one after the other`,
      );
    }
    if (named.slice(0, i).some((other) => other.version === version)) {
      throw new UsageError(`--package: must name each version once, got ${name}@${version} twice`);
    }
  }
  return named.toSorted((a, b) => byVersion(a.version, b.version));
}

/** A candidate under each version of a package that it is made of; one that is not runs as it is. */
export function packageVariants(
  candidate: PlannedCandidate,
  named: readonly NamedPackage[],
): PlannedCandidate[] {
  const program = manifest.find(({ id }) => id === candidate.id);
  const { launch } = candidate;
  const [oldest] = named;
  if (oldest === undefined || program === undefined || launch.kind !== "program") return [candidate];
  if (!packagesOf(program).includes(oldest.name)) return [candidate];
  const at = ({ name, version }: NamedPackage) => `+${name}@${version}`;
  const before = candidate.upgradeFrom === null ? null : `${candidate.upgradeFrom}${at(oldest)}`;
  return named.map((one) => ({
    ...candidate,
    name: `${candidate.name}${at(one)}`,
    framework: `${candidate.framework}${at(one)}`,
    launch: { ...launch, package: one },
    upgradeFrom: one === oldest ? before : `${candidate.name}${at(oldest)}`,
  }));
}
