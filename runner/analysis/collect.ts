import type { EventOf, RunEvent } from "../../schemas/event.ts";
import type { Measurement, QualityCode } from "../../schemas/load.ts";
import { type MetricName, metricNames } from "../../schemas/metric.ts";
import type { Plan } from "../../schemas/plan.ts";
import { mayPass } from "../quality/trial-quality.ts";
import { figuresByStretch } from "./stretches.ts";
import { validRecord } from "./valid-record.ts";

type Window = EventOf<"window-finished">;

/** What one cell of one visit measured: one process of one candidate in one round. */
export interface Visit {
  /** Of each metric the median over the clean typical windows, on logs; of windows of a feed's stretches, paired by stretch. */
  readonly metrics: Measurement["metrics"];
  /** Clean typical windows, in order. */
  readonly windows: readonly Measurement[];
  /** The clean long window, in which stalls are looked for; null where none was planned or had. */
  readonly long: Measurement | null;
}

/** What one candidate measured on one cell, a place for each round. */
export interface Series {
  readonly candidate: string;
  readonly cell: string;
  /** Null where the round has no clean window. */
  readonly perRound: readonly (Visit | null)[];
  /** Start-up of the server that each round's measurement ran on, in ns. */
  readonly startupNs: readonly (number | null)[];
  /** Why the visits without a clean window have none. */
  readonly voids: readonly string[];
  /** Windows of all visits that came to their end, discarded ones included. */
  readonly windows: readonly Window[];
  /** Planned windows without a clean measurement. */
  readonly missing: number;
}

export interface Collected {
  readonly series: readonly Series[];
  /** Null-server ceilings of each cell, in messages per second. */
  readonly ceilings: ReadonlyMap<string, readonly number[]>;
  readonly failures: readonly EventOf<"trial-failed">[];
  readonly starts: readonly EventOf<"server-started">[];
  readonly unavailable: readonly EventOf<"candidate-unavailable">[];
}

/** Sorts the record of a run by candidate and cell. */
export function collect(plan: Plan, recorded: readonly RunEvent[]): Collected {
  const events = validRecord(recorded);
  const of = <T extends RunEvent["type"]>(type: T) =>
    events.filter((event): event is EventOf<T> => event.type === type);
  const starts = of("server-started");
  const trials = trialsOf(events);
  const visits = visitsOf(plan, trials);
  const ceilings = new Map<string, number[]>();
  for (const { cell, ceilingHz } of of("ceiling-measured")) {
    ceilings.set(cell, [...(ceilings.get(cell) ?? []), ceilingHz]);
  }
  // Where rounds are spent where they are needed, there are more of them than were planned of everything.
  const begun = Math.max(plan.rounds, ...events.map((e) => ("round" in e ? e.round + 1 : 0)));
  const series = plan.candidates.flatMap(({ name }) =>
    plan.cells.map((cell): Series => {
      const rounds = Array.from({ length: begun }, (_, round) => {
        const trial = trials.get(trialKey(name, cell.id, round));
        return trial === undefined ? null : { ...trial, visit: visits.get(trial) ?? null };
      });
      return {
        candidate: name,
        cell: cell.id,
        perRound: rounds.map((trial) => trial?.visit ?? null),
        startupNs: rounds.map((_, round) =>
          startupOf(starts.find((s) => s.candidate === name && s.round === round)),
        ),
        voids: rounds.flatMap((trial) =>
          trial === null || trial.visit !== null ? [] : [trial.windows.at(-1)?.doubt?.reason ?? noWindow],
        ),
        windows: rounds.flatMap((trial) => trial?.windows ?? []),
        missing: rounds.reduce((sum, trial) => sum + (trial === null ? 0 : missingOf(trial)), 0),
      };
    }),
  );
  return {
    series: series.filter((s) => s.perRound.some((visit) => visit !== null) || s.voids.length > 0),
    ceilings,
    failures: of("trial-failed"),
    starts,
    unavailable: of("candidate-unavailable"),
  };
}

/** A bound is no figure, and no verdict may rest on it. */
function startupOf(start: EventOf<"server-started"> | undefined): number | null {
  return start === undefined || start.startupBound !== undefined ? null : start.startupNs;
}

const noWindow = "no window of it was measured";

interface Trial {
  readonly finished: EventOf<"trial-finished">;
  readonly windows: readonly Window[];
}

/** Windows without a clean one, those that the end of the visit took back included. */
function missingOf({ finished, windows }: Trial): number {
  return finished.missing + windows.filter(({ doubt }) => doubt?.code === "left-its-core").length;
}

const trialKey = (candidate: string, cell: string, round: number) => `${candidate}\n${cell}\n${round}`;

/**
 * Trials that came to their end, by candidate, cell and round, a line each. Windows of several candidates come in turns; those of a
 * trial that failed, or that an interrupt cut, belong to none.
 */
function trialsOf(events: readonly RunEvent[]): Map<string, Trial> {
  const trials = new Map<string, Trial>();
  const windows = new Map<string, Window[]>();
  for (const event of events) {
    if (event.type === "run-resumed") windows.clear();
    if (event.type !== "window-finished" && event.type !== "trial-finished" && event.type !== "trial-failed")
      continue;
    const { candidate, cell, round } = event;
    const key = trialKey(candidate, cell ?? "", round);
    if (event.type === "window-finished") windows.set(key, [...(windows.get(key) ?? []), event]);
    if (event.type === "trial-finished")
      trials.set(key, { finished: event, windows: windows.get(key) ?? [] });
    if (event.type !== "window-finished") windows.delete(key);
  }
  return trials;
}

/** The visits that have a clean typical window. Those of one round to one cell are looked at together. */
function visitsOf(plan: Plan, trials: ReadonlyMap<string, Trial>): Map<Trial, Visit> {
  const visits = new Map<Trial, Visit>();
  const rounds = Map.groupBy(trials.values(), ({ finished }) => `${finished.cell}\n${finished.round}`);
  const planned = new Set(plan.candidates.map(({ name }) => name));
  for (const all of rounds.values()) {
    const round = all.filter(({ finished }) => planned.has(finished.candidate));
    const paired = figuresByStretch(round.map(({ windows }) => windows));
    for (const [i, trial] of round.entries()) {
      const visit = visitOf(trial.windows);
      if (visit !== null) visits.set(trial, { ...visit, metrics: { ...visit.metrics, ...paired[i] } });
    }
  }
  return visits;
}

/** The figures of one visit by itself; null where it has no clean typical window. */
function visitOf(windows: readonly Window[]): Visit | null {
  const kept = windows.filter(({ counted }) => counted);
  const typical = kept.filter(({ kind }) => kind === "typical").map(({ measurement }) => measurement);
  if (typical.length === 0) return null;
  const metrics: Partial<Record<MetricName, number>> = {};
  for (const name of metricNames) {
    const values = typical.flatMap((m) => m.metrics[name] ?? []);
    if (values.length > 0) metrics[name] = logMedian(values);
  }
  return {
    metrics,
    windows: typical,
    long: kept.find(({ kind }) => kind === "long")?.measurement ?? null,
  };
}

/** Median of logarithms: of an even number the geometric mean of the middle two. */
function logMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : Math.sqrt((sorted[middle - 1] ?? 0) * upper);
}

/** Clean and discarded windows of a part of the record. */
export interface WindowCounts {
  readonly clean: number;
  /** Disturbed ones that count all the same. */
  readonly kept: number;
  readonly missing: number;
  readonly discarded: Partial<Record<QualityCode, number>>;
}

/** How the windows of some series fared. */
export function windowCounts(series: readonly Series[]): WindowCounts {
  const discarded: Partial<Record<QualityCode, number>> = {};
  let clean = 0;
  let kept = 0;
  let missing = 0;
  for (const { windows, missing: ofSeries } of series) {
    missing += ofSeries;
    for (const { doubt, counted } of windows) {
      // Where the generator was the limit nothing was disturbed.
      if (doubt === null || !mayPass(doubt)) clean += 1;
      else if (counted) kept += 1;
      else discarded[doubt.code] = (discarded[doubt.code] ?? 0) + 1;
    }
  }
  return { clean, kept, missing, discarded };
}

/** Every clean window of a series, long ones too. */
export function cleanWindows({ perRound }: Series): Measurement[] {
  return perRound.flatMap((visit) => (visit === null ? [] : visitWindows(visit)));
}

/** Every clean window of a visit. */
export function visitWindows({ windows, long }: Visit): Measurement[] {
  return [...windows, ...(long === null ? [] : [long])];
}

/** One metric of a series, a value for each round. */
export function metricPerRound(series: Series, metric: MetricName): (number | null)[] {
  if (metric === "startupNs")
    return series.startupNs.map((ns, round) => (series.perRound[round] ? ns : null));
  return series.perRound.map((visit) => visit?.metrics[metric] ?? null);
}

/**
 * Candidates that were measured and of which not one trial counts, A/A replicates left out: the run has nothing of what was asked
 * for of them, which the command's exit code tells as it tells a failure.
 */
export function discardedCandidates(plan: Plan, events: readonly RunEvent[]): string[] {
  const { series } = collect(plan, events);
  return plan.candidates
    .filter(({ replicateOf }) => replicateOf === null)
    .map(({ name }) => name)
    .filter((name) => {
      const ofIt = series.filter((s) => s.candidate === name);
      return ofIt.length > 0 && ofIt.every((s) => s.perRound.every((m) => m === null));
    });
}
