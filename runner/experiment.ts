import { hasOwnServer, takesTurns } from "../schemas/cell.ts";
import type { RunEvent } from "../schemas/event.ts";
import type { FailureCode, Measurement, QualityCode, Refusal, WarmUp, WindowAsked } from "../schemas/load.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../schemas/plan.ts";
import type { ReadyLine } from "../schemas/ready.ts";
import { deepestOf } from "../schemas/tail.ts";
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
  /** Where it listens in spite of the port that it was given; null where it listens on that. */
  readonly listensOn?: number | null;
  /** What a user should know of how it was found. */
  readonly notes?: readonly string[];
  /** Where it listens; absent where a test has no socket. */
  readonly address?: { readonly host: "127.0.0.1" | "::1"; readonly port: number };
  /** Whether the process still runs. */
  readonly alive: () => boolean;
  /** Holds the process still, and gives what lets it go on. Null where it is not the runner's to hold. */
  readonly hold: (() => () => void) | null;
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
  /** By cell id: messages per second, and what each cost the generator, in ns of CPU time, where that can be known. */
  readonly ceilings: ReadonlyMap<string, { readonly ceilingHz: number; readonly costNs?: number }>;
  /** By how much the generator had slowed down, so that it was replaced; null where it was not. */
  readonly slowdown: number | null;
}

/** What the experiment has done for it. The real one spawns processes; a fake one makes the order testable. */
export interface Bench {
  start(candidate: PlannedCandidate): Promise<Started>;
  /**
   * Opens the connections of a cell, and warms the server with its own messages. What is still open of others is closed, save with
   * `beside`: then all are measured in turns.
   */
  open(server: RunningServer, cell: PlannedCell, beside?: boolean): Promise<Opened>;
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
/** A visit of one short window would lose its round to two disturbances in a row, and a third try costs it little. */
const shortVisit = { ms: 500, tries: 3 };
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
  /** Since when it is held still, and what lets it go on; null while it runs. */
  held: { readonly atMs: number; readonly release: () => void } | null;
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
 * Visits of one round side by side, cell by cell, each candidate on the server that it keeps for the round. All connections of a cell
 * are open together, and its windows go round: the candidates' first windows in one order, their second ones in the reverse of it, and
 * so on. A machine that changes its speed within seconds then changes it for both sides of a pair. Servers that wait are held still, so
 * that the one that is measured has the machine to itself.
 */
async function runVisits(
  x: Experiment,
  round: number,
  tasks: readonly CandidateTask[],
  state: State,
): Promise<void> {
  const lanes = tasks.map((task): Lane => ({ task, visit: null, isFresh: false, isOver: false }));
  const holds = lanes.length > 1;
  for (const cell of cellOrder(x.plan, round)) {
    const due = lanes.filter(({ task }) => task.cells.some(({ id }) => id === cell.id));
    const random = createRandom(Bun.hash.crc32(`${x.plan.seed} ${round} ${cell.id}`));
    const order = aroundReference(random, due, ({ task }) => isReference(x.plan, task.candidate));
    const groups = goesRound(x.plan, cell) ? [order] : order.map((lane) => [lane]);
    for (const group of groups) await runInTurns(x, group, cell, state, holds);
  }
  for (const lane of lanes) await end(x, lane);
}

/** Whether a cell is open to all candidates at a time; of load processes that share cells, each holds one. */
function goesRound({ processPerTrial, load, target }: Plan, { spec }: PlannedCell): boolean {
  return !processPerTrial && load === undefined && target === undefined && takesTurns(spec);
}

/**
 * Windows that are measured as the connections open. The long one comes before the server has ever waited: timers that fall due in a wait
 * fire at the end of it. A typical one comes before that, since a server that loses messages gives no window behind its first.
 */
function atOpening(windows: readonly PlannedWindow[]): readonly PlannedWindow[] {
  const long = windows.filter(({ kind }) => kind === "long");
  const [first] = windows;
  return long.length === 0 || first === undefined || first.kind === "long" ? long : [first, ...long];
}

/** One cell of several lanes: all opened, then window by window in turns, then closed. */
async function runInTurns(
  x: Experiment,
  lanes: readonly Lane[],
  cell: PlannedCell,
  state: State,
  holds: boolean,
): Promise<void> {
  const trials: Trial[] = [];
  for (const lane of lanes) {
    if (x.stopping() || lane.isOver) continue;
    release(lane);
    const isBeside = trials.some(({ ended }) => ended === null);
    const trial = await begin(x, lane, cell, state, isBeside);
    if (trial === null) continue;
    trials.push(trial);
    for (const window of atOpening(trial.windows)) {
      if (trial.ended === null) await runWindow(x, trial, window, state);
    }
    if (holds) hold(lane);
  }
  const turns = Math.max(0, ...trials.map(({ windows }) => windows.length));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const trial of turn % 2 === 0 ? trials : trials.toReversed()) {
      const window = trial.windows[turn];
      if (x.stopping() || window === undefined || trial.ended !== null) continue;
      if (atOpening(trial.windows).includes(window)) continue;
      release(trial.lane);
      await runWindow(x, trial, window, state);
      if (holds) hold(trial.lane);
    }
  }
  for (const trial of trials) {
    release(trial.lane);
    await finish(x, trial, state);
    if (trial.lane.task.cells.at(-1)?.id === cell.id) await end(x, trial.lane);
    else if (holds && !x.stopping()) hold(trial.lane);
  }
}

/** Holds a lane's server still. */
function hold({ visit }: Lane): void {
  if (visit === null || visit.server.hold === null || visit.held !== null) return;
  visit.held = { release: visit.server.hold(), atMs: performance.now() };
}

/** Lets it go on; what it was held counts to nobody's age. */
function release({ visit }: Lane): void {
  if (visit === null || visit.held === null) return;
  visit.held.release();
  visit.bornAtMs += performance.now() - visit.held.atMs;
  visit.held = null;
}

async function end(x: Experiment, lane: Lane): Promise<void> {
  release(lane);
  if (lane.visit !== null) await stop(x, lane.task, lane.visit);
  lane.visit = null;
}

/** One cell of one visit, open. */
interface Trial {
  readonly lane: Lane;
  readonly cell: PlannedCell;
  readonly visit: Visit;
  readonly opened: OpenedCell;
  readonly windows: readonly PlannedWindow[];
  triesLeft: number;
  /** Windows that have had their first try. */
  tried: number;
  counted: number;
  tookMs: number;
  /** Why there is no further window before the last planned one: it failed, an interrupt cut it, or it has none to give. */
  ended: "failed" | "cut" | "spent" | null;
}

function strike({ strikes }: State, key: string, ok: boolean): void {
  strikes.set(key, ok ? 0 : (strikes.get(key) ?? 0) + 1);
}

/** Opens one cell of a lane, on its server or on a fresh one; null where it could not be. */
async function begin(
  x: Experiment,
  lane: Lane,
  cell: PlannedCell,
  state: State,
  isBeside: boolean,
): Promise<Trial | null> {
  const { task } = lane;
  const { name } = task.candidate;
  if (lane.visit === null || !lane.visit.server.alive() || (hasOwnServer(cell.spec) && !lane.isFresh)) {
    await end(x, lane);
    lane.visit = await start(x, task);
    lane.isFresh = true;
    strike(state, name, lane.visit !== null);
    lane.isOver = lane.visit === null;
    if (lane.visit === null) return null;
  }
  const { visit } = lane;
  const beganMs = performance.now();
  const warmed = lane.isFresh ? onFreshServer(x.plan, cell, task.round) : cell;
  lane.isFresh = false;
  const opened = await x.bench.open(visit.server, warmed, isBeside);
  if ("failure" in opened) {
    fail(x, task, cell.id, opened.failure);
    await leave(x, lane, cell, opened.failure, state);
    return null;
  }
  const windows = windowsOf(x.plan.seed, task, cell);
  return {
    lane,
    cell,
    visit,
    opened: opened.cell,
    windows,
    triesLeft: triesOf(windows),
    tried: 0,
    counted: 0,
    tookMs: performance.now() - beganMs,
    ended: null,
  };
}

function triesOf(windows: readonly PlannedWindow[]): number {
  const ms = windows.reduce((sum, { asked }) => sum + asked.windowMs, 0);
  return Math.max(windows.length * triesPerWindow, ms <= shortVisit.ms ? shortVisit.tries : 0);
}

/** Closes a trial and records it; one that has failed was recorded when it did. */
async function finish(x: Experiment, trial: Trial, state: State): Promise<void> {
  const { lane, cell, opened, windows, tried, counted, ended } = trial;
  if (ended === "failed") return;
  const beganMs = performance.now();
  await opened.close();
  trial.tookMs += performance.now() - beganMs;
  // What an interrupt has cut is done again when the run is resumed.
  if (ended === "spent" || (ended === null && tried === windows.length)) {
    x.record({
      type: "trial-finished",
      at: x.now().toISOString(),
      candidate: lane.task.candidate.name,
      cell: cell.id,
      round: lane.task.round,
      warmUp: opened.warmUp,
      tookMs: trial.tookMs,
      missing: windows.length - counted,
    });
  }
  await leave(x, lane, cell, null, state);
}

/** What a cell leaves behind: a strike or none, and a server for the next cell or none. */
async function leave(
  x: Experiment,
  lane: Lane,
  cell: PlannedCell,
  failure: TrialFailure | null,
  state: State,
): Promise<void> {
  const { name } = lane.task.candidate;
  if (failure?.fault !== "generator") strike(state, trialKey(name, cell.id), failure === null);
  // A server that failed a trial is in an unknown state, so the next cell gets a fresh one.
  if (failure !== null || x.plan.processPerTrial || hasOwnServer(cell.spec)) await end(x, lane);
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
  return { server: started.server, startMs: readyAtMs - beganMs, bornAtMs: readyAtMs, held: null };
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

/**
 * One window. One that others disturbed is discarded and had again at once, on the same process and connections, until the trial's tries
 * are used up: what cannot be had clean is left out, and never averaged in.
 */
async function runWindow(
  x: Experiment,
  trial: Trial,
  { kind, asked }: PlannedWindow,
  state: State,
): Promise<void> {
  const { lane, cell, visit, opened, windows } = trial;
  const { task } = lane;
  const beganMs = performance.now();
  trial.tried += 1;
  // Every window still to come has its first try.
  const others = windows.length - trial.tried;
  for (let attempt = 1; trial.triesLeft > others && trial.ended === null; attempt += 1) {
    if (x.stopping()) {
      trial.ended = "cut";
      break;
    }
    trial.triesLeft -= 1;
    const outcome = await opened.window(asked);
    if ("failure" in outcome) {
      trial.ended = "failed";
      fail(x, task, cell.id, outcome.failure);
      await leave(x, lane, cell, outcome.failure, state);
      break;
    }
    const { measurement } = outcome;
    const flag = qualityFlagOf(measurement, kind === "typical" ? tailOf(cell) : null);
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
      window: windows.findIndex((each) => each.asked === asked),
      attempt,
      ageMs: performance.now() - visit.bornAtMs,
      waitMs: asked.waitMs,
      measurement,
      doubt: flag,
      counted,
    });
    if (counted) trial.counted += 1;
    if (measurement.spent === true) trial.ended = "spent";
    if (counted) break;
  }
  trial.tookMs += performance.now() - beganMs;
}

/**
 * The tail that the windows of a cell are to show. A visit with one window has a long one, into which what runs on the machine falls
 * each time and in the same measure.
 */
function tailOf({ headline, windows }: PlannedCell): number | null {
  return windows > 1 ? deepestOf(headline) : null;
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
