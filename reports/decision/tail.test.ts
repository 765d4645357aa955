import { expect, test } from "bun:test";
import type { Comparison, Undecided } from "../../schemas/report.ts";
import { defaultPolicy } from "../policies.ts";
import { absentFigure } from "./absence.ts";
import { itemsOf } from "./evidence.ts";
import { figuresAround, inventReport, plain } from "./fixture.ts";

const base = figuresAround(plain, 8, 0);
const feed = "feed/json/passthrough/send/s10";

/** A run whose feed shows a p90 at the deepest, declared or not; its deepest figures are there all the same. */
function runOf(declared: boolean): Undecided {
  const report = inventReport({ a: { figures: base }, b: { figures: base } });
  const comparison = { cell: feed, metric: "latencyNsP90", a: "a", b: "b", declared } as Comparison;
  const results = report.results.map((r) => {
    const { latencyNsP99 } = r.metrics;
    return latencyNsP99 === undefined ? r : { ...r, metrics: { ...r.metrics, latencyNsP90: latencyNsP99 } };
  });
  return { ...report, results, comparisons: [comparison] };
}

const tailOf = (report: Undecided) =>
  itemsOf(report, defaultPolicy, ["a", "b"])
    .filter(({ axis }) => axis === "latencyTail")
    .map(({ metric, comparisons }) => [metric, comparisons.length]);

test("the tail of a cell is judged by the percentile that was declared for it", () => {
  expect(tailOf(runOf(true))).toEqual([["latencyNsP90", 1]]);
  expect(tailOf(runOf(false))).toEqual([["latencyNsP99", 0]]);
});

test("a candidate without a percentile that nobody is judged by lacks nothing", () => {
  const report = runOf(true);
  const results = report.results.map((r) => {
    if (r.candidate !== "b") return r;
    const { latencyNsP99: _, ...metrics } = r.metrics;
    return { ...r, metrics };
  });
  const three = inventReport({ a: { figures: base }, b: { figures: base }, c: { figures: base } });
  const { candidates } = three;
  const c = report.results.filter((r) => r.candidate === "a").map((r) => ({ ...r, candidate: "c" }));
  expect(absentFigure({ ...report, candidates, results: [...results, ...c] }, defaultPolicy, "b")).toBeNull();
});
