import { describe, expect, test } from "bun:test";
import { sequentialRatio } from "../../stats/sequential.ts";
import { collect, metricPerRound } from "../analysis/collect.ts";
import { parseArgs } from "../cli/args.ts";
import { type Noisy, noisyReport, noisyRun } from "../fixtures/noisy-run.ts";
import { openTrials, standingsOf } from "./adaptive.ts";
import { familySizeOf } from "./comparison-plan.ts";
import { makePlan } from "./plan.ts";

function planOf(...argv: string[]) {
  const invocation = parseArgs(["--profile", "quick", "--adaptive", ...argv], "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  return makePlan(invocation.options);
}

const openOf = (...argv: string[]) => openTrials(planOf(...argv), []);

test("an upgrade is a comparison that keeps both versions going, and the twins", () => {
  const open = openOf("--candidates", "node/ws", "--runtime", "node@24,node@26", "--workloads", "echo/json*");
  const names = ["node/ws@24", "node/ws@26", "node/ws@24#2"];
  expect(open.size).toBe(3);
  expect(new Set([...open].map((key) => key.split("\n")[0]))).toEqual(new Set(names));
});

test("a cell that one side does not serve keeps nothing open", () => {
  const open = openOf("--candidates", "node/elysia,bun/serve", "--workloads", "echo");
  expect(open.size).toBeGreaterThan(0);
  expect([...open].filter((key) => !key.includes("\necho/json/"))).toEqual([]);
});

test("a comparison is decided at its share of the whole family's 5 %", async () => {
  const whole = planOf("--candidates", "core", "--workloads", "echo/sbe*", "--rounds", "12");
  // Without the twins there is no floor, which would ask for more than p does.
  const plan = { ...whole, adaptive: false, candidates: whole.candidates.filter((c) => c.twinOf === null) };
  const slower = (name: string) => (name === plan.reference ? 1 : 1.5);
  const { events } = await noisyRun({ plan, seed: 5, noise: 0.1, slower });
  let waiting = 0;
  for (let rounds = 3; rounds < plan.rounds; rounds += 1) {
    const early = events.filter((e) => !("round" in e) || e.round < rounds);
    const { series } = collect(plan, early);
    for (const { a, b, cell, metric, decision } of standingsOf(plan, early)) {
      const [x, y] = [a, b].map((name) => {
        const one = series.find((s) => s.candidate === name && s.cell === cell);
        return one === undefined ? [] : metricPerRound(one, metric);
      });
      const ratio = sequentialRatio(x ?? [], y ?? []);
      if (ratio.status !== "measured") continue;
      if (decision.state === "decided") expect(ratio.p).toBeLessThanOrEqual(0.05 / familySizeOf(plan));
      else if (ratio.ciLow > 1.02 || ratio.ciHigh < 1 / 1.02) waiting += 1;
    }
  }
  expect(waiting).toBeGreaterThan(0);
});

describe("a comparison that can only end withheld", () => {
  const plan = planOf("--candidates", "bun/serve,node/ws", "--workloads", "echo/sbe*", "--rounds", "40");
  const states = async (more: Partial<Noisy>, rounds: number) => {
    const fixed = { ...plan, adaptive: false, rounds };
    const { events } = await noisyRun({ plan: fixed, seed: 3, noise: 0.03, ...more });
    return Object.fromEntries(standingsOf(plan, events).map((s) => [s.metric, s.decision.state]));
  };

  test("for lost messages keeps no run open, once there are rounds to show", async () => {
    const reach = (name: string) => (name === "node/ws" ? 0.999 : 1);
    const { run, comparisons } = await noisyReport({ plan, seed: 3, noise: 0.03, reach });
    expect(run.roundsRun).toBe(5);
    for (const c of comparisons.filter((c) => c.declared)) expect(c.verdict).toBe("withheld");
  });

  test("for a ceiling too near to both rates waits for its second look, and leaves the cost of a message open", async () => {
    const near = { ceilingHz: 1.2e6 };
    expect(await states(near, 4)).toEqual({ throughputHz: "go-on", cpuNsPerMessage: "go-on" });
    expect(await states(near, 5)).toEqual({ throughputHz: "withheld", cpuNsPerMessage: "go-on" });
  });

  test("is not one of which the ceiling limits one side alone: that may be decided", async () => {
    const slower = (name: string) => (name === "node/ws" ? 1.4 : 1);
    expect(await states({ ceilingHz: 1.2e6, slower }, 12)).toMatchObject({ throughputHz: "decided" });
  });
});

describe("a whole run that stops when it likes, its floor moving as its A/A pair does", () => {
  const plan = planOf("--candidates", "bun/serve,node/ws", "--workloads", "echo/sbe*", "--rounds", "40");
  const runs = (factor: number) =>
    Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) => {
        const slower = (name: string) => (name === "node/ws" ? factor : 1);
        const { run, comparisons } = await noisyReport({ plan, seed, noise: 0.03, slower });
        const verdicts = comparisons.filter((c) => c.declared).map((c) => c.verdict);
        return { rounds: run.roundsRun, verdicts };
      }),
    );

  test("finds a difference of 10 %, and does not wait for the budget", async () => {
    for (const { rounds, verdicts } of await runs(1.1)) {
      expect(verdicts).toEqual(["b-better", "b-better"]);
      expect(rounds).toBeLessThan(30);
    }
  });

  test("does not take two equal programs for a tie while their interval is wide", async () => {
    for (const { rounds, verdicts } of await runs(1)) {
      expect(verdicts).toEqual(["no-difference", "no-difference"]);
      expect(rounds).toBe(40);
    }
  });
});
