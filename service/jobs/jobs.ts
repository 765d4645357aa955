import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readStored } from "../../reports/read-report.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import { visible } from "../../schemas/visible.ts";
import type { LiveEvent, LiveMessage } from "../api/live.ts";
import type { RunState, RunSummary } from "../api/run.ts";
import type { StartRun } from "../api/start.ts";
import { RequestError } from "../problem.ts";
import type { RunRow } from "../store/row.ts";
import { isUnwritable, type Origin, type ProblemOfRun, type Store, summaryOf } from "../store/store.ts";
import { Record, recordIn } from "./record.ts";
import { type Runner, type RunnerExit, startRunner } from "./runner.ts";
import { endStaleRunner, markRunner, unmarkRunner } from "./stale.ts";

/** Runs that may wait. */
const waitingMax = 100;
/** How often the record of a run is looked at, in ms: seldom enough that nobody who watches disturbs what is measured. */
const lookMs = 1000;
/** How long a store that could not be written is left alone before it is tried again, in ms: somebody has to make room. */
const retryMs = 5000;

/** The run that is measured. */
interface Active {
  readonly row: RunRow;
  readonly runner: Runner;
  record: Record | null;
  /** Why it was asked to end. */
  ending: "cancelled" | "service-ended" | null;
}

export interface JobsOptions {
  readonly store: Store;
  /** Where runs have their folders, one each. */
  readonly folder: string;
  readonly config: string | null;
  readonly start?: typeof startRunner;
  readonly now?: () => number;
  readonly pauseMs?: number;
  /** Called after every change; `id` is the run's. */
  readonly publish: (id: string, message: LiveMessage) => void;
  /** Called for a run that has ended, whose report is stored. */
  readonly complain: (error: unknown) => void;
}

/** Measures what is asked for, one run at a time, each by a separate runner process. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #now: () => number;
  #active: Active | null = null;
  #ended: Promise<void> = Promise.resolve();
  /** Nothing is measured before what an earlier service left is settled, nor behind the end. */
  #state: "settling" | "open" | "closed" = "settling";
  readonly #closing = Promise.withResolvers<void>();

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Takes up what an earlier service left: a run that it was measuring is interrupted, and those that waited go on waiting. */
  async begin(): Promise<void> {
    const { store } = this.#options;
    for (const { id } of store.running()) {
      await endStaleRunner(this.#folderOf(id));
      const folder = recordIn(this.#folderOf(id));
      await this.#settle(id, () => ["interrupted", endedBefore], folder === null ? null : join(id, folder));
      this.#publish(id);
    }
    if (this.#state === "settling") this.#state = "open";
    this.#next();
  }

  /** Puts a run into the queue. Throws RequestError where it is full. */
  start(request: StartRun, origin: Origin = "started"): RunSummary {
    const { store } = this.#options;
    if (store.waiting() >= waitingMax) {
      throw new RequestError(
        "queue-full",
        `at most ${waitingMax} runs may wait; cancel some, or try again later`,
      );
    }
    const id = store.queue(request, origin);
    this.#publish(id);
    this.#next();
    return this.summary(id);
  }

  /** Takes a run from the queue, or ends it where it is measured. Throws RequestError. */
  cancel(id: string): RunSummary {
    const { store } = this.#options;
    const { state } = this.#row(id);
    if (state === "queued") {
      store.end(id, "cancelled", null);
      this.#publish(id);
    } else if (state === "running" && this.#active?.row.id === id) {
      this.#active.ending ??= "cancelled";
      this.#active.runner.stop();
    } else {
      const got = state === "running" ? "one that is ending" : state;
      throw new RequestError("wrong-state", `${id}: must be queued or running to be cancelled, got ${got}`);
    }
    return this.summary(id);
  }

  /** Puts a run that was cut into the queue again. Throws RequestError. */
  resume(id: string): RunSummary {
    const { store } = this.#options;
    const row = this.#row(id);
    if (row.folder === null || !existsSync(join(this.#options.folder, row.folder, "events.ndjson"))) {
      throw new RequestError(
        "wrong-state",
        `${id}: must have a record to be resumed, found none; start a new run`,
      );
    }
    if (!store.requeue(id)) {
      throw new RequestError(
        "wrong-state",
        `${id}: must be failed, cancelled or interrupted to be resumed, got ${row.state}`,
      );
    }
    this.#publish(id);
    this.#next();
    return this.summary(id);
  }

  /** Removes a run that has ended, with its report and its folder. Throws RequestError. */
  delete(id: string): void {
    const { state } = this.#row(id);
    if (!this.#options.store.delete(id)) {
      throw new RequestError(
        "wrong-state",
        `${id}: must have ended to be removed, got ${state}; cancel it first`,
      );
    }
    rmSync(this.#folderOf(id), { recursive: true, force: true });
    this.#options.publish(id, { kind: "removed", id });
  }

  /** Reports a stored report to who watches, and gives its run. */
  imported(id: string): RunSummary {
    this.#publish(id);
    return this.summary(id);
  }

  /** A run as the API reports it. Throws RequestError where there is none. */
  summary(id: string): RunSummary {
    const row = this.#row(id);
    const place = this.#options.store.places().get(id) ?? null;
    const record = this.#active?.row.id === id ? this.#active.record : null;
    return summaryOf(row, place, row.state === "running" ? (record?.meter.at(this.#now()) ?? null) : null);
  }

  /** The events of a run behind the one with id `since`, and how far it had come with them. */
  eventsAfter(id: string, since: number): { readonly events: LiveEvent[]; readonly record: Record } | null {
    const { folder } = this.#row(id);
    const live = this.#active?.row.id === id ? this.#active.record : null;
    const record = live ?? (folder === null ? null : new Record(join(this.#options.folder, folder)));
    if (record === null) return null;
    if (live === null) record.read();
    return { events: record.events.filter((event) => event.id > since), record };
  }

  /** Whether a run is measured at this moment. */
  get isMeasuring(): boolean {
    return this.#active !== null;
  }

  /** Ends the run in hand, which is kept as interrupted, and starts no other. */
  async close(): Promise<void> {
    this.#state = "closed";
    this.#closing.resolve();
    if (this.#active !== null) {
      this.#active.ending ??= "service-ended";
      this.#active.runner.stop();
    }
    await this.#ended;
  }

  #next(): void {
    if (this.#active !== null || this.#state !== "open") return;
    const { store, folder, config, start = startRunner } = this.#options;
    const row = store.next();
    if (row === null || row.request === null) return;
    try {
      store.begin(row.id);
    } catch (error) {
      this.#options.complain(error);
      void this.#pause().then(() => this.#next());
      return;
    }
    try {
      const runFolder = this.#folderOf(row.id);
      const resume = row.folder === null ? null : join(folder, row.folder);
      const runner = start(row.request, { folder: runFolder, resume, config });
      this.#mark(runFolder, runner);
      const record = resume === null ? null : new Record(resume);
      // Who watches a run that is gone on with has its earlier events.
      record?.read();
      this.#active = { row, runner, record, ending: null };
    } catch (error) {
      this.#options.complain(error);
      store.end(row.id, "failed", { code: "runner-crashed", text: "the runner could not be started" });
      this.#publish(row.id);
      queueMicrotask(() => this.#next());
      return;
    }
    this.#publish(row.id);
    this.#ended = this.#attend(this.#active).catch(this.#options.complain);
  }

  /** Follows a run to its end. */
  async #attend(active: Active): Promise<void> {
    const { row, runner } = active;
    const timer = setInterval(() => this.#look(active), lookMs);
    const exit = await runner.exited;
    clearInterval(timer);
    this.#look(active);
    try {
      unmarkRunner(this.#folderOf(row.id));
    } catch (error) {
      // A mark that is left names a process that has ended: nobody waits for it.
      this.#options.complain(error);
    }
    await this.#settle(row.id, (hasReport) => endOf(exit, active.ending, hasReport));
    this.#active = null;
    this.#publish(row.id);
    this.#next();
  }

  /** Writes down how a run ended, with its report; tries again for as long as the store cannot be written. */
  async #settle(
    id: string,
    end: (hasReport: boolean) => [RunState, ProblemOfRun | null],
    folder: string | null = null,
  ): Promise<void> {
    const { store } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        if (folder !== null) store.found(id, folder);
        const hasReport = await this.#keepReport(id);
        store.end(id, ...end(hasReport));
        return;
      } catch (error) {
        if (!isUnwritable(error)) throw error;
        if (tries === 1) this.#options.complain(error);
        // The next service finds it running and settles it.
        if (this.#state === "closed") return;
        await this.#pause();
      }
    }
  }

  /** Notes the runner's process. One that is not noted could outlive the service unseen, so that it is ended. */
  #mark(folder: string, runner: Runner): void {
    try {
      markRunner(folder, runner.pid);
    } catch (error) {
      this.#options.complain(error);
      runner.stop();
    }
  }

  /** Until the store may be tried again, or the service ends. */
  #pause(): Promise<unknown> {
    const { pauseMs = retryMs } = this.#options;
    return Promise.race([Bun.sleep(pauseMs), this.#closing.promise]);
  }

  /** Reports what has been appended to the record. */
  #look(active: Active): void {
    const { id } = active.row;
    try {
      if (active.record === null) {
        const made = recordIn(this.#folderOf(id));
        if (made === null) return;
        active.record = new Record(join(this.#folderOf(id), made));
        this.#options.store.found(id, join(id, made));
      }
      const events = active.record.read();
      if (events.length === 0) return;
      this.#options.publish(id, { kind: "events", events, progress: active.record.meter.at(this.#now()) });
    } catch (error) {
      this.#options.complain(error);
    }
  }

  /** Stores the report that the runner left; false where it left none that can be read. */
  async #keepReport(id: string): Promise<boolean> {
    const { store, folder } = this.#options;
    const record = store.get(id)?.folder ?? null;
    const file = record === null ? null : join(folder, record, "report.json");
    if (file === null || !existsSync(file)) return false;
    try {
      store.saveReport(id, await readStored(file));
      return true;
    } catch (error) {
      if (isUnwritable(error)) throw error;
      // Whatever is wrong with one report, e.g. that it was imported as another run meanwhile, the queue goes on.
      this.#options.complain(error);
      return false;
    }
  }

  #row(id: string): RunRow {
    const row = this.#options.store.get(id);
    if (row === null) throw new RequestError("not-found", `${id}: no such run`);
    return row;
  }

  #publish(id: string): void {
    this.#options.publish(id, { kind: "run", run: this.summary(id) });
  }

  #folderOf(id: string): string {
    return join(this.#options.folder, id);
  }
}

const endedBefore: ProblemOfRun = {
  code: "service-ended",
  text: "the service stopped during the run; what was measured is kept, and the run can be resumed",
};

/** What the end of a runner makes of its run. */
function endOf(
  { code, signal, said }: RunnerExit,
  ending: Active["ending"],
  hasReport: boolean,
): [RunState, ProblemOfRun | null] {
  const last = visible(said.at(-1) ?? "").slice(0, 500);
  if (ending === "cancelled") return ["cancelled", null];
  if (ending === "service-ended") return ["interrupted", endedBefore];
  if (signal !== null || code === exitCodes.interrupted) {
    return [
      "interrupted",
      { code: "runner-killed", text: `the runner was ended${signal === null ? "" : ` by ${signal}`}` },
    ];
  }
  if (code === exitCodes.usage) return ["failed", { code: "refused", text: last }];
  if (code === exitCodes.candidateFailed && !hasReport)
    return ["failed", { code: "candidate-failed", text: last }];
  if (code === exitCodes.done || code === exitCodes.gateFailed || code === exitCodes.candidateFailed) {
    return hasReport
      ? ["finished", null]
      : [
          "failed",
          { code: "no-report", text: "there is no report that could be stored; see the service's log" },
        ];
  }
  return ["failed", { code: "runner-crashed", text: last === "" ? `exit code ${code}` : last }];
}
