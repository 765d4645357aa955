import { formatDuration, formatShare } from "../../reports/format.ts";
import { ceilingOf } from "../../schemas/cell.ts";
import type { RunEvent } from "../../schemas/event.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import { depths } from "../plan/depth.ts";
import { type ExtraTask, extraMs, extraTasks } from "../plan/extras.ts";
import { type Task, tasksOf } from "../plan/schedule.ts";

/** Where progress is written, and how. */
export interface ProgressTarget {
  readonly write: (text: string) => void;
  /** A terminal gets one line rewritten in place; anything else gets a plain line a round. */
  readonly terminal: boolean;
  readonly columns: number;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** Follows a run by its events. */
export interface Progress {
  onEvent(event: RunEvent): void;
  /** A line of its own, above the rewritten one. */
  note(text: string): void;
  /** Clears the rewritten line. */
  end(): void;
}

/**
 * Expected ms besides warm-up and windows: of a trial (connect, verify, close), of a window (random wait, lead, drain) and of a
 * server (start, look at rest, stop).
 */
const trialOverheadMs = 90;
const windowOverheadMs = 35;
const serverOverheadMs = 150;

/** Expected length of a whole run, its extra trials included, in ms. */
export function plannedMs(plan: Plan): number {
  const extras = extraTasks(plan, [], new Set());
  return expectedMs(plan, tasksOf(plan, [], new Set())) + extrasMs(plan, extras);
}

function extrasMs(plan: Pick<Plan, "extras">, extras: readonly ExtraTask[]): number {
  return extras.reduce((sum, task) => sum + extraMs(plan, task), 0);
}

/** Expected length of rounds, in ms. */
export function expectedMs({ profile }: Pick<Plan, "profile">, tasks: readonly Task[]): number {
  const { least, most } = depths[profile].freshMs;
  const serverMs = serverOverheadMs + (least + most) / 2;
  return tasks.reduce(
    (sum, task) =>
      task.kind === "ceiling"
        ? sum + task.cells.reduce((s, c) => s + ceilingMs(c), 0)
        : sum + serverMs + task.cells.reduce((s, c) => s + cellMs(c), 0),
    0,
  );
}

/** One look at the null server, which serves all ceilings of a run. */
function ceilingMs({ spec }: PlannedCell): number {
  const { warmupMs, windowMs } = ceilingOf(spec);
  return warmupMs + windowMs + trialOverheadMs;
}

function cellMs({ spec, windows, longWindowMs }: PlannedCell): number {
  const longMs = longWindowMs === null ? 0 : windowCostMs(longWindowMs);
  return spec.warmupMs + trialOverheadMs + windows * windowCostMs(spec.windowMs) + longMs;
}

/** What a window takes, its wait and drain included, in ms. */
export const windowCostMs = (windowMs: number): number => windowMs + windowOverheadMs;

/** Silent progress, for `--quiet`. */
export const noProgress: Progress = { onEvent: () => undefined, note: () => undefined, end: () => undefined };

/** Progress over `tasks` and the extra trials behind them, driven by the events they leave. */
export function createProgress(
  tasks: readonly Task[],
  extras: readonly ExtraTask[],
  plan: Pick<Plan, "profile" | "rounds" | "extras">,
  target: ProgressTarget,
): Progress {
  return new LineProgress(tasks, extras, plan, target);
}

class LineProgress implements Progress {
  readonly #target: ProgressTarget;
  readonly #plan: Pick<Plan, "profile" | "rounds" | "extras">;
  readonly #extras: readonly ExtraTask[];
  readonly #totalMs: number;
  readonly #cellsById: ReadonlyMap<string, PlannedCell>;
  readonly #startedAt: number;
  #doneMs = 0;
  #round = -1;
  /** Whether the rewritten line stands on the terminal. */
  #shown = false;

  constructor(
    tasks: readonly Task[],
    extras: readonly ExtraTask[],
    plan: Pick<Plan, "profile" | "rounds" | "extras">,
    target: ProgressTarget,
  ) {
    this.#target = target;
    this.#plan = plan;
    this.#extras = extras;
    this.#totalMs = expectedMs(plan, tasks) + extrasMs(plan, extras);
    this.#cellsById = new Map(tasks.flatMap((task) => task.cells.map((cell) => [cell.id, cell] as const)));
    this.#startedAt = target.now();
  }

  note(text: string): void {
    this.#target.write(`${this.#shown ? "\r\x1b[2K" : ""}${text}\n`);
    this.#shown = false;
  }

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case "server-started":
        this.#enterRound(event.round);
        this.#done(serverOverheadMs, event.candidate);
        break;
      case "ceiling-measured":
        this.#enterRound(event.round);
        this.#done(this.#msOf(event.cell, ceilingMs), "generator's own ceiling");
        break;
      case "trial-finished":
        this.#done(this.#msOf(event.cell), `${event.candidate} ${event.cell}`);
        break;
      case "trial-failed": {
        this.#doneMs += this.#msOf(event.cell);
        const what = event.cell === null ? event.candidate : `${event.candidate} ${event.cell}`;
        this.note(`${what} failed in ${event.phase}: ${event.reason}`);
        break;
      }
      case "extra-finished":
      case "extra-failed": {
        const { kind, candidate } = event;
        const task = this.#extras.find((t) => t.kind === kind && t.candidate.name === candidate);
        this.#doneMs += task === undefined ? 0 : extraMs(this.#plan, task);
        const end = event.type === "extra-failed" ? `failed in ${event.phase}: ${event.reason}` : "done";
        this.note(`${kind} of ${candidate} ${end}`);
        break;
      }
      case "candidate-unavailable":
        this.note(`${event.candidate} unavailable: ${event.reason}; ${event.nextStep}`);
        break;
      default:
    }
  }

  end(): void {
    if (this.#shown) this.#target.write("\r\x1b[2K");
    this.#shown = false;
  }

  #enterRound(next: number): void {
    if (next === this.#round) return;
    this.#round = next;
    if (!this.#target.terminal) this.note(this.#status());
  }

  #done(ms: number, what: string): void {
    this.#doneMs += ms;
    if (!this.#target.terminal) return;
    this.#target.write(`\r\x1b[2K${`${this.#status()} · ${what}`.slice(0, this.#target.columns - 1)}`);
    this.#shown = true;
  }

  #status(): string {
    const share = Math.min(1, this.#doneMs / Math.max(1, this.#totalMs));
    const elapsed = this.#target.now() - this.#startedAt;
    // Until something is done the plan's own arithmetic is the best guess; afterwards the run's own pace is.
    const left = share > 0.02 ? (elapsed / share) * (1 - share) : this.#totalMs;
    // Rounds beyond the planned ones hold fewer cells, and their number is not known ahead.
    const { rounds } = this.#plan;
    const of = this.#round < rounds ? `/${rounds}` : "";
    return `round ${this.#round + 1}${of} · ${formatShare(share)} · ${formatDuration(left)} left`;
  }

  /** What a cell counts for; nothing for none. */
  #msOf(id: string | null, of = cellMs): number {
    const cell = id === null ? undefined : this.#cellsById.get(id);
    return cell === undefined ? 0 : of(cell);
  }
}
