import { describe, expect, test } from "bun:test";
import type { Comparison, Report } from "../../schemas/report.ts";
import { studentReach } from "../../stats/student.ts";
import { decided } from "../decision/decided.ts";
import { figuresAround, inventReport, plain } from "../decision/fixture.ts";
import { defaultPolicy } from "../policies.ts";
import { overMachines } from "./machines.ts";
import { machinesText } from "./machines-text.ts";

const rounds = 10;

/** A run on its own machine, which found this ratio of p99 with this standard error of its logarithm. */
function runOn(cpu: string, ratio: number, error = 0.02, over: Partial<Comparison> = {}): Report {
  const figures = figuresAround(plain);
  const undecided = inventReport({ a: { figures }, b: { figures } });
  const [{ cell } = { cell: "" }] = undecided.results;
  const reach = Math.exp(studentReach(0.95, rounds - 1) * error);
  const comparison = {
    ...{
      cell,
      workload: "feed",
      codec: "json",
      metric: "latencyNsP99",
      a: "a",
      b: "b",
      rounds,
      declared: true,
    },
    ...{ ratio, ciLow: ratio / reach, ciHigh: ratio * reach, marginPct: 5, verdict: "b-better" },
    ...over,
  } as Comparison;
  return decided(
    { ...undecided, host: { ...undecided.host, cpu }, comparisons: [comparison] },
    defaultPolicy,
  );
}

const only = (reports: readonly Report[]) => overMachines(reports).comparisons[0];

describe("one verdict over machines", () => {
  test("comes with its spread over hardware", () => {
    const found = only([runOn("x", 1.4), runOn("y", 1.35), runOn("z", 1.5), runOn("w", 1.42)]);
    expect(found).toMatchObject({ reading: "worse", code: "beyond-margin" });
    expect(found?.ratio).toBeCloseTo(1.417, 2);
    expect(found?.ciLow).toBeGreaterThan(1.05);
    expect(found?.spreadPct).toBeGreaterThan(1);
    expect(found?.furtherLow).toBeLessThan(found?.ciLow ?? 0);
    expect(found?.ratios.map((ratio) => ratio?.toFixed(2))).toEqual(["1.40", "1.35", "1.50", "1.42"]);
  });

  test("is undecided where machines contradict each other, however sure each of them is", () => {
    const found = only([runOn("x", 1.5, 0.001), runOn("y", 0.7, 0.001), runOn("z", 1.2, 0.001)]);
    expect(found).toMatchObject({ reading: "undecided", code: "straddles-margin" });
  });

  test("is equal where all of them say so", () => {
    const found = only(["x", "y", "z", "w"].map((cpu, i) => runOn(cpu, 1 + i / 1000, 0.005)));
    expect(found).toMatchObject({ reading: "equal", code: "within-margin" });
  });

  test("cannot be told from one or two machines, and says so", () => {
    for (const reports of [[runOn("x", 1.4)], [runOn("x", 1.4), runOn("y", 1.4)]]) {
      const verdict = overMachines(reports);
      expect(verdict.comparisons[0]).toMatchObject({
        ratio: null,
        reading: "withheld",
        code: "too-few-machines",
      });
      expect(machinesText(reports, verdict, 120)).toContain("nothing follows for others");
    }
  });

  test("is Hartung and Knapp's of the runs' own errors, calculated by hand", () => {
    // Logs 0.3, 0.1 and 0.5, each with an error of 0.1 on 20 degrees of freedom, whose t at 95 % is 2.08596.
    const t20 = 2.085963447;
    const lent = (cpu: string, log: number) => {
      const [ciLow, ciHigh] = [Math.exp(log - t20 * 0.1), Math.exp(log + t20 * 0.1)];
      return runOn(cpu, Math.exp(log), 1, { ciLow, ciHigh, df: 20 });
    };
    const found = only([lent("x", 0.3), lent("y", 0.1), lent("z", 0.5)]);
    // Equal weights: the mean is 0.3, and Q = (0² + 0.2² + 0.2²) ÷ (τ² + 0.01) is k − 1 = 2 at τ² = 0.03.
    expect(Math.log(found?.ratio ?? 0)).toBeCloseTo(0.3, 7);
    expect(found?.spreadPct).toBeCloseTo(100 * (Math.exp(Math.sqrt(0.03)) - 1), 5);
    // Standard error √((0.03 + 0.01) ÷ 3) = 0.1154701; t at 95 % on 2 degrees of freedom is 4.302653, on 1 it is 12.706205.
    const reach = 4.30265273 * 0.11547005;
    expect(Math.log(found?.ciLow ?? 0)).toBeCloseTo(0.3 - reach, 6);
    expect(Math.log(found?.ciHigh ?? 0)).toBeCloseTo(0.3 + reach, 6);
    // A further machine: 12.706205 × √(0.03 + 0.01333333).
    expect(Math.log(found?.furtherHigh ?? 0)).toBeCloseTo(0.3 + 12.7062047 * Math.sqrt(0.03 + 0.04 / 3), 5);
    expect(found).toMatchObject({ reading: "undecided", code: "straddles-margin" });
  });

  test("leaves out what a run withholds or bounds, and what runs asked differently", () => {
    const withheld = { verdict: "withheld" } as const;
    expect(only([runOn("x", 1.4), runOn("y", 1.4), runOn("z", 1.4, 0.02, withheld)])).toMatchObject({
      code: "too-few-machines",
    });
    const [x, y, z] = [runOn("x", 1.4), runOn("y", 1.4), runOn("z", 1.4)];
    const results = z.results.map((r) => ({ ...r, params: { ...r.params, windowMs: 999 } }));
    const verdict = overMachines([x, y, { ...z, results }]);
    expect(verdict.comparisons).toEqual([]);
    expect(verdict.leftOut).toContain(x.comparisons[0]?.cell ?? "");
  });

  test("says which runs may be of one machine", () => {
    expect(overMachines([runOn("x", 1.4), runOn("y", 1.4), runOn("x", 1.3)]).alike).toEqual([[0, 2]]);
  });
});
