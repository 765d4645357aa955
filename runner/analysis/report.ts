import { rewritesJson } from "../../schemas/delivery.ts";
import type { RunEvent } from "../../schemas/event.ts";
import type { Plan, PlannedCandidate } from "../../schemas/plan.ts";
import {
  type CandidateReport,
  type CellResult,
  reportSchemaVersion,
  type Undecided,
} from "../../schemas/report.ts";
import type { RunStarted } from "../record/event-log.ts";
import { attributionWarnings } from "./attribution-warnings.ts";
import { writingOf } from "./broadcast-effects.ts";
import { type Collected, collect, windowCounts } from "./collect.ts";
import { comparisonsOf } from "./comparisons.ts";
import { decompositionsOf } from "./decompositions.ts";
import { factorsOf } from "./factors.ts";
import { feedCoverageOf, feedWarnings } from "./feed.ts";
import { loadSpreadOf } from "./load-spread.ts";
import { noiseOf } from "./noise.ts";
import { partsOf, partWarnings } from "./parts.ts";
import { resultsOf } from "./results.ts";
import { soakOf, soakWarnings } from "./soak.ts";
import { timeUse } from "./time-use.ts";
import { validRecord } from "./valid-record.ts";
import { warningsOf } from "./warnings.ts";
import { whyOf } from "./why.ts";

/** A report without its decision, which `reports/decision/decide.ts` makes from the rest. */
export type Evidence = Undecided;

/** Turns a run's record into what it shows. Pure: the same events give the same report. */
export function analyse(started: RunStarted, recorded: readonly RunEvent[]): Evidence {
  const events = validRecord(recorded);
  const { plan, host } = started;
  const collected = collect(plan, events);
  const results = resultsOf(plan, collected);
  const noise = noiseOf(plan, results);
  const { factor } = noise.calibration;
  const parts = partsOf(started, events);
  const feeds = feedCoverageOf(plan, events);
  const soak = soakOf(plan, events);
  const finished = events.filter((e) => e.type === "run-finished");
  const windows = windowCounts(collected.series);
  // A resumed run has ended more than once; what it took is the sum.
  const durationMs = finished.reduce((sum, e) => sum + e.durationMs, 0);
  const comparisons = comparisonsOf(plan, results, { factor, durationMs }, collected);
  return {
    schemaVersion: reportSchemaVersion,
    run: {
      id: started.runId,
      startedAt: started.at,
      durationMs,
      ...timeUse(events, durationMs),
      seed: plan.seed,
      profile: plan.profile,
      rounds: plan.rounds,
      roundsRun: Math.max(0, ...events.map((e) => ("round" in e ? e.round + 1 : 0))),
      argv: started.argv,
      toolVersion: started.toolVersion,
      parts,
      interrupted: finished.at(-1)?.interrupted ?? true,
      clockResolutionNs: started.clockResolutionNs,
      reference: plan.reference,
      margins: plan.margins,
      processPerTrial: plan.processPerTrial,
    },
    host,
    ...loadOf(plan, events),
    candidates: plan.candidates.map((c) => candidateReport(c, collected, results)),
    results,
    comparisons,
    decomposition: decompositionsOf(plan, results, factor),
    writing: writingOf(plan, results, factor, collected.failures),
    factors: factorsOf(plan, results, comparisons, factor, collected.failures),
    noise: {
      ...noise,
      contaminatedTrials: (windows.discarded["foreign-cpu"] ?? 0) + (windows.discarded.steal ?? 0),
      retriedTrials: collected.series.flatMap((s) => s.windows).filter((w) => w.attempt > 1).length,
      windows,
    },
    feeds,
    soak,
    why: whyOf(plan, events),
    extraFailures: events.flatMap((e) =>
      e.type === "extra-failed"
        ? [{ kind: e.kind, candidate: e.candidate, phase: e.phase, reason: e.reason }]
        : [],
    ),
    failures: collected.failures.map(({ type: _, at: _at, ...failure }) => failure),
    warnings: [
      ...warningsOf(plan, host, collected, results, events),
      ...partWarnings(parts),
      ...attributionWarnings(recorded),
      ...feedWarnings(feeds),
      ...soakWarnings(soak),
    ],
  };
}

function loadOf(plan: Plan, events: readonly RunEvent[]): Pick<Evidence, "load" | "target"> {
  const load = loadSpreadOf(plan, events);
  const { target } = plan;
  return { ...(load === undefined ? {} : { load }), ...(target === undefined ? {} : { target }) };
}

/** A candidate has failed where a cell that it failed in by its own fault has no counted measurement in any round. */
function hasFailed(name: string, collected: Collected): boolean {
  const ofCandidate = collected.series.filter((s) => s.candidate === name);
  const measured = (cell: string) =>
    ofCandidate.some((s) => s.cell === cell && s.perRound.some((m) => m !== null));
  return collected.failures.some(
    (f) =>
      f.candidate === name &&
      f.fault !== "generator" &&
      (f.cell === null ? ofCandidate.length === 0 : !measured(f.cell)),
  );
}

function candidateReport(
  planned: PlannedCandidate,
  collected: Collected,
  results: readonly CellResult[],
): CandidateReport {
  const rewrites = results.some((r) => r.candidate === planned.name && rewritesJson(r));
  const ready = collected.starts.find((s) => s.candidate === planned.name)?.ready;
  const missing = collected.unavailable.find((u) => u.candidate === planned.name);
  const failure = collected.failures.find((f) => f.candidate === planned.name && f.fault !== "generator");
  const status = missing !== undefined ? "unavailable" : hasFailed(planned.name, collected) ? "failed" : "ok";
  const reason = missing?.reason ?? failure?.reason;
  return {
    id: planned.name,
    program: planned.id,
    replicateOf: planned.replicateOf,
    runtime: ready?.runtime ?? unknownVersion(planned, "runtime"),
    framework: ready?.framework ?? unknownVersion(planned, "framework"),
    options: ready?.options ?? null,
    gaps: planned.gaps,
    observed: rewrites ? ["rewrites-json"] : [],
    notServed: planned.notServed,
    upgradeFrom: planned.upgradeFrom,
    ...(planned.levels === undefined ? {} : { levels: planned.levels }),
    ...(planned.contrasts === undefined ? {} : { contrasts: planned.contrasts }),
    status,
    ...(status !== "ok" && reason !== undefined ? { reason } : {}),
    ...(missing === undefined ? {} : { nextStep: missing.nextStep }),
  };
}

function unknownVersion(planned: PlannedCandidate, what: "runtime" | "framework") {
  const { launch, framework } = planned;
  if (launch.kind !== "program") return { name: "your own", version: "unknown" };
  return { name: what === "runtime" ? launch.runtime : framework, version: "unknown" };
}
