import { describe, expect, test } from "bun:test";
import type { Policy, PolicyWeights } from "../../schemas/policy.ts";
import { warningKind } from "../../schemas/warning.ts";
import { defaultPolicy } from "../policies.ts";
import { decide } from "./decide.ts";
import { type Figures, figuresAround, inventReport, plain, worse } from "./fixture.ts";

const with_ = (over: Partial<Policy>): Policy => ({ ...defaultPolicy, ...over });

// With a threshold of 100 % a factor of 1.89 is not shown, and one of 2.27 is.
const base = figuresAround(plain, 8, 0);
const heavy: Figures = { ...worse(base, 1 / 0.53), startupNs: base.startupNs.map((v) => v / 2.27) };
const report = inventReport({ heavy: { figures: heavy }, light: { figures: base } }, { thresholdPct: 100 });

describe("a difference that is shown against many that are not", () => {
  test("does not carry an answer that the figures as measured contradict", () => {
    const { recommended, tied } = decide(report, defaultPolicy);
    expect(recommended).toBeNull();
    expect(tied).toMatchObject([{ candidate: "light", better: ["startup"], worse: [] }]);
    expect(tied[0]?.byPct).toBeLessThan(0);
  });

  test("carries it where its weight makes it the better one as measured", () => {
    const weights: PolicyWeights = { latencyTail: 0.4, throughput: 0, cpuCost: 0, memory: 0, startup: 0.6 };
    const { recommended, runnerUp } = decide(report, with_({ weights }));
    expect(recommended).toBe("heavy");
    // 2.27 to the power of 0.6.
    for (const pct of [runnerUp?.byPct, runnerUp?.ciLowPct, runnerUp?.ciHighPct])
      expect(pct).toBeCloseTo(63.5, 1);
  });

  test("switches along a weight exactly where the two are level as measured", () => {
    const at = (startup: number) =>
      decide(
        report,
        with_({ weights: { latencyTail: 1 - startup, throughput: 0, cpuCost: 0, memory: 0, startup } }),
      );
    // ln 0.53 × (1 − s) + ln 2.27 × s = 0.
    const level = Math.log(0.53) / (Math.log(0.53) - Math.log(2.27));
    for (const from of [0.2, 0.8]) {
      const found = at(from).reversals.filter((r) => r.kind === "weight" && r.what === "startup");
      // Below half of the weight on what is known nobody is chosen either, so that the level is the nearest switch.
      const nearest = found.find((r) => Math.abs((r.at ?? 0) - level) < 1e-9);
      expect(nearest?.becomes).toBe(from < level ? "heavy" : null);
    }
    expect(at(level + 1e-6).recommended).toBe("heavy");
    expect(at(level - 1e-6).recommended).toBeNull();
  });
});

describe("a run without a figure", () => {
  test("says that it was disturbed, and not that candidates miss requirements", () => {
    const empty = { ...inventReport({ a: { figures: base }, b: { figures: base } }), results: [] };
    for (const code of ["foreign-cpu", "steal"] as const) {
      const warnings = [{ code, cause: "", nextStep: "" }];
      expect(decide({ ...empty, warnings }, defaultPolicy).answer).toContain(warningKind(code).cause);
    }
    expect(decide({ ...empty, warnings: [] }, defaultPolicy).answer).toContain("requirements");
  });
});

describe("counts of candidates", () => {
  const tail = (max: number): Policy =>
    with_({ require: [{ kind: "slo", metric: "latencyNsP99", cells: ["feed/*"], max }] });

  test("one that misses the requirements is one", () => {
    const one = inventReport({ only: { figures: base } });
    const { outcome, excluded } = decide(one, tail(1));
    expect(outcome).toBe("nobody-qualifies");
    expect(excluded.map((e) => e.candidate)).toEqual(["only"]);
  });

  test("so is one that is left out", () => {
    const { recommended, excluded } = decide(report, tail(1.1e6));
    expect([recommended, excluded.length]).toEqual(["light", 1]);
  });
});
