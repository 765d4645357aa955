import { describe, expect, test } from "bun:test";
import type { Policy } from "../../../schemas/policy.ts";
import { defaultPolicy } from "../../policies.ts";
import { decide } from "../decide.ts";
import { figuresAround, type Invented, inventReport, plain } from "../fixture.ts";

const invented = (over: Partial<typeof plain>): Invented => ({
  figures: figuresAround({ ...plain, ...over }, 8, 0),
});
const cell = "push/json/146B/c8";

describe("a least rate that the policy does not set", () => {
  // Ahead by its tail, and behind on the rate that it can carry.
  const quick = invented({ latencyNsP99: 2e5, throughputHz: 6e5 });
  const strong = invented({});
  const rates = (report: ReturnType<typeof inventReport>, policy: Policy = defaultPolicy) =>
    decide(report, policy).reversals.filter((r) => r.what === `throughput in ${cell}`);

  test("is asked about, and the switch lies at the answer's own rate", () => {
    const report = inventReport({ quick, strong });
    expect(decide(report, defaultPolicy).recommended).toBe("quick");
    const [found] = rates(report);
    expect(found).toMatchObject({ kind: "requirement", from: null, becomes: "strong" });
    expect(found?.at).toBeCloseTo(6e5, 3);
    expect(found?.text).toBe(
      "If throughput in the push of 146 B JSON to 8 connections must be over 600 k/s (the lower end of quick's interval; no limit now), strong is recommended.",
    );
    const required = (min: number): Policy => ({
      ...defaultPolicy,
      require: [{ kind: "slo", metric: "throughputHz", cells: [cell], min }],
    });
    expect(decide(report, required(6e5)).recommended).toBe("quick");
    expect(decide(report, required(6.001e5)).recommended).toBe("strong");
  });

  test("is not asked about where the policy sets it, nor of a rate that is a lower bound", () => {
    const slo = { kind: "slo", metric: "throughputHz", cells: [cell], min: 1e5 } as const;
    const set: Policy = { ...defaultPolicy, require: [{ ...slo, cells: [cell] }] };
    expect(rates(inventReport({ quick, strong }), set).map((r) => r.from)).toEqual([1e5]);
    expect(rates(inventReport({ quick: { ...quick, headroom: 1.2 }, strong }))).toEqual([]);
  });
});
