import { describe, expect, test } from "bun:test";
import { openTrials } from "./adaptive.ts";
import { parseArgs } from "./args.ts";
import { noisyReport } from "./fixtures/noisy-run.ts";
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
