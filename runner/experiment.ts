import type { RunEvent } from "../schemas/event.ts";
import type { FailureCode, LedgerTotals, Measurement, Refusal, TrialPhase } from "../schemas/load.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../schemas/plan.ts";
import type { ReadyLine } from "../schemas/ready.ts";
import { type Task, tasksOf, trialKey } from "./plan/schedule.ts";
import { mayPass, objectionTo } from "./quality/trial-quality.ts";

/** Why a server or a trial failed: the phase, the reason, and the server's last words. */
export interface TrialFailure {
  readonly phase: TrialPhase;
  readonly reason: string;
  readonly stderr: readonly string[];
  readonly code?: FailureCode;
  /** Set where it was the load generator's own and says nothing of the server. */
  readonly fault?: "generator";
  /** Set where an upgrade was answered with another status than 101. */
  readonly refused?: Refusal;
}

/** A running server, as the experiment sees it. */
export interface RunningServer {
  /** Null where it ran before the run did. */
  readonly startupNs: number | null;
  /** Set where no more than a bound of the start-up is known. */
  readonly startupBound?: "at-most" | undefined;
  /** Null where a server of the user's own prints none. */
  readonly ready: ReadyLine | null;
  /** Where it listens in spite of the port that it was given; null where it does as it is told. */
  readonly listensOn?: number | null;
  /** What a user should know of how it was found. */
  readonly notes?: readonly string[];
  /** Whether the process still runs. */
  readonly alive: () => boolean;
  /** Ends the process. Returns why it ended badly, or null where it ended as the contract says. */
  readonly stop: () => Promise<TrialFailure | null>;
}

export type Started = { readonly server: RunningServer } | { readonly failure: TrialFailure };
export type Measured = { readonly measurement: Measurement } | { readonly failure: TrialFailure };

/** What came of the messages that warmed a server: their account, or why one cell failed. */
export interface Warming {
  readonly cells: readonly ({ readonly cell: string } & (
    | { readonly warmUp: LedgerTotals }
    | { readonly failure: TrialFailure }
  ))[];
  readonly death: TrialFailure | null;
}

/** One look at the generator's own ceilings. */
export interface CeilingLook {
  /** By cell id: messages per second, and what each cost the generator, in ns of CPU time, where that can be told. */
  readonly ceilings: ReadonlyMap<string, { readonly ceilingHz: number; readonly costNs?: number }>;
  /** By how much the generator had slowed down, so that it was replaced; null where it was not. */
  readonly slowdown: number | null;
}

/** What the experiment has done for it. The real one spawns processes; a fake one makes the order testable. */
export interface Bench {
  start(candidate: PlannedCandidate): Promise<Started>;
  /**
   * Brings a fresh server to its working temperature. What comes of each cell that does it is evidence as a trial's is, and is
   * given in turn. `death` is why the server died of it, null where it lives.
   */
  warm(server: RunningServer, cells: readonly PlannedCell[]): Promise<Warming>;
  measure(server: RunningServer, cell: PlannedCell): Promise<Measured>;
  /** The generator's own ceilings, without the cells that have none. One that has become slow is replaced. */
  ceiling(cells: readonly PlannedCell[]): Promise<CeilingLook>;
  /** Ends what the bench keeps over the run. */
  close(): Promise<void>;
}

export interface Experiment {
  readonly plan: Plan;
  readonly bench: Bench;
  readonly record: (event: RunEvent) => void;
  /** What an earlier, cut run has recorded. */
  readonly done: readonly RunEvent[];
  /** Candidates that cannot run here; they are left out without failing. */
  readonly unavailable: ReadonlySet<string>;
  readonly now: () => Date;
  /** Turns true when the user interrupts; the experiment ends at the next boundary. */
  readonly stopping: () => boolean;
}

/** Attempts at one trial whose measurement meets an objection, the first one included. */
const attempts = 3;
/** Repeats in a run are at most this share of its trials, so that a noisy machine cannot double its length. */
const repeatShareMax = 0.05;
/** A server that did not start, or a trial that failed, this many rounds in a row is given up: the time is the others'. */
const strikesMax = 2;

/** Runs every round of the plan that is not done yet. Never throws for a candidate's failure: it is recorded. */
export async function runExperiment(x: Experiment): Promise<void> {
  try {
    await runRounds(x);
  } finally {
    await x.bench.close();
  }
}

async function runRounds(x: Experiment): Promise<void> {
  const tasks = tasksOf(x.plan, x.done, x.unavailable);
  const trials = tasks.reduce((sum, task) => sum + (task.kind === "candidate" ? task.cells.length : 0), 0);
  const state: State = { repeatsLeft: Math.ceil(trials * repeatShareMax), strikes: new Map() };
  const rounds = Map.groupBy(tasks, (task) => task.round);
  for (const ofRound of rounds.values()) {
    for (const task of ofRound) {
      if (x.stopping()) return;
      if (task.kind === "ceiling") await measureCeilings(x, task.round, task.cells);
      else await runTask(x, wanted(task, state), state);
    }
  }
}

/** The task without the cells that were given up. */
function wanted(task: CandidateTask, { strikes }: State): CandidateTask {
  const { name } = task.candidate;
  const givenUp = (key: string) => (strikes.get(key) ?? 0) >= strikesMax;
  if (givenUp(name)) return { ...task, cells: [] };
  const cells = task.cells.filter((cell) => !givenUp(trialKey(name, cell.id)));
  return { ...task, cells };
}

async function measureCeilings(x: Experiment, round: number, cells: readonly PlannedCell[]): Promise<void> {
  const { ceilings, slowdown } = await x.bench.ceiling(cells);
  if (slowdown !== null) {
    x.record({ type: "generator-replaced", at: x.now().toISOString(), round, slowdown });
  }
  for (const [cell, ceiling] of ceilings) {
    x.record({ type: "ceiling-measured", at: x.now().toISOString(), round, cell, ...ceiling });
  }
}

/** What a run remembers from task to task. */
interface State {
  /** What is left of the run's allowance for repeats. */
  repeatsLeft: number;
  /** Failures in a row, by candidate (its starts) and by trial key. */
  readonly strikes: Map<string, number>;
}

type CandidateTask = Extract<Task, { kind: "candidate" }>;

/** All cells of one candidate in one round. */
async function runTask(x: Experiment, task: CandidateTask, state: State): Promise<void> {
  const { name } = task.candidate;
  const strike = (key: string, ok: boolean) => {
    state.strikes.set(key, ok ? 0 : (state.strikes.get(key) ?? 0) + 1);
  };
  let server: RunningServer | null = null;
  for (const cell of task.cells) {
    if (x.stopping()) break;
    if (server === null || !server.alive()) {
      if (server !== null) await stop(x, task, server);
      server = await start(x, task);
      if (server === null) {
        strike(name, false);
        return;
      }
      const { processPerTrial } = x.plan;
      const { cells, death } = await x.bench.warm(server, processPerTrial ? [cell] : task.cells);
      recordWarming(x, task, cells);
      // Among several cells none is to blame more than another, and the next server would die as this one did.
      strike(name, death === null || processPerTrial);
      if (death !== null) {
        fail(x, task, processPerTrial ? cell.id : null, death);
        if (!processPerTrial) break;
        strike(trialKey(name, cell.id), false);
        continue;
      }
    }
    const failure = await runTrial(x, task, server, cell, state);
    if (failure?.fault !== "generator") strike(trialKey(name, cell.id), failure === null);
    // A server that failed a trial is in an unknown state, so the next cell gets a fresh one.
    if (failure !== null || x.plan.processPerTrial) {
      await stop(x, task, server);
      server = null;
    }
  }
  if (server !== null) await stop(x, task, server);
}

function recordWarming(x: Experiment, task: CandidateTask, cells: Warming["cells"]): void {
  for (const warmed of cells) {
    if ("failure" in warmed) fail(x, task, warmed.cell, warmed.failure);
    else {
      const { cell, warmUp } = warmed;
      const { candidate, round } = task;
      x.record({
        type: "server-warmed",
        at: x.now().toISOString(),
        candidate: candidate.name,
        cell,
        round,
        warmUp,
      });
    }
  }
}

async function start(x: Experiment, task: CandidateTask): Promise<RunningServer | null> {
  const started = await x.bench.start(task.candidate);
  if ("failure" in started) {
    fail(x, task, null, started.failure);
    return null;
  }
  const { startupNs, startupBound, ready } = started.server;
  x.record({
    type: "server-started",
    at: x.now().toISOString(),
    candidate: task.candidate.name,
    round: task.round,
    startupNs,
    ...(startupBound === undefined ? {} : { startupBound }),
    ready,
  });
  return started.server;
}

async function stop(x: Experiment, task: CandidateTask, server: RunningServer): Promise<void> {
  const failure = await server.stop();
  if (failure !== null) fail(x, task, null, failure);
}

/** One trial, repeated while its measurement meets an objection. Gives why it failed, if it did. */
async function runTrial(
  x: Experiment,
  task: CandidateTask,
  server: RunningServer,
  cell: PlannedCell,
  state: State,
): Promise<TrialFailure | null> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const outcome = await x.bench.measure(server, cell);
    if ("failure" in outcome) {
      fail(x, task, cell.id, outcome.failure);
      return outcome.failure;
    }
    const { measurement } = outcome;
    const objection = objectionTo(measurement);
    const again =
      objection !== null &&
      mayPass(objection) &&
      attempt < attempts &&
      state.repeatsLeft > 0 &&
      server.alive() &&
      !x.stopping();
    x.record({
      type: "trial-finished",
      at: x.now().toISOString(),
      candidate: task.candidate.name,
      cell: cell.id,
      round: task.round,
      attempt,
      measurement,
      void: objection !== null && (again || objection.fatal) ? objection.reason : null,
      doubt: objection,
    });
    if (!again) break;
    state.repeatsLeft -= 1;
  }
  return null;
}

/** Records a failure; what the interrupt itself ended has not failed. */
function fail(x: Experiment, task: CandidateTask, cell: string | null, failure: TrialFailure): void {
  if (x.stopping()) return;
  const { stderr, ...rest } = failure;
  x.record({
    type: "trial-failed",
    at: x.now().toISOString(),
    candidate: task.candidate.name,
    cell,
    round: task.round,
    ...rest,
    stderr: [...stderr],
  });
}
