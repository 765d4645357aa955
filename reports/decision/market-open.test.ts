import { expect, test } from "bun:test";
import type { CellResult, Report } from "../../schemas/report.ts";
import { marketOpenOf } from "./market-open.ts";

const whole = { due: 10, delivered: 10, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };

function result(candidate: string, cell: string, more: object): CellResult {
  const metrics = { latencyNsP99: { median: 2e6 }, rssBytesPeak: { median: 50e6 } };
  return { candidate, cell, params: {}, reach: 1, ledger: whole, metrics, ...more } as unknown as CellResult;
}

const slow = (candidate: string, verdict: string) =>
  result(candidate, "stopping", { policyKept: { verdict } });
const flood = (candidate: string, backPressure: string) =>
  result(candidate, "flooded", { flooded: { backPressure } });
const burst = (candidate: string, reach = 1) =>
  result(candidate, "burst", { params: { preset: "burst" }, reach });
const storm = (candidate: string, opened: number, reads: string) =>
  result(candidate, "storm", { connections: { fates: { due: 10, opened }, leak: { reads } } });

function openOf(results: CellResult[], failures: object[] = [], comparisons: object[] = []) {
  const names = ["a", "a#2"].map((id) => ({ id, replicateOf: id === "a" ? null : "a" }));
  const found = marketOpenOf({ candidates: names, results, failures, comparisons } as unknown as Report);
  return found?.map(({ candidate, survives, findings }) => [
    candidate,
    survives,
    findings.map((one) => one.reason),
  ]);
}

test("what holds everywhere survives", () => {
  const all = [storm("a", 10, "steady"), burst("a"), slow("a", "kept"), flood("a", "reaches")];
  expect(openOf(all)).toEqual([["a", "yes", ["held", "held", "held", "held"]]]);
});

test("what was not measured is not known, and one failure is enough", () => {
  expect(openOf([slow("a", "kept")])?.[0]?.[1]).toBe("not-known");
  expect(openOf([slow("a", "not-observed")])?.[0]?.[1]).toBe("not-known");
  expect(openOf([slow("a", "deviates"), flood("a", "reaches")])).toEqual([
    ["a", "no", ["not-measured", "not-measured", "policy-deviates", "held"]],
  ]);
  expect(openOf([result("a", "usual", {})])).toBeUndefined();
});

test("each reason has its code", () => {
  const reasonOf = (one: CellResult, place: number) => openOf([one])?.[0]?.[2]?.[place];
  expect(reasonOf(storm("a", 9, "steady"), 0)).toBe("not-served");
  expect(reasonOf(storm("a", 10, "grows"), 0)).toBe("memory-grows");
  expect(reasonOf(burst("a", 0.9), 1)).toBe("messages-lost");
  expect(reasonOf(flood("a", "sheds"), 3)).toBe("messages-lost");
  expect(reasonOf(flood("a", "buffers"), 3)).toBe("buffers");
});

test("who failed in a cell that others have did not survive it", () => {
  const failure = { candidate: "a", cell: "flooded" };
  expect(openOf([flood("b", "reaches")], [failure])?.[0]?.[2]?.[3]).toBe("failed");
  // The load generator's own fault says nothing of the server.
  const generatorFailure = { ...failure, fault: "generator" };
  expect(openOf([flood("b", "reaches")], [generatorFailure])?.[0]?.[2]?.[3]).toBe("not-measured");
});

test("recovery and capacity are asked where they were measured", () => {
  const books = (more: object) => result("a", "books", { recovery: { unrecovered: 0, ...more } });
  const reached = (more: object) => result("a", "reached", { capacity: more });
  const reasonsOf = (one: CellResult) => openOf([burst("a"), one])?.[0]?.[2]?.slice(4);
  expect(reasonsOf(burst("a"))).toEqual([]);
  expect(reasonsOf(books({}))).toEqual(["held"]);
  expect(reasonsOf(books({ unrecovered: 1 }))).toEqual(["books-wrong"]);
  expect(reasonsOf(books({ thinned: { subscribers: 1, share: 0.98 } }))).toEqual(["messages-lost"]);
  expect(reasonsOf(books({ missing: { sequence: 1, subscribers: 1 } }))).toEqual(["messages-lost"]);
  expect(reasonsOf(reached({ lowHz: 1_000, end: "server" }))).toEqual(["held"]);
  expect(reasonsOf(reached({ lowHz: null, end: "server" }))).toEqual(["level-missed"]);
  expect(reasonsOf(reached({ lowHz: null, end: "generator" }))).toEqual(["not-observed"]);
});

test("the price is that of the worst cell", () => {
  const [found] =
    marketOpenOf({
      candidates: [{ id: "a", replicateOf: null }],
      results: [burst("a"), { ...burst("a", 0.5), cell: "crash" }],
      failures: [],
      comparisons: [],
    } as unknown as Report) ?? [];
  expect(found?.findings[1]).toMatchObject({ cell: "crash", survives: "no" });
  expect(found?.findings[1]?.price).toEqual([
    { metric: "latencyNsP99", value: 2e6 },
    { metric: "rssBytesPeak", value: 50e6 },
  ]);
});

test("what was measured, and of which no window counts, is not taken for what was not", () => {
  const voided = (cell: string, workload: string) => ({
    a: "a",
    b: "b",
    cell,
    workload,
    code: "all-trials-void",
  });
  const [row] = openOf([slow("a", "kept")], [], [voided("flooded", "flood"), voided("burst", "feed")]) ?? [];
  expect(row?.[2]).toEqual(["not-measured", "not-measured", "held", "disturbed"]);
  // A feed is a burst where another's result says so.
  const others = [slow("a", "kept"), burst("b")];
  expect(openOf(others, [], [voided("burst", "feed")])?.[0]?.[2]?.[1]).toBe("disturbed");
  // It was the other candidate whose windows do not count.
  expect(openOf([slow("a", "kept"), burst("a")], [], [voided("burst", "feed")])?.[0]?.[2]?.[1]).toBe("held");
});

test("a capacity or a recovery alone is no market open, and one that was always disturbed is", () => {
  expect(openOf([result("a", "most", { capacity: { lowHz: 1_000, end: "server" } })])).toBeUndefined();
  const voided = { a: "a", b: "b", cell: "storm", workload: "connections", code: "all-trials-void" };
  expect(openOf([], [], [voided])?.[0]?.[2]?.[0]).toBe("disturbed");
});
