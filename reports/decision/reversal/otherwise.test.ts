import { expect, test } from "bun:test";
import fc from "fast-check";
import type { MetricName } from "../../../schemas/metric.ts";
import type { Policy, PolicyAxis, Requirement } from "../../../schemas/policy.ts";
import type { Reversal, Undecided } from "../../../schemas/report.ts";
import { defaultPolicy } from "../../policies.ts";
import { decide } from "../decide.ts";
import { figuresAround, type Invented, inventReport, plain } from "../fixture.ts";
import { type LimitRequirement, limitOf, withLimit } from "../requirements.ts";
import { solve } from "../solve.ts";
import { weightsAt } from "./weights.ts";

/** On a grid, so that a figure just beyond one candidate's is not beyond the next one's. */
const factor = fc.integer({ min: 50, max: 200 }).map((x) => x / 100);

const candidate = fc.record({
  factors: fc.tuple(factor, factor, factor, factor, factor),
  headroom: fc.constantFrom(1.2, 10, 10, 10),
  reach: fc.constantFrom(0.99, 1, 1, 1, 1),
});

/** Reports of two to four candidates in one to six rounds; of some a figure is missing. */
const anyReport = fc
  .record({
    drawn: fc.array(candidate, { minLength: 2, maxLength: 4 }),
    rounds: fc.constantFrom(1, 2, 3, 6),
    spread: fc.constantFrom(0, 0.01, 0.2),
    thresholdPct: fc.constantFrom(3, 30),
    lacking: fc.constantFrom<MetricName | null>(null, null, "throughputHz", "latencyNsP99"),
  })
  .map(({ drawn, rounds, spread, thresholdPct, lacking }): Undecided => {
    const candidates = drawn.map(
      ({ factors: [tail, rate, cpu, rss, start], ...rest }, i): [string, Invented] => {
        const centre = {
          latencyNsP99: plain.latencyNsP99 * tail,
          throughputHz: plain.throughputHz * rate,
          cpuNsPerMessage: plain.cpuNsPerMessage * cpu,
          rssBytesPeak: plain.rssBytesPeak * rss,
          startupNs: plain.startupNs * start,
        };
        return [`c${i}`, { ...rest, figures: figuresAround(centre, rounds, spread) }];
      },
    );
    const report = inventReport(Object.fromEntries(candidates), { thresholdPct });
    // A second push cell, so that an axis has evidence though a figure of one candidate is missing in the first.
    const again = report.results
      .filter((r) => r.workload === "push")
      .map((r) => ({ ...r, cell: "push/again" }));
    const first = report.results.map((r) => {
      if (r.candidate !== "c0" || lacking === null) return r;
      const { [lacking]: _, ...metrics } = r.metrics;
      return { ...r, metrics };
    });
    return { ...report, results: [...first, ...again] };
  });

const weight = fc.constantFrom(0, 0, 1, 2, 5);
const anyWeights = fc
  .record({ latencyTail: weight, throughput: weight, cpuCost: weight, memory: weight, startup: weight })
  .filter((w) => Object.values(w).some((x) => x > 0));

const anyRequirements = fc.constantFrom<Requirement[]>(
  [],
  defaultPolicy.require,
  [{ kind: "slo", metric: "latencyNsP99", cells: ["feed/*"], max: 1e6 }],
  [{ kind: "slo", metric: "throughputHz", cells: ["push/*"], min: 1e6 }],
  [{ kind: "memory", cells: ["*"], maxBytes: 6e7 }],
);

const anyPolicy = fc
  .record({ weights: anyWeights, require: anyRequirements })
  .map((over): Policy => ({ ...defaultPolicy, ...over }));

/** The requirement that a reversal moves, among those of the policy or as one that it does not set. */
function movedRequirement(policy: Policy, { what, from }: Reversal): LimitRequirement {
  const set = policy.require.find((r): r is LimitRequirement => r.kind !== "codec" && limitOf(r) === from);
  if (set !== undefined && from !== null) return set;
  const where = what.split(" in ").slice(1);
  if (what.startsWith("latency p99")) return { kind: "slo", metric: "latencyNsP99", cells: where, max: 1 };
  if (what.startsWith("RSS peak")) return { kind: "slo", metric: "rssBytesPeak", cells: where, max: 1 };
  return { kind: "slo", metric: "throughputHz", cells: where, min: 1 };
}

/** The policy just beyond the switch that a reversal tells. */
function beyond(report: Undecided, policy: Policy, reversal: Reversal): Policy {
  const { kind, what, from, text } = reversal;
  const at = reversal.at ?? 0;
  switch (kind) {
    case "weight": {
      const share = at + (text.includes(" over ") ? 1e-7 : -1e-7);
      return { ...policy, weights: weightsAt(policy, solve(report, policy), what as PolicyAxis, share) };
    }
    case "price": {
      const price = at * (text.includes(" over ") ? 1 + 2e-4 : 1 - 2e-4);
      return { ...policy, prices: { ...policy.prices, [what]: price } };
    }
    default: {
      const moved = movedRequirement(policy, reversal);
      const by = text.includes(" under ") ? 1 - 1e-9 : text.includes(" over ") ? 1 + 1e-9 : 1;
      const kept = from === null ? policy.require : policy.require.filter((r) => r !== moved);
      return { ...policy, require: [...kept, withLimit(moved, at * by)] };
    }
  }
}

test("what a reversal says is what the decision itself answers beyond the switch", () => {
  let told = 0;
  fc.assert(
    fc.property(anyReport, anyPolicy, (report, policy) => {
      for (const reversal of decide(report, policy).reversals) {
        told += 1;
        const { recommended } = decide(report, beyond(report, policy, reversal));
        expect({ text: reversal.text, recommended }).toEqual({
          text: reversal.text,
          recommended: reversal.becomes,
        });
      }
    }),
    { seed: 20_261_124, numRuns: 120 },
  );
  expect(told).toBeGreaterThan(100);
}, 60_000);

test("two rounds name nobody by a limit, since they do not show that it is kept", () => {
  const two = (rounds: number) =>
    inventReport({
      quick: { figures: figuresAround({ ...plain, latencyNsP99: 5e5 }, rounds, 0.2) },
      slow: { figures: figuresAround({ ...plain, cpuNsPerMessage: 1000 }, rounds, 0.2) },
    });
  const byLimit = (report: Undecided) =>
    decide(report, defaultPolicy).reversals.filter((r) => r.kind === "requirement");
  expect(byLimit(two(6)).map((r) => r.becomes)).toContain("quick");
  expect(byLimit(two(2))).toEqual([]);
  const max: Requirement = { kind: "slo", metric: "latencyNsP99", cells: ["feed/*"], max: 8e5 };
  const { recommended, leader, outcome } = decide(two(2), { ...defaultPolicy, require: [max] });
  expect([recommended, leader]).toEqual([null, "quick"]);
  expect(outcome).toBe("limit-not-shown");
});

test("a codec or a fan-out that shows nothing names nobody", () => {
  const report = inventReport({
    good: { figures: figuresAround({ ...plain, latencyNsP99: 3e5, throughputHz: 4e6 }) },
    other: { figures: figuresAround({ ...plain, cpuNsPerMessage: 4900 }) },
  });
  // As measured the other is better in SBE, by less than the noise floor.
  const again = report.results
    .filter((r) => r.workload === "feed")
    .map((r) => {
      const { cpuNsPerMessage, rssBytesPeak, deliveriesHz } = r.metrics;
      const metrics = { cpuNsPerMessage, rssBytesPeak, deliveriesHz } as typeof r.metrics;
      return { ...r, codec: "sbe" as const, cell: "feed/sbe/passthrough/send/s10", metrics };
    });
  const found = decide({ ...report, results: [...report.results, ...again] }, defaultPolicy);
  expect(found.recommended).toBe("good");
  expect(found.reversals.filter((r) => r.kind === "codec")).toEqual([]);
});

test("where a weight begins to count, who lacks the figures that it weighs is out", () => {
  const report = inventReport({
    strong: { figures: figuresAround({ ...plain, throughputHz: 9e6 }) },
    middling: { figures: figuresAround({ ...plain, throughputHz: 4e6 }) },
    quick: { figures: figuresAround({ ...plain, latencyNsP99: 5e5 }) },
  });
  const push = report.results.filter((r) => r.workload === "push");
  const again = push.map((r) => ({ ...r, cell: "push/again" }));
  const results = report.results.filter((r) => r.workload !== "push" || r.candidate !== "strong");
  const weights = { ...defaultPolicy.weights, throughput: 0 };
  const found = decide({ ...report, results: [...results, ...again] }, { ...defaultPolicy, weights });
  const named = found.reversals.filter((r) => r.what === "throughput").map((r) => r.becomes);
  expect(found.recommended).toBe("quick");
  expect(named).toEqual([null, "middling"]);
});
