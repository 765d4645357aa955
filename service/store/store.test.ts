import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { listQuery } from "../api/run.ts";
import { startRun } from "../api/start.ts";
import { followed, reportOfDay } from "../fixtures/reports.ts";
import { openDatabase } from "./database.ts";
import { Store, summaryOf } from "./store.ts";
import { seriesOf, trendRows } from "./trends.ts";

let store: Store;
let now = 0;
beforeEach(() => {
  now = Date.parse("2026-11-01T00:00:00Z");
  store = new Store(openDatabase(":memory:"), () => {
    now += 1000;
    return new Date(now);
  });
});
afterEach(() => store.close());

const list = (query: object = {}) => store.list(listQuery.parse(query));
const ids = (query: object = {}) => list(query).rows.map(({ id }) => id);

describe("an imported report", () => {
  test("is stored once, whatever the spaces of its text; another report of its run is refused", () => {
    const report = reportOfDay(0);
    const first = store.importReport(report);
    expect(first.kind).toBe("new");
    expect(store.importReport(structuredClone(report))).toEqual({ kind: "known", id: first.id });
    const decidedAnew = { ...report, decision: { ...report.decision, policy: "cost" } };
    expect(store.importReport(decidedAnew)).toEqual({ kind: "taken", id: first.id });
    expect(store.report(first.id)).toEqual(report);
    expect(list().total).toBe(1);
  });

  test("has every figure but the replicate's in the trends, and leaves with them", () => {
    const { id } = store.importReport(reportOfDay(0));
    expect(seriesOf(store.db).some(({ candidate }) => candidate.includes("#"))).toBe(false);
    const rows = trendRows(store.db, followed.candidate, followed.cell, followed.metric);
    expect(rows.map(({ run, cores }) => [run, typeof cores])).toEqual([[id, "number"]]);
    expect(store.delete(id)).toBe(true);
    expect(seriesOf(store.db)).toEqual([]);
    expect(store.report(id)).toBeNull();
  });

  test("may say anything where it says text", () => {
    const hostile = "'; DROP TABLE run; --\u0000</script>";
    const report = reportOfDay(0);
    const { id } = store.importReport({
      ...report,
      run: { ...report.run, id: hostile, durationMs: Number.MAX_VALUE },
      candidates: report.candidates.map((c) => (c.id === "node/ws" ? { ...c, id: hostile } : c)),
    });
    expect(ids({ candidate: hostile })).toEqual([id]);
    expect(id).toMatch(/^\d{8}T\d{6}Z-[a-z]+-[0-9a-f]{6}$/);
  });
});

describe("the list", () => {
  test("is the newest first, in pages that meet without a gap", () => {
    const all = Array.from({ length: 7 }, (_, day) => store.importReport(reportOfDay(day)).id).reverse();
    expect(ids()).toEqual(all);
    const first = list({ limit: 3 });
    const second = list({ limit: 3, before: first.next });
    const third = list({ limit: 3, before: second.next });
    expect([...first.rows, ...second.rows, ...third.rows].map(({ id }) => id)).toEqual(all);
    expect([first.total, third.next]).toEqual([7, null]);
  });

  test("is filtered by what a run is", () => {
    const { id } = store.importReport(reportOfDay(0));
    const queued = store.queue(startRun.parse({ profile: "smoke", label: "50 % more" }));
    expect(ids({ state: "queued" })).toEqual([queued]);
    expect(ids({ origin: "imported" })).toEqual([id]);
    expect(ids({ profile: "smoke" })).toEqual([queued]);
    expect(ids({ text: "50 %" })).toEqual([queued]);
    expect(ids({ text: "%" })).toEqual([queued]);
    expect(ids({ candidate: "node/ws" })).toEqual([id]);
    const day = reportOfDay(0).run.startedAt.slice(0, 10);
    expect(ids({ from: day, to: day })).toEqual([id]);
  });
});

describe("the queue", () => {
  test("is taken in order, and what is resumed waits anew", () => {
    const [a = "", b = ""] = ["smoke", "quick"].map((profile) => store.queue(startRun.parse({ profile })));
    expect([...store.places()]).toEqual([
      [a, 1],
      [b, 2],
    ]);
    expect(store.next()?.id).toBe(a);
    store.begin(a);
    expect(store.requeue(a)).toBe(false);
    store.found(a, `${a}/run`);
    store.end(a, "interrupted", { code: "service-ended", text: "it ended" });
    const row = store.get(a);
    expect(row === null ? null : summaryOf(row)).toMatchObject({
      canResume: true,
      problem: { code: "service-ended" },
    });
    expect(store.requeue(a)).toBe(true);
    expect(store.next()?.id).toBe(b);
    expect(store.get(a)?.problem_code).toBeNull();
  });

  test("keeps what waits or is measured from being removed", () => {
    const id = store.queue(startRun.parse({}));
    expect(store.delete(id)).toBe(false);
    store.begin(id);
    expect(store.delete(id)).toBe(false);
    store.end(id, "cancelled", null);
    expect(store.delete(id)).toBe(true);
  });
});

test("a full disk keeps a store from no end", () => {
  const db = openDatabase(":memory:");
  const run = spyOn(db, "run").mockImplementation(() => {
    throw Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  });
  new Store(db).close();
  expect(run).toHaveBeenCalled();
  expect(() => db.query("SELECT 1")).toThrow("closed");
});
