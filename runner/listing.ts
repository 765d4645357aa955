import { codecs } from "../schemas/cell.ts";
import type { Plan, PlannedCandidate } from "../schemas/plan.ts";
import { candidateSets, candidates as manifest } from "../servers/manifest.ts";
import type { Options } from "./args.ts";
import { findCommands } from "./commands.ts";
import { frameworkVersion } from "./framework-version.ts";
import { serves, tasksOf } from "./order.ts";
import { chooseCandidates, selectCells } from "./plan.ts";
import type { FoundRuntime } from "./proc/runtimes.ts";
import { depths } from "./profile.ts";
import { duration, expectedMs } from "./progress.ts";

/** The candidates as a table: what they are, whether they run here, and where they leave the contract. */
export async function listCandidates(options: Options): Promise<string> {
  // Without a choice the list is of everything there is, not of what a run takes by default.
  const candidates = options.candidates.join() === "default" ? ["all"] : options.candidates;
  const chosen = chooseCandidates({ ...options, candidates }, selectCells(options, depths.standard));
  const { unavailable, runtimes } = await findCommands(chosen, (text) => process.stderr.write(`${text}\n`));
  const rows = chosen.map((c) => {
    const missing = unavailable.get(c.name);
    const version = runtimes.get(c.name)?.version;
    if (c.launch.kind !== "program") return ownRow(c);
    return [
      c.name,
      version === undefined ? c.runtime : `${c.runtime.split("@")[0]} ${version}`,
      framework(c, runtimes.get(c.name)),
      served(c),
      missing === undefined ? "yes" : `no: ${missing.reason}; ${missing.nextStep}`,
      c.gaps.map((gap) => gap.case).join(" ") || "none",
      setsOf(c),
    ];
  });
  const head = ["id", "runtime", "framework", "serves", "available", "declared gaps", "sets"];
  return table(head, rows);
}

/** The plan as a table of cells, with the expected length. */
export function listPlan(plan: Plan): string {
  const rows = plan.cells.map((cell) => [
    cell.id,
    cell.everyRounds === 1 ? "every round" : `every ${cell.everyRounds} rounds`,
    `${cell.spec.warmupMs} + ${cell.spec.windowMs} ms`,
    cell.headline.join(" ") || "exploratory",
    plan.candidates
      .filter((c) => serves(c, cell))
      .map((c) => c.name)
      .join(" "),
  ]);
  const length = duration(expectedMs(tasksOf(plan, [], new Set()), plan.processWarmupMs));
  const head = `profile ${plan.profile}, ${plan.rounds} rounds, seed ${plan.seed}, reference ${plan.reference}, about ${length}\n\n`;
  return head + table(["cell", "rounds", "warm-up + window", "declared metrics", "candidates"], rows);
}

/** A server of the user's own is asked what it serves when a run begins, and not before. */
const ownRow = ({ name, launch }: PlannedCandidate): string[] => {
  const how = launch.kind === "running" ? "runs already" : "is started";
  return [name, "your own", "your own", "asked when a run begins", how, "none", "your own"];
};

function framework(planned: PlannedCandidate, found: FoundRuntime | undefined): string {
  const program = manifest.find((c) => c.id === planned.id);
  if (program === undefined) return planned.framework;
  const version = frameworkVersion(program, found);
  return `${program.readyFramework?.name ?? program.framework}${version === null ? "" : ` ${version}`}`;
}

/** Codecs and ways of broadcast, as they are served by every workload. */
function served({ serves }: PlannedCandidate): string {
  const served = new Set(serves.map((service) => service.split("/")[1]));
  const native = serves.some((service) => service.endsWith("/native"));
  return `${codecs.filter((codec) => served.has(codec)).join(" ")}${native ? ", native broadcast" : ""}`;
}

function setsOf({ id }: PlannedCandidate): string {
  const sets = Object.entries(candidateSets).filter(([, ids]) => ids.includes(id));
  return sets.map(([name]) => name).join(" ") || "your own";
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join("  ");
  return `${[head, widths.map((w) => "-".repeat(w)), ...rows].map(line).join("\n")}\n`;
}
