import { describe, expect, test } from "bun:test";
import { detectableEffectPct } from "../../stats/detectable.ts";
import { pairedRatio } from "../../stats/paired.ts";
import { parseArgs } from "../cli/args.ts";
import { noisyReport } from "../fixtures/noisy-run.ts";
import { familySizeOf } from "../plan/comparison-plan.ts";
import { makePlan } from "../plan/plan.ts";

function planOf(...argv: string[]) {
  const args = ["--profile", "quick", "--workloads", "echo/sbe*", "--rounds", "12", ...argv];
  const invocation = parseArgs(args, "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  return makePlan(invocation.options);
}

/** A whole run, as the command makes it, and for each declared comparison what either design says of its rounds. */
async function declaredOf(...argv: string[]) {
  const plan = planOf("--candidates", "bun/serve,node/ws,node/hono", ...argv);
  const report = await noisyReport({ plan, seed: 4, noise: 0.1, slower: (n) => (n === "node/ws" ? 1.2 : 1) });
  const familySize = familySizeOf(plan);
  return report.comparisons
    .filter((c) => c.declared)
    .map((shown) => {
      const of = (name: string) =>
        report.results.find((r) => r.candidate === name)?.metrics[shown.metric]?.perRound ?? [];
      const fixed = pairedRatio(of(shown.a), of(shown.b));
      if (fixed.status !== "measured") throw new Error("expected ratios");
      const marginPct = Math.max(shown.floorPct ?? 0, 2);
      return { shown, fixed, options: { marginPct, familySize } };
    });
}

describe("what a comparison rests on", () => {
  test("with a fixed number of rounds: Student's interval and power", async () => {
    const all = await declaredOf();
    expect(all).toHaveLength(4);
    for (const { shown, fixed, options } of all) {
      expect([shown.ciLow, shown.ciHigh]).toEqual([fixed.ciLow, fixed.ciHigh]);
      expect(shown.detectablePct).toBe(detectableEffectPct(fixed, options));
    }
  });

  test("a decomposition has the interval of the comparison that it splits", async () => {
    const plan = planOf("--candidates", "bun/serve,node/hono,bun/hono");
    const { comparisons, decomposition } = await noisyReport({ plan, seed: 6, noise: 0.1 });
    expect(decomposition).toHaveLength(2);
    for (const { a, b, metric, totalCiLow, totalCiHigh } of decomposition) {
      const shown = comparisons.find((c) => c.declared && c.metric === metric && c.a === a && c.b === b);
      expect(totalCiLow).toBeCloseTo(shown?.ciLow ?? 0, 10);
      expect(totalCiHigh).toBeCloseTo(shown?.ciHigh ?? 0, 10);
    }
  });
});

describe("Hodges–Lehmann's estimate in the report", () => {
  const robustOf = async (...argv: string[]) => {
    const report = await noisyReport({
      plan: planOf("--candidates", "bun/serve,node/ws", ...argv),
      seed: 4,
      noise: 0.1,
    });
    return report.comparisons.filter((c) => c.declared);
  };

  test("has an interval of its own over a fixed number of rounds, from six on", async () => {
    for (const c of await robustOf()) {
      expect(c.robustCiLow ?? 9).toBeLessThan(c.robustRatio ?? 0);
      expect(c.robustCiHigh ?? 0).toBeGreaterThan(c.robustRatio ?? 9);
    }
    for (const c of await robustOf("--rounds", "5"))
      expect([c.robustCiLow, c.robustCiHigh]).toEqual([null, null]);
  });
});
