import { cellId, serviceOf } from "../../schemas/cell.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { type EventOf, eventVersion, type RunEvent } from "../../schemas/event.ts";
import type { Plan, PlannedCandidate } from "../../schemas/plan.ts";
import { analyse, type Evidence } from "../analysis/report.ts";
import { parseMargins } from "../cli/margins.ts";
import { runExperiment } from "../experiment.ts";
import { depths } from "../plan/depth.ts";
import { isMeasuredBy, usualLimits } from "../plan/plan.ts";
import { profileCells } from "../plan/profile.ts";
import { CalibrationFailure, type Calibrator, type ReferenceProgram } from "./calibrator.ts";

type ProfileCell = ReturnType<typeof profileCells>[number];

/** A reference server, and what it is started with. */
export type ReferenceServer = readonly [program: ReferenceProgram, ...args: (string | number)[]];

/** What a run recorded, and what its analysis says. */
export interface StandardRun {
  readonly evidence: Evidence;
  readonly windows: readonly EventOf<"window-finished">[];
}

/** The headline cells of the standard profile, as any run has them. */
export const standardCells: readonly ProfileCell[] = profileCells(depths.standard, {
  source: "synthetic",
  preset: "burst",
  seed: 1,
  rate: 1,
  meanHz: null,
}).filter(({ headline, spec }) => headline.length > 0 && isMeasuredBy("standard", spec.workload));

/**
 * Compares reference servers as the standard profile does: its cells, windows, waits and warm-up, fresh processes in drawn order,
 * and its analysis; of fewer rounds. Throws CalibrationFailure.
 */
export async function standardRun(
  calibrator: Calibrator,
  servers: Readonly<Record<string, ReferenceServer>>,
  {
    cells,
    rounds,
    keepDisturbed = false,
  }: { readonly cells: readonly ProfileCell[]; readonly rounds: number; readonly keepDisturbed?: boolean },
): Promise<StandardRun> {
  const plan = { ...planOf(Object.keys(servers), cells, rounds), keepDisturbed };
  const events: RunEvent[] = [];
  const began = performance.now();
  const { clockResolutionNs } = await calibrator.load.ready();
  await runExperiment({
    plan,
    bench: calibrator.bench(plan, servers),
    record: (event) => void events.push(event),
    done: [],
    unavailable: new Set(),
    now: () => new Date(),
    cellsOf: () => null,
    together: Number.POSITIVE_INFINITY,
    stopping: () => calibrator.interrupted,
  });
  const at = new Date().toISOString();
  const durationMs = performance.now() - began;
  events.push({ type: "run-finished", at, durationMs, interrupted: calibrator.interrupted });
  const failed = events.find((event) => event.type === "trial-failed");
  if (failed !== undefined)
    throw new CalibrationFailure(`${failed.candidate} failed: ${failed.reason}`, failed.code);
  const windows = events.filter((event) => event.type === "window-finished").filter((w) => w.counted);
  calibrator.saw(windows.map(({ measurement }) => measurement));
  const started = {
    type: "run-started" as const,
    at,
    eventVersion: eventVersion as typeof eventVersion,
    runId: "calibration",
    argv: [],
    toolVersion: "",
    host: calibrator.host(),
    clockResolutionNs,
    plan,
  };
  return { evidence: analyse(started, events), windows };
}

function planOf(names: readonly string[], cells: readonly ProfileCell[], rounds: number): Plan {
  const candidates = names.map((name): PlannedCandidate => {
    return {
      name,
      id: name,
      replicateOf: null,
      runtime: "bun",
      framework: name,
      launch: { kind: "program", runtime: "bun", choice: { kind: "pinned" } },
      endpoint: builtInEndpoint,
      serves: cells.map(({ spec }) => serviceOf(spec)),
      notServed: [],
      gaps: [],
      upgradeFrom: null,
    };
  });
  return {
    profile: "standard",
    seed: 1,
    rounds,
    candidates,
    cells: cells.map((cell) => ({
      ...cell,
      id: cellId(cell.spec),
      everyRounds: 1,
      headline: [...cell.headline],
    })),
    reference: names[0] ?? "",
    margins: parseMargins(null, null),
    allocated: false,
    processPerTrial: false,
    keepDisturbed: false,
    slowConsumer: "disconnect",
    backpressureLimitBytes: 16 * 1024 * 1024,
    limits: usualLimits,
  };
}
