import { join } from "node:path";
import { isOfRuntime } from "../../schemas/cell.ts";
import type { PlannedCandidate } from "../../schemas/plan.ts";
import { type Candidate, candidates as manifest } from "../../servers/manifest.ts";
import { bundleEntry, linkModules } from "../process/bundle.ts";
import { cacheFolder } from "../process/cache-folder.ts";
import type { FoundRuntime, RuntimeResult } from "../process/runtimes.ts";
import { chosenRuntime } from "./candidate-runtime.ts";
import { installPackage } from "./packages/package-folder.ts";

const root = join(import.meta.dir, "..", "..");
const modules = join(root, "node_modules");

export interface Unavailable {
  readonly reason: string;
  readonly nextStep: string;
}

/** Program that times codecs within a runtime, from the project's root. */
const probeEntry = "runner/workloads/codec/probe.ts";

/** Program that is loaded into a server, from the project's root. */
const insideEntry = "runner/diagnostics/inside.ts";

/** Starts a candidate's program in several processes that share its port. */
const coresEntry = "servers/gateway/cores.ts";

/** How each candidate is started, by its name, and why some cannot be. */
export interface Commands {
  readonly commands: ReadonlyMap<string, readonly string[]>;
  readonly unavailable: ReadonlyMap<string, Unavailable>;
  /** What measures the runtime itself, for the candidates that a figure of it is reported under. */
  readonly probes: ReadonlyMap<string, readonly string[]>;
  /** Of every candidate of the manifest that has one. */
  readonly runtimes: ReadonlyMap<string, FoundRuntime>;
}

/** The runtimes of candidates by their name, and why some have none. */
export type Runtimes = Pick<Commands, "unavailable" | "runtimes">;

/**
 * Finds the runtime of every candidate of the manifest; the user's own servers bring theirs. Throws UsageError where a version that
 * was named cannot be fetched. `say` is called before what takes long.
 */
export async function findRuntimes(
  planned: readonly PlannedCandidate[],
  say: (text: string) => void = () => undefined,
): Promise<Runtimes> {
  const unavailable = new Map<string, Unavailable>();
  const runtimes = new Map<string, FoundRuntime>();
  const found = new Map<string, RuntimeResult>();
  for (const { id, name, launch } of planned) {
    const program = manifest.find((c) => c.id === id);
    if (launch.kind !== "program" || program === undefined) continue;
    const needed = JSON.stringify([launch, program.modules, program.requires, program.runtime]);
    const result = found.get(needed) ?? (await chosenRuntime(program, launch.choice, say));
    found.set(needed, result);
    if ("unavailable" in result) {
      unavailable.set(name, { reason: result.unavailable, nextStep: result.nextStep });
    } else runtimes.set(name, result);
  }
  return { unavailable, runtimes };
}

/** As `findRuntimes`, and makes every entry runnable. */
export async function findCommands(
  planned: readonly PlannedCandidate[],
  say: (text: string) => void = () => undefined,
): Promise<Commands> {
  const found = await findRuntimes(planned, say);
  const commands = new Map<string, readonly string[]>();
  const probes = new Map<string, readonly string[]>();
  for (const { id, name, serves, levels, launch } of planned) {
    const program = manifest.find((c) => c.id === id);
    const runtime = found.runtimes.get(name);
    if (program === undefined || runtime === undefined) continue;
    const several = (levels?.cores ?? 1) > 1 && program.lacks?.cores === undefined;
    const starter = several ? [await runnable({ runtime: program.runtime, entry: coresEntry })] : [];
    const named = launch.kind === "program" ? launch.package : undefined;
    const entry = await runnable(program, named && (await installPackage(program, named, say)));
    commands.set(name, [runtime.path, ...starter, entry, ...(program.args ?? [])]);
    if (!serves.some(isOfRuntime)) continue;
    probes.set(name, [runtime.path, await runnable({ runtime: program.runtime, entry: probeEntry })]);
  }
  // The generator's own ceiling is measured against a server that runs on the generator's runtime.
  commands.set("null-server", [process.execPath, join(root, "runner", "load", "null-server.ts")]);
  return { commands, probes, ...found };
}

/**
 * How a candidate is started with a program of ours loaded before its own, which reports what the runtime knows of itself; null where
 * its runtime cannot, and where several processes share the work, of which it would see one.
 */
export async function commandWithin(
  { id, name, levels }: PlannedCandidate,
  { commands }: Pick<Commands, "commands">,
): Promise<readonly string[] | null> {
  const program = manifest.find((c) => c.id === id);
  const [path, ...rest] = commands.get(name) ?? [];
  if (program === undefined || path === undefined || program.runtime === "python") return null;
  if ((levels?.cores ?? 1) > 1) return null;
  const inside = await runnable({ runtime: program.runtime, entry: insideEntry });
  return [path, program.runtime === "node" ? "--import" : "--preload", inside, ...rest];
}

/** Where node_modules resolve, so that a bundled entry finds its framework. */
function bundleFolder(): string {
  const inside = join(modules, ".cache", "tickbench");
  // Each install has its own folder: two of them may have frameworks of two versions.
  const folder = cacheFolder(inside, `bundles-${Bun.hash(root).toString(36)}`);
  if (folder !== inside) linkModules(folder, modules);
  return folder;
}

/**
 * Every Node runs the same JavaScript, also one that cannot strip types. What must find its packages in a separate folder is
 * bundled into it, for Bun too.
 */
async function runnable(
  { runtime, entry }: Pick<Candidate, "runtime" | "entry">,
  packages?: string,
): Promise<string> {
  const path = join(root, entry);
  if (packages !== undefined && runtime !== "python") return bundleEntry(path, packages, runtime);
  return runtime === "node" ? bundleEntry(path, bundleFolder()) : path;
}
