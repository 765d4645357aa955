import { describe, expect, test } from "bun:test";
import { hasFailed } from "../../reports/gates/judge.ts";
import { UsageError } from "../cli/usage-error.ts";
import { type Gated, gatedPlan, gatedRun } from "../fixtures/gated-run.ts";
import { noisyReport } from "../fixtures/noisy-run.ts";
import { optionsFrom } from "../fixtures/planned.ts";
import { makePlan } from "../plan/plan.ts";
import { evaluateGates, figuresOf, plannedOf, readGates, repeatPlan } from "./gate.ts";

const plan = gatedPlan();
const limitPct = 5;

const gated = (repetition: number, noise: number, more: Partial<Gated> = {}) =>
  gatedRun({ plan, repetition, noise, limitPct, ...more });

describe("a run against its baseline", () => {
  test("what a repeat does not find again has not failed", async () => {
    const slower = (candidate: string) => (candidate === "node/ws" ? 1.3 : 1);
    const { judgement, repeats } = await gated(1, 0.03, { slower, repeatSlower: () => 1 });
    expect(repeats).toHaveLength(1);
    expect(hasFailed(judgement)).toBe(false);
    const found = judgement.findings.filter((f) => f.outcome === "not-repeated");
    expect(found.length).toBeGreaterThan(3);
    expect(found[0]?.text).toContain("the repeat does not agree");
  });

  test("only what looks broken is measured again", async () => {
    const slower = (candidate: string, cell: string) =>
      candidate === "node/ws" && cell.startsWith("push") ? 1.3 : 1;
    const { judgement, repeats } = await gated(2, 0.03, { slower });
    expect(hasFailed(judgement)).toBe(true);
    expect(repeats.map((p) => [p.candidates.map((c) => c.name), p.cells.map((c) => c.id)])).toEqual([
      [["node/ws"], ["push/json/146B/c8"]],
    ]);
  });

  test("a server that loses messages where the baseline lost none fails", async () => {
    const reach = (candidate: string, cell: string) =>
      candidate === "node/ws" && cell.startsWith("feed") ? 0.98 : 1;
    const { judgement } = await gated(3, 0.03, { reach });
    const failed = judgement.findings.filter((f) => f.outcome === "failed");
    const ofFeed = figuresOf(plan).filter(({ cell }) => cell.startsWith("feed"));
    expect(failed.map(({ candidate, cell, metric }) => ({ candidate, cell, metric }))).toEqual(
      ofFeed.map((figure) => ({ candidate: "node/ws", ...figure })),
    );
    expect(failed[0]?.text).toStartWith("only 98 %");
  });

  test("a repeat that was cut confirms nothing", async () => {
    const baseline = await noisyReport({ plan, seed: 1, noise: 0.03 });
    const report = await noisyReport({ plan, seed: 2, noise: 0.03, slower: () => 1.3 });
    const gates = {
      assertions: [],
      regression: { baseline, limitPct, figures: figuresOf(plan) },
      planned: plannedOf(plan),
    };
    expect(hasFailed(await evaluateGates(gates, report, plan, async () => null))).toBe(false);
  });
});

test("a repeat has as many rounds in another order, without replicates", () => {
  const suspects = [{ candidate: "node/ws", cell: "echo/sbe/c32w32" }];
  const again = repeatPlan({ ...plan, rounds: 200 }, suspects, 17);
  expect(again).toMatchObject({ rounds: 17, seed: plan.seed + 1, reference: "node/ws" });
  expect(again.candidates.map((c) => c.name)).toEqual(["node/ws"]);
});

test("one candidate alone is judged on the figures that several are", () => {
  const keys = (...argv: string[]) =>
    figuresOf(makePlan(optionsOf(...argv))).map((f) => `${f.cell} ${f.metric}`);
  const several = keys();
  expect(several).toContain("echo/sbe/c4w128 cpuNsPerMessage");
  expect(keys("--candidates", "bun/serve")).toEqual(several);
  // Exploratory cells that were asked for have no declared figures, and are the subject all the same.
  expect(keys("--workloads", "fanout/json/native/s1000*")).toEqual([
    "fanout/json/native/s1000@20Hz lastLatencyNsP99",
  ]);
});

function optionsOf(...argv: string[]) {
  const chosen = ["--candidates", "bun/serve,node/ws", "--workloads", "echo/sbe*,push/json*,feed/json*"];
  return optionsFrom(...chosen, ...argv);
}

describe("what cannot be judged is refused before the first measurement", () => {
  const usageError = async (...argv: string[]) => {
    try {
      const options = optionsOf(...argv);
      await readGates(options, makePlan(options));
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
    return "none";
  };

  test.each([
    [["--fail-on", "regression"], "--fail-on: needs --baseline with the report.json of an earlier run"],
    [
      ["--baseline", "a.json"],
      "--baseline: needs --fail-on regression[:5%]; to look at two runs without failing, use diff",
    ],
    [
      ["--baseline", "a.json", "--fail-on", "regression:5x"],
      "--fail-on: must be regression or regression:PCT%, as in regression:5%, got regression:5x",
    ],
    [
      ["--baseline", "no-such.json", "--fail-on", "regression"],
      "--baseline: no-such.json: must be a readable report.json, or the folder of a run, got ENOENT",
    ],
    [
      ["--assert", "bun/serv feed p99 < 5ms"],
      '--assert: "bun/serv feed p99 < 5ms": no candidate of this run matches "bun/serv"; did you mean bun/serve?',
    ],
    [
      ["--assert", "bun/elysia feed p99 < 5ms"],
      '--assert: "bun/elysia feed p99 < 5ms": no candidate of this run matches "bun/elysia"; known: node/ws, bun/serve',
    ],
    [
      ["--assert", "bun/serve fed p99 < 5ms"],
      '--assert: "bun/serve fed p99 < 5ms": no workload or cell of this run matches "fed"; did you mean feed?; see the cells that plan prints',
    ],
    [
      ["--workloads", "feed/json/passthrough/native*", "--assert", "node/ws feed p99 < 5ms"],
      '--assert: "node/ws feed p99 < 5ms": node/ws does not serve feed; see the cells that plan prints',
    ],
    [
      ["--profile", "smoke", "--assert", "bun/serve feed p99 < 5ms"],
      "--assert: needs at least 3 rounds for an interval, got 2; use --rounds 3, or --profile quick, standard or thorough",
    ],
    [["--assert", "{node,bun}/{ws,serve} feed,echo p99 < 5ms"], "none"],
    [["--assert", "bun/serve feed p99 < 5ms", "--assert", "node/* feed/json/* p99 < 5 ms"], "none"],
  ])("%p", async (argv, message) => {
    expect(await usageError(...argv)).toBe(message);
  });
});
