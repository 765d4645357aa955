import { hasOwnServer, isOpenLoop, serviceOf } from "../../schemas/cell.ts";
import type { RunEvent, WindowKind } from "../../schemas/event.ts";
import type { WindowAsked } from "../../schemas/load.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../../schemas/plan.ts";
import { createRandom, type Random } from "../../stats/random.ts";
import { depths } from "./depth.ts";

/** A visit: one server's life in one round. */
export interface CandidateTask {
  readonly kind: "candidate";
  readonly round: number;
  readonly candidate: PlannedCandidate;
  readonly cells: readonly PlannedCell[];
}

/** A visit, or one look at the generator's own ceilings. */
export type Task =
  | { readonly kind: "ceiling"; readonly round: number; readonly cells: readonly PlannedCell[] }
  | CandidateTask;

/** Rounds in which the null-server ceilings are measured, counted from 0: the first, the middle and the last. */
export function ceilingRounds({ rounds }: Pick<Plan, "rounds">): number[] {
  return [...new Set([0, rounds >> 1, rounds - 1])];
}

/**
 * The whole run as tasks, in the order they are done: rounds in turn, and within each the candidates and the cells
 * in an order drawn from the run's seed and the round's number alone, so that a resumed run keeps the order it had.
 * All candidates meet the cells of a round in one order: what a cell leaves behind in a server (a grown heap, compiled
 * code) is then the same for both sides of a pair. What `done` has recorded is left out.
 * `rounds` is how far it looks, the planned ones unless given; beyond those only headline cells are due.
 */
export function tasksOf(
  plan: Plan,
  done: readonly RunEvent[],
  unavailable: ReadonlySet<string>,
  rounds = plan.rounds,
): Task[] {
  const finished = finishedTrials(done);
  const looks = ceilingRounds(plan);
  const tasks: Task[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { random, due, order } = drawn(plan, round);
    const candidates = random.shuffle(plan.candidates).map((candidate) => ({
      candidate,
      cells: order.filter((cell) => serves(candidate, cell)),
    }));
    const unseen = due.filter((cell) => !finished.has(key("null", cell.id, round)));
    if (looks.includes(round) && unseen.length > 0) {
      tasks.push({ kind: "ceiling", round, cells: unseen });
    }
    for (const { candidate, cells } of candidates) {
      if (unavailable.has(candidate.name)) continue;
      const left = cells.filter((cell) => !finished.has(key(candidate.name, cell.id, round)));
      if (left.length > 0) tasks.push({ kind: "candidate", round, candidate, cells: left });
    }
  }
  return tasks;
}

/** The order in which all candidates of a round meet its cells. */
export function cellOrder(plan: Plan, round: number): readonly PlannedCell[] {
  return drawn(plan, round).order;
}

/** The cells that are due in a round, their order, and what the order of its candidates is drawn with. */
function drawn(plan: Plan, round: number) {
  const random = createRandom(Math.imul(plan.seed ^ 0x9e3779b9, 2 * round + 1) >>> 0);
  const due = plan.cells.filter(
    (cell) => round % cell.everyRounds === 0 && (round < plan.rounds || cell.headline.length > 0),
  );
  return { random, due, order: warmingFirst(random.shuffle(due)) };
}

/**
 * A fresh server first meets a cell whose warm-up floods it, which compiles most of what any cell runs; and of those the one that counts
 * stalls, since a server that has waited for its turn fires the timers that came due meanwhile as it goes on.
 */
function warmingFirst(order: readonly PlannedCell[]): readonly PlannedCell[] {
  const warming = order.filter(({ spec }) => isOpenLoop(spec.workload) && !hasOwnServer(spec));
  const first = warming.find(({ longWindowMs }) => longWindowMs !== null) ?? warming[0];
  return first === undefined ? order : [first, ...order.filter((cell) => cell !== first)];
}

/**
 * A cell as a fresh server meets it: warmed for longer, by a time that is the same for all candidates of a round and another in the next,
 * so that no timer of a server meets the windows at one phase. What has a server to itself warms it as its figures need.
 */
export function onFreshServer(
  { profile, seed }: Pick<Plan, "profile" | "seed">,
  cell: PlannedCell,
  round: number,
): PlannedCell {
  const { spec } = cell;
  if (hasOwnServer(spec)) return cell;
  const { least, most } = depths[profile].freshMs;
  const random = createRandom(Bun.hash.crc32(`${seed} ${round} fresh`));
  const freshMs = Math.round(least + (most - least) * random.uniform());
  return { ...cell, spec: { ...spec, warmupMs: spec.warmupMs + freshMs } };
}

/** One window of a visit, as the load generator is asked for it. */
export interface PlannedWindow {
  readonly kind: WindowKind;
  readonly asked: WindowAsked;
}

/**
 * Random wait before a window, in ms, from the least to the most: before the first of a visit, whose warm-up has waited for the server
 * to answer, and before each other. A stall that comes at regular times then meets the windows at any phase, the first one too. An open
 * loop's first window waits longer: what the flood has left to a runtime's other threads (memory to give back, code to compile) would
 * otherwise take the server's core from it in turns of milliseconds.
 */
const waitsMs = {
  open: { first: [30, 90], next: [0, 20] },
  closed: { first: [0, 20], next: [0, 5] },
} as const;

/** The windows of one cell in one visit, the long one last. They are measured in the order that the experiment gives them. */
export function windowsOf(
  seed: number,
  { round, candidate }: Pick<CandidateTask, "round" | "candidate">,
  { id, spec, windows, longWindowMs }: PlannedCell,
): PlannedWindow[] {
  const random = createRandom(Bun.hash.crc32(`${seed} ${round} ${candidate.name} ${id}`));
  const waits = waitsMs[isOpenLoop(spec.workload) ? "open" : "closed"];
  const lengths = [
    ...Array.from({ length: windows }, () => ["typical", spec.windowMs] as const),
    ...(longWindowMs === null ? [] : [["long", longWindowMs] as const]),
  ];
  return lengths.map(([kind, windowMs], window) => {
    const [least, most] = window === 0 ? waits.first : waits.next;
    return {
      kind,
      asked: {
        windowMs,
        // Each kind has stretches of its own length, which follow one another from round to round.
        stretch: kind === "long" ? round : round * windows + window,
        waitMs: least + (most - least) * random.uniform(),
      },
    };
  });
}

/** Whether a candidate is the reference that all others are compared with, or its A/A replicate. */
export function isReference(
  { reference }: Pick<Plan, "reference">,
  { name, replicateOf }: PlannedCandidate,
): boolean {
  return name === reference || replicateOf === reference;
}

/**
 * A random order with the two copies of the reference a quarter and three quarters of the way through it. A machine that changes its
 * speed in between then changes the mean of both about as it changes the others, and the two differ by what a pair that far apart
 * differs by: side by side they would call a drifting machine still.
 */
export function aroundReference<T>(random: Random, of: readonly T[], isCopy: (each: T) => boolean): T[] {
  const order = random.shuffle(of.filter((each) => !isCopy(each)));
  const copies = random.shuffle(of.filter(isCopy));
  const places = copies.map((_, i) => Math.round((order.length * (2 * i + 1)) / (2 * copies.length)));
  for (const [i, copy] of copies.entries()) order.splice((places[i] ?? 0) + i, 0, copy);
  return order;
}

/** Names a candidate's trials of one cell, over all rounds. */
export function trialKey(candidate: string, cell: string): string {
  return `${candidate}\n${cell}`;
}

/**
 * Whether a candidate serves a cell at all. An A/A replicate takes part in the cells of every round alone: the headline cells,
 * which it sets the floor of, or those that were asked for by name.
 */
export function serves(candidate: PlannedCandidate, cell: PlannedCell): boolean {
  if (candidate.replicateOf !== null && cell.everyRounds > 1) return false;
  return candidate.serves.includes(serviceOf(cell.spec));
}

/** Trials not to be done again: those that were counted, and those whose attempts were used up or failed. */
function finishedTrials(done: readonly RunEvent[]): ReadonlySet<string> {
  const finished = new Set<string>();
  for (const event of done) {
    if (event.type === "trial-finished") finished.add(key(event.candidate, event.cell, event.round));
    if (event.type === "trial-failed" && event.cell !== null) {
      finished.add(key(event.candidate, event.cell, event.round));
    }
    if (event.type === "ceiling-measured") finished.add(key("null", event.cell, event.round));
  }
  return finished;
}

function key(candidate: string, cell: string, round: number): string {
  return `${trialKey(candidate, cell)}\n${round}`;
}
