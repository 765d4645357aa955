import { describe, expect, test } from "bun:test";
import type { CellResult, Report } from "../schemas/report.ts";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { compareRuns, type ReadingCode } from "./diff/runs.ts";
import { comparisonText } from "./diff/text.ts";
import { diffCommand, diffStored } from "./diff.ts";
import { defaultPolicy } from "./policies.ts";

const runOf = (over: Partial<typeof plain>, thresholdPct = 3, headroom = 10): Report => {
  const figures = figuresAround({ ...plain, ...over });
  const undecided = inventReport({ a: { figures, headroom }, b: { figures, headroom } }, { thresholdPct });
  return decided(undecided, defaultPolicy);
};

const otherFeed = { source: "synthetic", preset: "burst", seed: 1, rate: 1, meanHz: null } as const;

describe("two runs", () => {
  test("a change beyond the noise is reported with its direction, the rest is equal", () => {
    const { candidates, differences } = compareRuns(
      runOf({}),
      runOf({ latencyNsP99: 1.3e6, throughputHz: 1.4e6 }),
    );
    const readings = candidates[0]?.changes.map((c) => `${c.metric} ${c.reading}`);
    expect(readings).toContain("latencyNsP99 worse");
    expect(readings).toContain("throughputHz better");
    expect(readings).toContain("cpuNsPerMessage equal");
    expect(candidates[0]?.changes.find((c) => c.metric === "latencyNsP99")?.ratio).toBeCloseTo(1.3, 6);
    expect(differences).toEqual([]);
  });

  test("an interval is as wide as the worse calibrated of the two runs has it", () => {
    const [a, b] = [runOf({}), runOf({ latencyNsP99: 1.05e6 })];
    const wide: Report = {
      ...b,
      noise: { ...b.noise, calibration: { factor: 3, contrasts: 9, excess: 9, weight: 1, p: 0 } },
    };
    const widthOf = (later: Report) => {
      const change = compareRuns(a, later).candidates[0]?.changes.find((c) => c.metric === "latencyNsP99");
      return Math.log((change?.ciHigh ?? 1) / (change?.ciLow ?? 1));
    };
    expect(widthOf(wide) / widthOf(b)).toBeCloseTo(3, 9);
  });

  test("what differs about machine and candidate is named with what it does", () => {
    const [a, b] = [runOf({}), runOf({})];
    const moved: Report = {
      ...b,
      host: { ...b.host, kernel: "6.9" },
      candidates: b.candidates.map((c) => ({ ...c, runtime: { name: "rt", version: "2" } })),
    };
    const comparison = compareRuns(a, moved);
    expect(comparison.differences.map((d) => d.field)).toEqual(["kernel"]);
    expect(comparison.candidates[0]?.differences).toEqual([
      { kind: "version", field: "runtime", of: null, a: "rt 1", b: "rt 2" },
    ]);
    const text = comparisonText(a, moved, comparison, 300);
    expect(text).toContain("Caution: the runs differ in:\n  kernel: 6.1 → 6.9 (");
    expect(text).toContain("  runtime: rt 1 → rt 2 (another version)");
  });

  const pushed = (a: Report, b: Report) => {
    const comparison = compareRuns(a, b);
    const change = comparison.candidates[0]?.changes.find((c) => c.metric === "throughputHz");
    const line = comparisonText(a, b, comparison, 300)
      .split("\n")
      .find((text) => text.includes(" throughput "));
    return { change, line };
  };
  const rate = (throughputHz: number, headroom: number) => runOf({ throughputHz }, 3, headroom);

  test("a rate that is a lower bound reads so, and only what it shows is told of its ratio", () => {
    const risen = pushed(rate(1e6, 10), rate(1.4e6, 1.05));
    expect(risen.change).toMatchObject({ reading: "better", ciHigh: null });
    expect(risen.line).toMatch(
      /1\.00 M\/s \(.*\) → at least 1\.40 M\/s \(.*\) +at least 1\.40 × faster \(from 1\.3\d\) +better/,
    );
    const fallen = pushed(rate(1e6, 1.05), rate(0.7e6, 10));
    expect(fallen.change).toMatchObject({ reading: "worse", ciLow: null });
    expect(fallen.line).toMatch(/at least 1\.00 M\/s .* at least 1\.43 × slower \(from 1\.4\d\) +worse/);
  });

  test.each([
    ["the later one, below", rate(1e6, 10), rate(0.7e6, 1.05)],
    ["the later one, the same", rate(1e6, 10), rate(1e6, 1.05)],
    ["the earlier one, below", rate(1e6, 1.05), rate(1.4e6, 10)],
    ["both", rate(1e6, 1.05), rate(1.4e6, 1.05)],
  ])("a ratio that rests on a bound the wrong way is withheld: %s", (_, a, b) => {
    const { change, line } = pushed(a, b);
    expect(change?.code).toBe("lower-bound");
    expect(line).toMatch(/ – +withheld: a rate is a lower bound at ±3 % \(headroom 1\.05 ×, below 1\.50 ×: /);
    expect(comparisonText(a, b, compareRuns(a, b), 300)).toContain("2 withheld: a rate is a lower bound");
  });

  test("what differs about a cell is said once, and what one candidate lost under its name", () => {
    const [a, b] = [runOf({}), runOf({})];
    const results = b.results.map((r) => ({
      ...r,
      params: r.params.workload === "feed" ? { ...r.params, feed: otherFeed } : r.params,
      reach: r.candidate === "a" && r.workload === "feed" ? 0.5 : 1,
    }));
    const lossy = a.results.map((r) => ({ ...r, reach: r.candidate === "a" ? 0.9999 : 1 }));
    const text = comparisonText(a, b, compareRuns({ ...a, results: lossy }, { ...b, results }), 300);
    expect(text.split("synthetic:burst")).toHaveLength(2);
    expect(text).toContain(
      "a\n  feed/json/passthrough/send/s10, reach: 99.99 % → 50 % (lost messages cost no time)",
    );
  });

  test("windows of another length withhold latencies, and another feed every figure of its cell", () => {
    const of = (params: (p: CellResult["params"]) => CellResult["params"]) => {
      const b = runOf({ latencyNsP99: 3e6, cpuNsPerMessage: 9000 });
      const results = b.results.map((r) => ({ ...r, params: params(r.params) }));
      const { candidates } = compareRuns(runOf({}), { ...b, results });
      const codes = candidates[0]?.changes ?? [];
      return Object.fromEntries(codes.map((c) => [c.metric, c.code])) as Record<string, ReadingCode>;
    };
    const longer = of((p) => ({ ...p, windowMs: p.windowMs * 4 }));
    expect(longer).toMatchObject({ latencyNsP99: "other-question", cpuNsPerMessage: "beyond-margin" });
    const other = of((p) => (p.workload === "feed" ? { ...p, feed: otherFeed } : p));
    expect(other).toMatchObject({ cpuNsPerMessage: "other-question", throughputHz: "within-margin" });
  });

  test("as many windows a visit as before and another long one are another question, and said", () => {
    const run = runOf({});
    const had = (perVisit: number, longMs: number | null): Report => {
      const counts = { clean: 8, kept: 0, missing: 0, discarded: {}, measuredMs: 1200, events: 800 };
      return {
        ...run,
        results: run.results.map((r) => ({ ...r, windows: { perVisit, longMs, ...counts } })),
      };
    };
    const toldOf = (a: Report, b: Report) =>
      compareRuns(a, b).cellDifferences.filter(({ of }) => of?.startsWith("feed/") === true);
    expect(toldOf(had(4, 600), had(4, 600))).toEqual([]);
    expect(toldOf(had(4, 600), had(8, 600))).toMatchObject([
      {
        field: "windows",
        kind: "question",
        a: expect.stringContaining("4 "),
        b: expect.stringContaining("8 "),
      },
    ]);
    expect(toldOf(had(4, 600), had(4, null))).toHaveLength(1);
    const [change] = compareRuns(had(4, 600), had(8, 600)).candidates[0]?.changes ?? [];
    expect(change).toMatchObject({ metric: "latencyNsP99", code: "other-question" });
  });
});

test("a third run needs --machines", () => {
  expect(diffStored(diffCommand().parse(["a", "b", "c"], { from: "user" }))).rejects.toThrow(
    "diff: compares two runs, got 3; --machines",
  );
});
