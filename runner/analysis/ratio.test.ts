import { describe, expect, test } from "bun:test";
import { metricKinds } from "../../schemas/metric.ts";
import type { CellResult } from "../../schemas/report.ts";
import { detectableEffectPct } from "../../stats/detectable.ts";
import { pairedRatio, widened } from "../../stats/paired.ts";
import { studentReach } from "../../stats/student.ts";
import { noisyReport } from "../fixtures/noisy-run.ts";
import { planFrom } from "../fixtures/planned.ts";
import { familySizeOf } from "../plan/comparison-plan.ts";
import { ratioOf, roundsOf } from "./ratio.ts";

function planOf(...argv: string[]) {
  return planFrom("--profile", "quick", "--workloads", "echo/sbe*", "--rounds", "12", ...argv);
}

/** A whole run, as the command makes it, and for each declared comparison what its rounds say. */
async function declaredOf(...argv: string[]) {
  const plan = planOf("--candidates", "bun/serve,node/ws,node/hono", ...argv);
  const report = await noisyReport({ plan, seed: 4, noise: 0.1, slower: (n) => (n === "node/ws" ? 1.2 : 1) });
  return report.comparisons
    .filter((c) => c.declared)
    .map((shown) => {
      const of = (name: string) =>
        report.results.find((r) => r.candidate === name)?.metrics[shown.metric]?.perRound ?? [];
      // The reference's figure of a round is the mean of the logs of both copies.
      const again = of(`${shown.b}#2`);
      const reference = of(shown.b).map((value, i) => Math.sqrt((value ?? 0) * (again[i] ?? 0)));
      const plain = pairedRatio(of(shown.a), reference);
      if (plain.status !== "measured") throw new Error("expected a ratio");
      const { family } = metricKinds[shown.metric];
      const options = {
        marginPct: plan.margins[family].thresholdPct,
        familySize: familySizeOf(plan, family),
      };
      return { shown, plain, widening: report.noise.calibration.factor, options };
    });
}

describe("what a comparison rests on", () => {
  test("the mean of both copies of the reference, paired by round and calibrated", async () => {
    const all = await declaredOf();
    expect(all).toHaveLength(4);
    for (const { shown, plain, widening, options } of all) {
      const calibrated = widened(plain, widening);
      expect(shown.ratio).toBeCloseTo(plain.ratio, 12);
      expect(shown.ciLow ?? 0).toBeCloseTo(calibrated.ciLow, 12);
      expect(shown.ciHigh ?? 0).toBeCloseTo(calibrated.ciHigh, 12);
      const width = Math.log((shown.ciHigh ?? 1) / (shown.ciLow ?? 1));
      expect(width).toBeCloseTo(widening * Math.log(plain.ciHigh / plain.ciLow), 10);
      expect(shown.detectablePct).toBeCloseTo(detectableEffectPct(calibrated.log, options) ?? 0, 9);
    }
  });

  test("six candidates lend each other degrees of freedom in declared comparisons, and in no other", async () => {
    const plan = planOf("--candidates", "bun/serve,node/ws,node/hono,bun/ws,bun/hono,bun/elysia");
    const { comparisons, results, noise } = await noisyReport({ plan, seed: 5, noise: 0.1 });
    const declared = comparisons.filter((c) => c.declared);
    expect(declared.length).toBeGreaterThan(8);
    for (const { df, rounds } of declared) expect(df ?? 0).toBeGreaterThanOrEqual(rounds - 1);
    expect(declared.some(({ df, rounds }) => (df ?? 0) > rounds + 1)).toBe(true);
    const others = comparisons.filter((c) => !c.declared && c.ratio !== null);
    expect(others.length).toBeGreaterThan(0);
    for (const { df, rounds } of others) expect(df).toBe(rounds - 1);
    // No interval is narrower than the scatter of its own rounds on so many degrees of freedom.
    for (const { a, b, cell, metric, ciLow, ciHigh, df } of declared) {
      const plain = ratioOf(
        roundsOf(plan, results, a, cell, metric),
        roundsOf(plan, results, b, cell, metric),
      );
      if (plain?.status !== "measured") throw new Error("expected a ratio");
      const half = 0.5 * Math.log((ciHigh ?? 1) / (ciLow ?? 1));
      const own = studentReach(0.95, df ?? 1) * plain.log.error * noise.calibration.factor;
      expect(half).toBeGreaterThanOrEqual(own * (1 - 1e-9));
    }
  });

  test("one copy alone where the other has no figure of a round, or none at all", async () => {
    const plan = planOf("--candidates", "bun/serve,node/ws");
    const whole = await noisyReport({ plan, seed: 4, noise: 0.05 });
    const [cell] = plan.cells;
    const rounds = (results: CellResult[]) =>
      roundsOf(plan, results, "bun/serve", cell?.id ?? "", "cpuNsPerMessage");
    const own = whole.results.find((r) => r.candidate === "bun/serve")?.metrics.cpuNsPerMessage?.perRound;
    const copy = whole.results.find((r) => r.candidate === "bun/serve#2")?.metrics.cpuNsPerMessage?.perRound;
    const holed = whole.results.map((r) => {
      const metric = r.metrics.cpuNsPerMessage;
      if (r.candidate !== "bun/serve" || metric === undefined) return r;
      const perRound = metric.perRound.map((v, i) => (i === 3 ? null : v));
      return { ...r, metrics: { ...r.metrics, cpuNsPerMessage: { ...metric, perRound } } };
    });
    expect(rounds(holed)?.[3]).toBe(copy?.[3] ?? 0);
    expect(rounds(holed)?.[4]).toBeCloseTo(Math.sqrt((own?.[4] ?? 0) * (copy?.[4] ?? 0)), 9);
    expect(rounds(whole.results.filter((r) => r.candidate !== "bun/serve"))).toEqual([...(copy ?? [])]);
    expect(rounds(whole.results.filter((r) => r.candidate !== "bun/serve#2"))).toEqual([...(own ?? [])]);
  });

  test("what is not decided tells how long a run would decide it, and what is has no such length", async () => {
    const plan = planOf("--candidates", "bun/serve,node/ws,node/hono");
    const report = await noisyReport({ plan, seed: 4, noise: 0.1 });
    const declared = report.comparisons.filter((c) => c.declared);
    const open = declared.filter((c) => c.verdict === "undecided");
    expect(open.length).toBeGreaterThan(0);
    for (const c of open) {
      expect(c.minutesToDecide ?? Infinity).toBeGreaterThan(report.run.durationMs / 60_000);
      expect(c.spread).not.toBeNull();
    }
    for (const c of declared.filter(({ verdict }) => verdict !== "undecided")) {
      expect([c.minutesToDecide, c.spread]).toEqual([null, null]);
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
