import {
  type CellSpec,
  cellId,
  factsOf,
  isOfRuntime,
  restartsServer,
  type Workload,
  workloads,
} from "../../schemas/cell.ts";
import { loadFactors } from "../../schemas/factor.ts";
import type { FeedSpec } from "../../schemas/feed.ts";
import { matchesGlobs } from "../../schemas/glob.ts";
import { feedPresets } from "../../schemas/names.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../../schemas/plan.ts";
import { candidates as manifest } from "../../servers/manifest.ts";
import { packageVariants, parsePackages } from "../candidates/packages/package-choice.ts";
import { parseRuntimes } from "../candidates/runtime-choice.ts";
import { availableCandidates, selectCandidates } from "../candidates/selection.ts";
import { variantsOf } from "../candidates/variants.ts";
import type { Options } from "../cli/args.ts";
import { searchedLimit } from "../cli/slo.ts";
import { hint, UsageError, unknownName } from "../cli/usage-error.ts";
import { type Depth, depths, roundsOf } from "./depth.ts";
import { extraCell } from "./extras.ts";
import { loadOf, withLoads } from "./loads.ts";
import { profileCells } from "./profile.ts";

/** Unsent bytes of one subscriber at which the slow-consumer policy applies, the same for every candidate. */
const backpressureLimitBytes = 16 * 1024 * 1024;

/** Rounds from which some can be spent otherwise: after the pilot and what every cell gets, fewer leave none. */
const allocatedFrom = 6;

/** How long each step of a trial may take. */
export const usualLimits: Plan["limits"] = {
  readyMs: 10_000,
  connectMs: 10_000,
  drainMs: 2_000,
  trialGraceMs: 15_000,
  stopMs: 3_000,
};

/** Turns options into a plan. Throws UsageError where a name matches nothing. */
export function makePlan(options: Options): Plan {
  const depth = depthOf(options);
  const cells = selectCells(options, depth);
  refuseIdle(options, depth, cells);
  const chosen = chooseCandidates(options, cells);
  const reference = referenceOf(chosen);
  const candidates = [...chosen, replicateOf(reference)];
  const rounds = options.rounds ?? roundsOf(depth, candidates.length);
  return {
    profile: options.profile,
    seed: options.seed,
    rounds,
    candidates,
    cells,
    reference: reference.name,
    margins: options.margins,
    allocated: rounds >= allocatedFrom,
    processPerTrial: options.processPerTrial,
    ...sharedLoad(options),
    ...(options.target === null ? {} : { target: options.target }),
    ...extrasOf(options, cells),
    keepDisturbed: options.keepDisturbed,
    slowConsumer: options.slowConsumer,
    backpressureLimitBytes,
    limits: usualLimits,
  };
}

/** How deep the options ask a run to go. */
function depthOf({ profile, connections, slos }: Options): Depth {
  const latencyLimit = searchedLimit(slos);
  return {
    ...depths[profile],
    ...(connections === null ? {} : { connections }),
    ...(latencyLimit === null ? {} : { latencyLimit }),
  };
}

/** A flag of the load that no chosen cell has would be passed over in silence. Throws UsageError. */
function refuseIdle(options: Options, depth: Depth, cells: readonly PlannedCell[]): void {
  const { factors, connections, symbols, workloads: asked } = options;
  const refuse = (flag: string, got: string | number, isIn: (spec: CellSpec) => boolean) => {
    if (cells.some(({ spec }) => isIn(spec))) return;
    const having = profileCells(depth, parseFeed(options)).filter(({ spec }) => isIn(spec));
    const names = [...new Set(having.map(({ spec }) => spec.workload))].join(", ");
    throw new UsageError(
      `${flag}: must be for a cell that is measured, got ${got} with --workloads ${asked.join(",")}; leave it out, or measure one of ${names}`,
    );
  };
  for (const factor of loadFactors) {
    const levels = factors[factor];
    if (levels !== null) refuse(`--${factor}`, levels.join(), (spec) => loadOf(spec, factor) !== null);
  }
  if (symbols !== null) refuse("--symbols", symbols.count, (spec) => "feed" in spec);
  if (connections !== null) refuse("--connections", connections, (spec) => "rampHz" in spec);
}

/** The trials beside the rounds. Throws UsageError where there is no cell for them. */
function extrasOf(
  { soakMs, why, workloads, profile, target }: Options,
  cells: readonly PlannedCell[],
): Pick<Plan, "extras"> {
  const flags = [...(soakMs === null ? [] : ["--soak"]), ...(why ? ["--why"] : [])];
  const hasCell = extraCell({ cells }) !== null;
  if (flags.length > 0 && !hasCell) {
    throw new UsageError(
      `${flags.join(", ")}: needs a feed, which servers are held under, got --workloads ${workloads.join(",")}; add feed to it`,
    );
  }
  // They look into servers of this machine.
  if (target !== null) return {};
  const looksInto = why || (profile === "thorough" && hasCell);
  return soakMs === null && !looksInto ? {} : { extras: { soakMs, why: looksInto } };
}

function sharedLoad({ agents, loadCores }: Options): Pick<Plan, "load"> {
  const hosts = agents?.count ?? null;
  if (hosts !== null) return { load: { on: "hosts", processes: hosts } };
  return loadCores === 1 ? {} : { load: { on: "cores", processes: loadCores } };
}

/**
 * The candidate the others are compared with: the plain runtime where it runs, since it has no framework whose
 * share could be disputed; otherwise the first one.
 */
function referenceOf(chosen: readonly [PlannedCandidate, ...PlannedCandidate[]]): PlannedCandidate {
  return chosen.find((c) => c.id === "bun/serve") ?? chosen[0];
}

/** Every run measures its reference twice, under two names: what separates it from itself is noise. */
function replicateOf(candidate: PlannedCandidate): PlannedCandidate {
  const { contrasts: _, ...same } = candidate;
  return { ...same, name: `${candidate.name}#2`, replicateOf: candidate.name, upgradeFrom: null };
}

/** The candidates that the options choose, for the services that `cells` ask for. */
export function chooseCandidates(
  options: Options,
  cells: readonly PlannedCell[],
): [PlannedCandidate, ...PlannedCandidate[]] {
  const runtimes = parseRuntimes(options.runtimes);
  const packages = parsePackages(options.packages);
  const specs = cells.map((cell) => cell.spec);
  const known = availableCandidates(manifest, options.custom, runtimes, specs, {
    node: options.node,
  })
    .flatMap((c) => packageVariants(c, packages))
    .flatMap((c) => variantsOf(c, options.factors, manifest.find(({ id }) => id === c.id)?.lacks));
  const chosen = selectCandidates(options.candidates, known);
  for (const { runtime, label } of runtimes) {
    const runs = ({ launch }: PlannedCandidate) => launch.kind === "program" && launch.runtime === runtime;
    if (chosen.some(runs)) continue;
    throw new UsageError(
      `--runtime: no chosen candidate runs on ${runtime}, got ${runtime} ${label}; see --candidates`,
    );
  }
  const [named] = packages;
  const hasNamed = ({ launch }: PlannedCandidate) =>
    launch.kind === "program" && launch.package !== undefined;
  if (named !== undefined && !chosen.some(hasNamed)) {
    throw new UsageError(
      `--package: no candidate that was chosen is made of ${named.name}; see --candidates`,
    );
  }
  // The oldest version, or the one without a feature, may have been taken away: then there is nothing to compare the other with.
  const names = new Set(chosen.map((c) => c.name));
  const kept = chosen.map(({ contrasts = [], ...c }) => {
    const measured = contrasts.filter(({ against }) => names.has(against));
    return {
      ...c,
      upgradeFrom: names.has(c.upgradeFrom ?? "") ? c.upgradeFrom : null,
      ...(measured.length === 0 ? {} : { contrasts: measured }),
    };
  });
  return onceARuntime(kept) as [PlannedCandidate, ...PlannedCandidate[]];
}

/**
 * What is a figure of the runtime is measured on the first candidate of each: the others would only say the same again. No
 * JavaScript engine runs a server of the user's own or one in Python.
 */
function onceARuntime(chosen: readonly PlannedCandidate[]): PlannedCandidate[] {
  const measured = new Map<string, string>();
  return chosen.map((candidate) => {
    const ofRuntime = candidate.serves.filter(isOfRuntime);
    if (ofRuntime.length === 0) return candidate;
    const { launch, name } = candidate;
    const runs = launch.kind === "program" && launch.runtime !== "python";
    const key = JSON.stringify({ ...launch, package: undefined });
    const first = measured.get(key);
    if (runs && first === undefined) {
      measured.set(key, name);
      return candidate;
    }
    const reason = runs
      ? `it is a figure of the runtime, measured once, under ${first}`
      : "it is a figure of JavaScript runtimes, and this candidate is not known to run on one";
    return {
      ...candidate,
      serves: candidate.serves.filter((service) => !isOfRuntime(service)),
      notServed: [...candidate.notServed, ...ofRuntime.map((service) => ({ service, reason }))],
    };
  });
}

/**
 * The cells of a run, by its profile and what was asked for. The name of a workload stands for its headline cells (and in a
 * profile that explores, for all); a cell's id, or a glob over ids, takes in exploratory cells too.
 */
export function selectCells(options: Options, depth: Depth): PlannedCell[] {
  const all = withLoads(profileCells(depth, parseFeed(options)), options.factors).map((cell) => ({
    ...cell,
    id: cellId(cell.spec),
  }));
  const names = [...new Set(all.map((c) => c.spec.workload))];
  const namesOf = (c: (typeof all)[number]) => [c.spec.workload, c.id];
  const asked = options.workloads.flatMap((glob) => workloadSet(glob, depth) ?? [glob]);
  for (const glob of asked) {
    const plain = glob.replace(/^!/, "");
    if (all.some((c) => matchesGlobs(namesOf(c), [plain]))) continue;
    throw unknownName("--workloads", "workload or cell", glob, [...names, "default", "all"]);
  }
  const isElsewhere = options.agents !== null || options.target !== null;
  const isPossible = ({ spec }: (typeof all)[number]) => !isElsewhere || !restartsServer(spec);
  const wanted = all.filter((c) => matchesGlobs(namesOf(c), asked) && isPossible(c));
  if (wanted.length === 0) {
    const why = isElsewhere
      ? "; cells that restart their server are not measured with --agents or --target"
      : "";
    throw new UsageError(`--workloads: must leave at least one, got ${options.workloads.join(",")}${why}`);
  }
  const known = wanted.filter((c) => options.codecs.includes(c.spec.codec));
  const byId = asked.filter((glob) => glob.includes("/") && !glob.startsWith("!"));
  const hasHeadline = new Set(known.flatMap((c) => (c.headline.length > 0 ? [c.spec.workload] : [])));
  const cells = known.flatMap(({ id, spec, windows, longWindowMs, headline }): PlannedCell[] => {
    // Exploratory cells that were named, or that no headline cell stands for, are the subject too.
    const isSubject =
      headline.length > 0 || !hasHeadline.has(spec.workload) || (byId.length > 0 && matchesGlobs([id], byId));
    const everyRounds = isSubject ? 1 : depth.exploreEvery;
    return everyRounds === null ? [] : [{ id, spec, windows, longWindowMs, everyRounds, headline }];
  });
  if (cells.length === 0) {
    throw new UsageError(
      `--codec: no cell of ${options.workloads.join(",")} uses ${options.codecs.join(",")}; see the cells that plan prints`,
    );
  }
  return cells;
}

/** The workloads of a set by its name: those of the profile, or every one; null where it names none. */
function workloadSet(name: string, { profile }: Depth): readonly string[] | null {
  if (name === "all") return ["*"];
  if (name !== "default") return null;
  return workloads.filter((of) => isMeasuredBy(profile, of));
}

/** Whether a profile measures a workload that nobody has named. */
export function isMeasuredBy(profile: Depth["profile"], of: Workload): boolean {
  const { measuredBy } = factsOf(of);
  if (measuredBy === "asked") return false;
  return measuredBy === "both" || (measuredBy === "open") === (profile === "open");
}

/** Reads `synthetic:PRESET` or `capture:FILE`. */
export function parseFeed(
  options: Pick<Options, "feed" | "feedRate" | "feedStream" | "seed" | "symbols">,
): FeedSpec {
  const [source, ...rest] = options.feed.split(":");
  const value = rest.join(":");
  if (source === "synthetic") {
    const preset = feedPresets.find((p) => p === value);
    if (preset === undefined) {
      throw new UsageError(
        `--feed: must be synthetic:${feedPresets.join("|")}, got ${options.feed}${hint(value, feedPresets)}`,
      );
    }
    if (options.feedStream !== null) {
      throw new UsageError(
        `--feed-stream: names the stream of a capture's frames, got ${options.feedStream} with ${options.feed}; leave it out`,
      );
    }
    const meanHz = preset.startsWith("flat") ? 100 : null;
    const { symbols } = options;
    const model = {
      source: "synthetic" as const,
      preset,
      seed: options.seed,
      rate: options.feedRate,
      meanHz,
    };
    return symbols === null ? model : { ...model, symbols };
  }
  if (source === "capture" && value !== "") {
    const stream = options.feedStream;
    if (options.symbols !== null) {
      throw new UsageError(
        `--symbols: a capture has its own symbols, got ${options.symbols.count} with ${options.feed}; leave it out`,
      );
    }
    return { source, file: value, rate: options.feedRate, ...(stream === null ? {} : { stream }) };
  }
  throw new UsageError(`--feed: must be synthetic:PRESET or capture:FILE, got ${options.feed}`);
}
