import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Report } from "../../schemas/report.ts";
import { renderCharts } from "../charts/svg.ts";
import { parseReport } from "../json.ts";
import { adaptive } from "./adaptive.ts";
import { contribution } from "./contribution.ts";

const stored = await Bun.file(join(import.meta.dir, "../../tests/golden/report.json")).text();
const report = parseReport(stored, "report.json");
const charts = renderCharts(report);
const withRun = (run: Partial<Report["run"]>): Report => ({ ...report, run: { ...report.run, ...run } });

describe("when an adaptive run stopped", () => {
  test("rounds, the least time saved, and the chart", () => {
    const run = { rounds: 40, roundsRun: 10, durationMs: 100_000 };
    const text = adaptive(withRun(run), charts) ?? "";
    expect(text).toContain(
      "10 of at most 40 rounds were run, which saved at least 5 min 0 s against running them all",
    );
    expect(text).toContain("All 20 declared comparisons took 10 rounds.");
    expect(text).toContain("charts/adaptive-intervals-light.svg");
  });

  test("comparisons that stopped at different rounds are told by first, middle and last", () => {
    const comparisons = report.comparisons.map((c, i) => ({ ...c, rounds: 5 + i }));
    expect(adaptive({ ...report, comparisons }, charts)).toMatch(
      /Of 20 declared comparisons the first stopped after \d+ rounds, half of them by \d+, the last after \d+\./,
    );
  });

  test("nothing is claimed for a cut run, for one that used every round, or for fixed rounds", () => {
    expect(adaptive(withRun({ interrupted: true }), charts)).toContain("the run was interrupted.");
    expect(adaptive(withRun({ rounds: 10 }), charts)).toContain("nothing was saved");
    expect(adaptive(withRun({ adaptive: false }), charts)).toBeNull();
    expect(renderCharts(withRun({ adaptive: false })).some((c) => c.kind === "adaptive")).toBe(false);
  });
});

describe("what the runtime and the framework contribute", () => {
  const of = (over: Partial<Report["decomposition"][number]>) => {
    const [row] = report.decomposition;
    return contribution({ ...report, decomposition: row === undefined ? [] : [{ ...row, ...over }] }) ?? "";
  };

  test("the largest difference is told in a sentence, turned above 1", () => {
    const figures = {
      a: "bun/elysia",
      b: "node/hono",
      ...{ totalRatio: 17.1, totalCiLow: 16, totalCiHigh: 18 },
      ...{ runtimeRatio: 9, runtimeCiLow: 8, runtimeCiHigh: 10 },
      ...{ frameworkRatio: 1.9, frameworkCiLow: 1.8, frameworkCiHigh: 2 },
    };
    const bridged = { interactionRatio: null, interactionCiLow: null, interactionCiHigh: null };
    expect(of({ ...figures, ...bridged })).toContain(
      "Of the 17.1 × (16.0–18.0) in throughput between bun/elysia and node/hono (`echo/raw/64B/c32w32`), 9.00 × (8.00–10.0) is the runtime and 1.90 × (1.80–2.00) is the framework. With one bridge between them an interaction of the two cannot be told apart.",
    );
    const turned = {
      ...{ a: "a", b: "b", totalRatio: 0.125, totalCiLow: 0.1, totalCiHigh: 0.16 },
      ...{ runtimeRatio: 0.0625, runtimeCiLow: 0.05, runtimeCiHigh: 0.08 },
      ...{ frameworkRatio: 2, frameworkCiLow: 1.6, frameworkCiHigh: 2.5 },
      ...{ interactionRatio: 1.1, interactionCiLow: 1.04, interactionCiHigh: 1.16 },
    };
    expect(of(turned)).toContain(
      "Of the 8.00 × (6.25–10.0) in throughput between b and a (`echo/raw/64B/c32w32`), 16.0 × (12.5–20.0) is the runtime and 0.500 × (0.400–0.625) is the framework, which takes some of it back. There is an interaction of the two: 1.10 × (1.04–1.16).",
    );
    expect(of({ ...turned, interactionCiLow: 0.98 })).toContain(
      "No interaction of the two is shown: 1.10 × (0.980–1.16).",
    );
  });

  test("three rows of each kind of loop are shown, the rest is folded, and nothing is said of nothing", () => {
    expect(contribution(report)).toContain("<summary>2 more</summary>");
    expect(contribution({ ...report, decomposition: [] })).toBeNull();
  });
});
