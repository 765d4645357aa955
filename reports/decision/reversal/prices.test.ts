import { describe, expect, test } from "bun:test";
import type { Policy } from "../../../schemas/policy.ts";
import { defaultPolicy } from "../../policies.ts";
import { decide } from "../decide.ts";
import { figuresAround, type Invented, inventReport, plain } from "../fixture.ts";
import { solve } from "../solve.ts";

const with_ = (over: Partial<Policy>): Policy => ({ ...defaultPolicy, ...over });
const invented = (over: Partial<typeof plain>, spread?: number): Invented => ({
  figures: figuresAround({ ...plain, ...over }, 8, spread),
});

describe("prices", () => {
  test("the switch along a price solves the cost equation", () => {
    // Per billion at 10 k/s: CPU hours × price against GiB held for 27.8 h × price.
    const pair = {
      cpu: invented({ cpuNsPerMessage: 4000, rssBytesPeak: 2 ** 30 }, 0),
      memory: invented({ cpuNsPerMessage: 8000, rssBytesPeak: 2 ** 28 }, 0),
    };
    const only = { latencyTail: 0, throughput: 0, cpuCost: 1, memory: 0, startup: 0 };
    const prices = { currency: "USD", vcpuHour: 1, gibHour: 0.001 };
    const decision = decide(inventReport(pair), with_({ weights: only, prices, worthPct: 0 }));
    expect(decision.recommended).toBe("cpu");
    const dearer = decision.reversals.find((r) => r.what === "gibHour" && r.becomes === "memory");
    const hours = 1e9 / 10_000 / 3600;
    const margin = 1.03;
    const cpuHours = (ns: number) => (ns * 1e9) / 3.6e12;
    // cpuHours(4000) + hours x = margin (cpuHours(8000) + hours x / 4), solved for x.
    const x = (margin * cpuHours(8000) - cpuHours(4000)) / (hours * (1 - margin / 4));
    expect((dearer?.at ?? 0) / x).toBeCloseTo(1, 3);
  });

  test("the answer just before and just after a price's switch is what it says", () => {
    const pair = {
      cpu: invented({ cpuNsPerMessage: 4000, rssBytesPeak: 2 ** 30 }, 0),
      memory: invented({ cpuNsPerMessage: 8000, rssBytesPeak: 2 ** 28 }, 0),
    };
    const only = { latencyTail: 0, throughput: 0, cpuCost: 1, memory: 0, startup: 0 };
    const report = inventReport(pair);
    const priced = (vcpuHour: number, gibHour: number) =>
      with_({ weights: only, prices: { currency: "USD", vcpuHour, gibHour }, worthPct: 0 });
    // Between the two answers lies a tie, narrower than a step of the search, which these starts put within one step.
    for (const gibHour of [0, 0.0015, 0.002, 0.003, 0.006]) {
      for (const { kind, what, at, becomes } of decide(report, priced(1, gibHour)).reversals) {
        if (kind !== "price" || at === null) continue;
        const dearer = at > (what === "gibHour" ? gibHour : 1);
        const beside = (part: number) => {
          const price = at * (1 + (dearer ? part : -part));
          const policy = what === "gibHour" ? priced(1, price) : priced(price, gibHour);
          return solve(report, policy).ranking.recommended;
        };
        expect(beside(2e-4)).toBe(becomes);
        expect(beside(-2e-4)).not.toBe(becomes);
      }
    }
  });
});
