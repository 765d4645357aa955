import { hasOwnServer } from "../schemas/cell.ts";
import type { RunEvent } from "../schemas/event.ts";
import type { FailureCode, Measurement, QualityCode, Refusal, WarmUp, WindowAsked } from "../schemas/load.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../schemas/plan.ts";
import type { ReadyLine } from "../schemas/ready.ts";
import type { TrialPhase } from "../schemas/trial-phase.ts";
import { createRandom } from "../stats/random.ts";
import { roundsMax } from "./plan/allocation.ts";
import {
  aroundReference,
  type CandidateTask,
  cellOrder,
  isReference,
  onFreshServer,
  type PlannedWindow,
  tasksOf,
  trialKey,
  windowsOf,
} from "./plan/schedule.ts";
import { mayPass, qualityFlagOf } from "./quality/trial-quality.ts";

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
  /** The process whose tree does the work; null where it is not known. */
  readonly pid?: number | null;
  /** Where it listens in spite of the port that it was given; null where it does as it is told. */
  readonly listensOn?: number | null;
  /** What a user should know of how it was found. */
  readonly notes?: readonly string[];
  /** Where it listens; absent where a test has no socket. */
  readonly address?: { readonly host: "127.0.0.1" | "::1"; readonly port: number };
  /** Whether the process still runs. */
  readonly alive: () => boolean;
  /** Holds the process still, or lets it go on. Null where it is not the runner's to hold. */
  readonly hold: ((held: boolean) => void) | null;
  /** Ends the process. Returns why it ended badly, or null where it ended as the contract says. */
  readonly stop: () => Promise<TrialFailure | null>;
}

export type Started = { readonly server: RunningServer } | { readonly failure: TrialFailure };
export type Measured = { readonly measurement: Measurement } | { readonly failure: TrialFailure };

/** A cell that is open on a running server: connected, verified and warm. */
export interface OpenedCell {
  readonly warmUp: WarmUp;
  /** One window. After a failure the cell is closed. */
  window(asked: WindowAsked): Promise<Measured>;
  close(): Promise<void>;
}
export type Opened = { readonly cell: OpenedCell } | { readonly failure: TrialFailure };

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
  /** Opens the connections of a cell, and warms the server with its own messages. */
  open(server: RunningServer, cell: PlannedCell): Promise<Opened>;
  /** The generator's own ceilings, without the cells that have none. One that has become slow is replaced. */
  ceiling(cells: readonly PlannedCell[]): Promise<CeilingLook>;
  /** Ends what the bench keeps over the run. */
  close(): Promise<void>;
}

/** Opens a cell, measures one window of its own length, and closes it. */
export async function measureOnce(
  bench: Pick<Bench, "open">,
  server: RunningServer,
  cell: PlannedCell,
): Promise<Measured> {
  const opened = await bench.open(server, cell);
  if ("failure" in opened) return opened;
  const { windowMs } = cell.spec;
  const outcome = await opened.cell.window({ windowMs, stretch: 0, waitMs: 0 });
  if ("measurement" in outcome) await opened.cell.close();
  return outcome;
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
  /** The cells that a round is to measure (see `cellsOfRound`), asked before it; null for all, and none ends the experiment. */
  readonly cellsOf: (round: number) => ReadonlySet<string> | null;
  /**
   * Servers that may be alive at a time. The candidates of a round are measured cell by cell, so that a pair is compared over seconds
   * and not over the minute that a round takes: a shared machine changes its speed in between.
   */
  readonly together: number;
  /** Turns true when the user interrupts; the experiment ends at the next boundary. */
  readonly stopping: () => boolean;
}

/** Whether a window with a doubt has figures at all, which a user may ask to keep. */
const isKept: Readonly<Record<QualityCode, boolean>> = {
  "nothing-delivered": false,
  throttled: false,
  "memory-limit": false,
  "generator-late": true,
  "generator-saturated": true,
  "foreign-cpu": true,
  steal: true,
  "left-its-core": false,
};
/** Windows of a cell in one visit, repeats included, are at most this many times those planned. */
const triesPerWindow = 2;
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
  const tasks = tasksOf(x.plan, x.done, x.unavailable, roundsMax(x.plan));
  const state: State = { strikes: new Map() };
  const rounds = Map.groupBy(tasks, (task) => task.round);
  for (const [round, ofRound] of rounds) {
    const due = x.cellsOf(round);
    if (due?.size === 0) return;
    const visits: CandidateTask[] = [];
    for (const task of ofRound) {
      if (x.stopping()) return;
      if (task.kind === "ceiling") await measureCeilings(x, task.round, task.cells);
      else visits.push(wanted(task, state, due));
    }
    for (let at = 0; at < visits.length; at += x.together) {
      await runVisits(x, round, visits.slice(at, at + x.together), state);
    }
  }
}

/** The task without the cells that were given up, or that are not due in this round. */
function wanted(task: CandidateTask, { strikes }: State, due: ReadonlySet<string> | null): CandidateTask {
  const { name } = task.candidate;
  const givenUp = (key: string) => (strikes.get(key) ?? 0) >= strikesMax;
  if (givenUp(name)) return { ...task, cells: [] };
  const cells = task.cells.filter(
    (cell) => !givenUp(trialKey(name, cell.id)) && (due === null || due.has(cell.id)),
  );
  return { ...task, cells };
}

async function measureCeilings(x: Experiment, round: number, cells: readonly PlannedCell[]): Promise<void> {
  const beganMs = performance.now();
  const { ceilings, slowdown } = await x.bench.ceiling(cells);
  // Cells share looks, so that only the whole has a length; each is told its part.
  const tookMs = (performance.now() - beganMs) / Math.max(1, ceilings.size);
  if (slowdown !== null) {
    x.record({ type: "generator-replaced", at: x.now().toISOString(), round, slowdown });
  }
  for (const [cell, ceiling] of ceilings) {
    x.record({ type: "ceiling-measured", at: x.now().toISOString(), round, cell, ...ceiling, tookMs });
  }
}

/** What a run remembers from task to task. */
interface State {
  /** Failures in a row, by candidate (its starts) and by trial key. */
  readonly strikes: Map<string, number>;
}

/** A server of one visit, and when it came to be. */
interface Visit {
  readonly server: RunningServer;
  readonly startMs: number;
  /** When it was ready, by `performance.now`, later by as long as it was held since. */
  bornAtMs: number;
  /** Since when it is held still; null while it runs. */
  heldAtMs: number | null;
}

/** One candidate in one round: what is left of its cells, and its server. */
interface Lane {
  readonly task: CandidateTask;
  /** Null before its first trial, and after one that failed. */
  visit: Visit | null;
  /** Its server has measured nothing yet. */
  isFresh: boolean;
  /** Its server could not be started. */
  isOver: boolean;
}

/**
 * Visits of one round side by side: cell by cell, and within a cell candidate by candidate in an order of its own, each on the
 * server that it keeps for the round. Those that wait are held still, so that the one that is measured has the machine to itself.
 */
async function runVisits(
  x: Experiment,
  round: number,
  tasks: readonly CandidateTask[],
  state: State,
): Promise<void> {
  const lanes = tasks.map((task): Lane => ({ task, visit: null, isFresh: false, isOver: false }));
  for (const cell of cellOrder(x.plan, round)) {
    const due = lanes.filter(({ task }) => task.cells.some(({ id }) => id === cell.id));
    const random = createRandom(Bun.hash.crc32(`${x.plan.seed} ${round} ${cell.id}`));
    const order = aroundReference(random, due, ({ task }) => isReference(x.plan, task.candidate));
    for (const lane of order) {
      if (x.stopping() || lane.isOver) continue;
      hold(lane, false);
      await runCell(x, lane, cell, state);
      if (lane.task.cells.at(-1)?.id === cell.id) await end(x, lane);
      else if (lanes.length > 1) hold(lane, true);
    }
  }
  for (const lane of lanes) await end(x, lane);
}

/** Holds a lane's server still, or lets it go on; what it was held counts to nobody's age. */
function hold({ visit }: Lane, held: boolean): void {
  if (visit === null || visit.server.hold === null || (visit.heldAtMs !== null) === held) return;
  visit.server.hold(held);
  if (visit.heldAtMs !== null) visit.bornAtMs += performance.now() - visit.heldAtMs;
  visit.heldAtMs = held ? performance.now() : null;
}

async function end(x: Experiment, lane: Lane): Promise<void> {
  hold(lane, false);
  if (lane.visit !== null) await stop(x, lane.task, lane.visit);
  lane.visit = null;
}

/** One cell of a lane, on its server or on a fresh one. */
async function runCell(x: Experiment, lane: Lane, cell: PlannedCell, state: State): Promise<void> {
  const { name } = lane.task.candidate;
  const strike = (key: string, ok: boolean) => {
    state.strikes.set(key, ok ? 0 : (state.strikes.get(key) ?? 0) + 1);
  };
  const isAlone = hasOwnServer(cell.spec);
  if (lane.visit === null || !lane.visit.server.alive() || (isAlone && !lane.isFresh)) {
    await end(x, lane);
    lane.visit = await start(x, lane.task);
    lane.isFresh = true;
    strike(name, lane.visit !== null);
    lane.isOver = lane.visit === null;
    if (lane.visit === null) return;
  }
  const failure = await runTrial(
    x,
    lane.task,
    lane.visit,
    lane.isFresh ? onFreshServer(x.plan, cell, lane.task.round) : cell,
  );
  lane.isFresh = false;
  if (failure?.fault !== "generator") strike(trialKey(name, cell.id), failure === null);
  // A server that failed a trial is in an unknown state, so the next cell gets a fresh one.
  if (failure !== null || x.plan.processPerTrial || isAlone) await end(x, lane);
}

async function start(x: Experiment, task: CandidateTask): Promise<Visit | null> {
  const beganMs = performance.now();
  const started = await x.bench.start(task.candidate);
  if ("failure" in started) {
    fail(x, task, null, started.failure);
    return null;
  }
  const readyAtMs = performance.now();
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
  return { server: started.server, startMs: readyAtMs - beganMs, bornAtMs: readyAtMs, heldAtMs: null };
}

async function stop(x: Experiment, task: CandidateTask, { server, startMs }: Visit): Promise<void> {
  const beganMs = performance.now();
  const failure = await server.stop();
  x.record({
    type: "server-stopped",
    at: x.now().toISOString(),
    candidate: task.candidate.name,
    round: task.round,
    startMs,
    stopMs: performance.now() - beganMs,
  });
  if (failure !== null) fail(x, task, null, failure);
}

/** All windows of one cell in one visit. Gives why it failed, if it did. */
async function runTrial(
  x: Experiment,
  task: CandidateTask,
  visit: Visit,
  cell: PlannedCell,
): Promise<TrialFailure | null> {
  const beganMs = performance.now();
  const opened = await x.bench.open(visit.server, cell);
  if ("failure" in opened) {
    fail(x, task, cell.id, opened.failure);
    return opened.failure;
  }
  const windows = windowsOf(x.plan.seed, task, cell);
  const outcome = await runWindows(x, task, visit, cell, opened.cell, windows);
  if ("failure" in outcome) {
    fail(x, task, cell.id, outcome.failure);
    return outcome.failure;
  }
  await opened.cell.close();
  // What an interrupt has cut is done again when the run is resumed.
  if (outcome.isCut) return null;
  x.record({
    type: "trial-finished",
    at: x.now().toISOString(),
    candidate: task.candidate.name,
    cell: cell.id,
    round: task.round,
    warmUp: opened.cell.warmUp,
    tookMs: performance.now() - beganMs,
    missing: windows.length - outcome.counted,
  });
  return null;
}

type WindowsOutcome =
  | { readonly failure: TrialFailure }
  | { readonly counted: number; readonly isCut: boolean };

/**
 * The windows in turn. One that others disturbed is discarded and had again at once, on the same process and connections, until
 * the visit's tries are used up: what cannot be had clean is left out, and never averaged in.
 */
async function runWindows(
  x: Experiment,
  task: CandidateTask,
  visit: Visit,
  cell: PlannedCell,
  opened: OpenedCell,
  windows: readonly PlannedWindow[],
): Promise<WindowsOutcome> {
  let triesLeft = windows.length * triesPerWindow;
  let total = 0;
  for (const [place, { kind, asked }] of windows.entries()) {
    // Every window still to come has its first try.
    const others = windows.length - place - 1;
    for (let attempt = 1; triesLeft > others; attempt += 1) {
      if (x.stopping()) return { counted: total, isCut: true };
      triesLeft -= 1;
      const outcome = await opened.window(asked);
      if ("failure" in outcome) return outcome;
      const { measurement } = outcome;
      const flag = qualityFlagOf(measurement);
      const keeps = x.plan.keepDisturbed && flag !== null && isKept[flag.code];
      // What a repeat would meet again counts, with what it means for the figures.
      const counted = flag === null || keeps || !mayPass(flag);
      x.record({
        type: "window-finished",
        at: x.now().toISOString(),
        candidate: task.candidate.name,
        cell: cell.id,
        round: task.round,
        kind,
        window: place,
        attempt,
        ageMs: performance.now() - visit.bornAtMs,
        waitMs: asked.waitMs,
        measurement,
        doubt: flag,
        counted,
      });
      if (counted) total += 1;
      if (measurement.spent === true) return { counted: total, isCut: false };
      if (counted) break;
    }
  }
  return { counted: total, isCut: false };
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
