import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportJson } from "../../reports/json.ts";
import type { RunState } from "../api/run.ts";
import { startRun } from "../api/start.ts";
import { reportOfDay } from "../fixtures/reports.ts";
import { openDatabase } from "../store/database.ts";
import { Store } from "../store/store.ts";
import { Jobs } from "./jobs.ts";
import type { RunnerExit } from "./runner.ts";

const done: RunnerExit = { code: 0, signal: null, said: [] };
const request = startRun.parse({ profile: "smoke" });

/** A store whose disk can be full. */
class Tight extends Store {
  isFull = false;
  override begin(...given: Parameters<Store["begin"]>): void {
    this.#need();
    super.begin(...given);
  }
  override end(...given: Parameters<Store["end"]>): void {
    this.#need();
    super.end(...given);
  }
  #need(): void {
    if (this.isFull) throw Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  }
}

let folder: string;
let store: Tight;
let complaints: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickbench-jobs-"));
  store = new Tight(openDatabase(":memory:"));
  complaints = [];
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Jobs whose runners are held in hand; `state` resolves once a run is in one. */
function jobsOf(make = (own: string) => void mkdirSync(own, { recursive: true })) {
  const runners: { end: (exit: RunnerExit) => void; stopped: boolean }[] = [];
  const waiting: (() => void)[] = [];
  const jobs = new Jobs({
    store,
    folder,
    ...{ config: null, pauseMs: 1 },
    complain: (error) => void complaints.push(error),
    publish: () => {
      for (const look of waiting) look();
    },
    start: (_, { folder: own }) => {
      make(own);
      const { promise, resolve } = Promise.withResolvers<RunnerExit>();
      const runner = { end: resolve, stopped: false };
      runners.push(runner);
      const stop = () => {
        runner.stopped = true;
        resolve({ ...done, code: null, signal: "SIGTERM" });
      };
      return { pid: process.pid, exited: promise, stop };
    },
  });
  const state = (id: string, wanted: RunState) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (store.get(id)?.state === wanted) resolve();
    };
    waiting.push(look);
    look();
    return promise;
  };
  return { jobs, runners, state };
}

/** Gives others their turn, as often as a pause of the queue lasts. */
const somewhat = () => Bun.sleep(10);

test("a full disk holds the queue up until there is room, and no run stays running for ever", async () => {
  const { jobs, runners, state } = jobsOf();
  await jobs.begin();
  const first = jobs.start(request).id;
  const second = jobs.start(request).id;
  store.isFull = true;
  runners[0]?.end(done);
  await somewhat();
  expect([store.get(first)?.state, runners.length]).toEqual(["running", 1]);
  store.isFull = false;
  await state(first, "failed");
  await state(second, "running");
  expect(runners).toHaveLength(2);
  expect(complaints).toHaveLength(1);
  runners[1]?.end(done);
  await state(second, "failed");

  store.isFull = true;
  const third = jobs.start(request).id;
  await somewhat();
  expect([store.get(third)?.state, runners.length]).toEqual(["queued", 2]);
  store.isFull = false;
  await state(third, "running");
  await jobs.close();
  expect([store.get(third)?.state, runners[2]?.stopped]).toEqual(["interrupted", true]);
});

test("a service that begins on a full disk waits for room, and ends at once where it is told to", async () => {
  const id = store.queue(request);
  store.begin(id);
  store.isFull = true;
  const { jobs } = jobsOf();
  const began = jobs.begin();
  await somewhat();
  expect(store.get(id)?.state).toBe("running");
  store.isFull = false;
  await began;
  expect(store.get(id)?.state).toBe("interrupted");

  store.isFull = true;
  const other = jobsOf().jobs;
  await other.close();
  await other.begin();
});

test("a runner whose process cannot be noted is ended, so that none is left behind", async () => {
  const { jobs, runners, state } = jobsOf(() => undefined);
  await jobs.begin();
  const { id } = jobs.start(request);
  await state(id, "interrupted");
  expect([runners[0]?.stopped, complaints.length]).toEqual([true, 1]);
});

test("a report that was imported as another run holds no service up", async () => {
  const report = reportOfDay(0);
  const id = store.queue(request);
  store.begin(id);
  const record = join(folder, id, "record");
  mkdirSync(record, { recursive: true });
  writeFileSync(join(record, "events.ndjson"), "");
  writeFileSync(join(record, "report.json"), reportJson(report));
  store.importReport(report);
  await jobsOf().jobs.begin();
  expect([store.get(id)?.state, store.report(id), complaints.length]).toEqual(["interrupted", null, 1]);
});
