import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Policy, Requirement } from "../../schemas/policy.ts";
import { report as reportSchema } from "../../schemas/report.ts";
import { defaultPolicy, policies } from "../policies.ts";
import { decide } from "./decide.ts";
import { type Figures, figuresAround, type Invented, inventReport, plain, worse } from "./fixture.ts";

const seeded = { seed: 20_260_304, numRuns: 40 };
/** Every property takes some hundred decisions, which a busy machine may need long for. */
const patience = 60_000;
const with_ = (over: Partial<Policy>): Policy => ({ ...defaultPolicy, ...over });

/** Two to five candidates whose figures differ by up to a factor of four, with up to 8 % of noise between rounds. */
const anyCandidates = fc
  .array(
    fc.record({
      factors: fc.tuple(...Array.from({ length: 5 }, () => fc.double({ min: 0.5, max: 2, noNaN: true }))),
      noise: fc.array(
        fc.array(fc.double({ min: 0.92, max: 1.08, noNaN: true }), { minLength: 6, maxLength: 6 }),
        {
          minLength: 5,
          maxLength: 5,
        },
      ),
    }),
    { minLength: 2, maxLength: 5 },
  )
  .map((drawn) => {
    const names = Object.keys(plain) as (keyof Figures)[];
    return Object.fromEntries(
      drawn.map(({ factors, noise }, i): [string, Invented] => {
        const values = names.map((name, k) => [
          name,
          (noise[k] ?? []).map((n) => plain[name] * (factors[k] ?? 1) * n),
        ]);
        return [`c${i}`, { figures: Object.fromEntries(values) as unknown as Figures }];
      }),
    );
  });

const anyWeights = fc
  .record({
    latencyTail: fc.integer({ min: 0, max: 20 }),
    throughput: fc.integer({ min: 0, max: 20 }),
    cpuCost: fc.integer({ min: 0, max: 20 }),
    memory: fc.integer({ min: 0, max: 20 }),
    startup: fc.integer({ min: 0, max: 20 }),
  })
  .filter((w) => Object.values(w).some((x) => x > 0));

describe("properties of a decision", () => {
  test(
    "a dominated candidate never wins",
    () => {
      fc.assert(
        fc.property(
          anyCandidates,
          anyWeights,
          fc.double({ min: 1, max: 3, noNaN: true }),
          (all, weights, factor) => {
            const first = all.c0;
            if (first === undefined) return;
            const report = inventReport({ ...all, dominated: { figures: worse(first.figures, factor) } });
            const decision = decide(report, with_({ weights }));
            expect(decision.recommended).not.toBe("dominated");
            expect(decision.sensitivity.find((s) => s.candidate === "dominated")?.sharePct).toBe(0);
          },
        ),
        seeded,
      );
    },
    patience,
  );

  test(
    "scaling every weight changes nothing but the policy it prints",
    () => {
      fc.assert(
        fc.property(anyCandidates, anyWeights, fc.constantFrom(0.001, 0.3, 7, 1e6), (all, weights, by) => {
          const report = inventReport(all);
          const scaled = Object.fromEntries(
            Object.entries(weights).map(([k, w]) => [k, w * by]),
          ) as typeof weights;
          const { policyUsed: _, ...once } = decide(report, with_({ weights }));
          const { policyUsed: __, ...again } = decide(report, with_({ weights: scaled }));
          expect(again).toEqual(once);
        }),
        seeded,
      );
    },
    patience,
  );

  test(
    "tightening a requirement never readmits anyone",
    () => {
      const limits = fc.tuple(
        fc.double({ min: 3e5, max: 3e6, noNaN: true }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
      );
      fc.assert(
        fc.property(anyCandidates, limits, fc.boolean(), (all, [limit, by], memory) => {
          const require = (max: number): Requirement[] => [
            memory
              ? { kind: "memory", cells: ["*"], maxBytes: max * 60 }
              : { kind: "slo", metric: "latencyNsP99", cells: ["feed/*"], max },
          ];
          const out = (max: number) =>
            decide(inventReport(all), with_({ require: require(max) })).excluded.map((e) => e.candidate);
          const tightened = out(limit * by);
          for (const candidate of out(limit)) expect(tightened).toContain(candidate);
        }),
        seeded,
      );
    },
    patience,
  );

  test(
    "the order of candidates and results changes nothing",
    () => {
      fc.assert(
        fc.property(anyCandidates, anyWeights, (all, weights) => {
          const report = inventReport(all);
          const turned = {
            ...report,
            candidates: [...report.candidates].reverse(),
            results: [...report.results].reverse(),
          };
          expect(decide(turned, with_({ weights }))).toEqual(decide(report, with_({ weights })));
        }),
        seeded,
      );
    },
    patience,
  );

  test(
    "the replicate never wins, however good its luck",
    () => {
      fc.assert(
        fc.property(anyCandidates, anyWeights, (all, weights) => {
          const best = worse(all.c0?.figures ?? figuresAround(plain), 0.1);
          const report = inventReport({ ...all, "c0#2": { figures: best, replicateOf: "c0" } });
          const decision = decide(report, with_({ weights }));
          const { "c0#2": _, ...without } = { ...all, "c0#2": null };
          expect(decision.leader).not.toBe("c0#2");
          expect(decision.recommended).toBe(decide(inventReport(without), with_({ weights })).recommended);
        }),
        seeded,
      );
    },
    patience,
  );

  test(
    "every decision fits the report schema",
    () => {
      fc.assert(
        fc.property(anyCandidates, fc.constantFrom(...policies), (all, policy) => {
          expect(() => reportSchema.shape.decision.parse(decide(inventReport(all), policy))).not.toThrow();
        }),
        seeded,
      );
    },
    patience,
  );
});
