import { describe, expect, test } from "bun:test";
import { formatFigure } from "../../reports/format.ts";
import { factsOf, type Workload } from "../../schemas/cell.ts";
import type { EventOf } from "../../schemas/event.ts";
import type { Measurement } from "../../schemas/load.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { Comparison } from "../../schemas/report.ts";
import { pairedRatio, widened } from "../../stats/paired.ts";
import { createRandom } from "../../stats/random.ts";
import { planFrom } from "../fixtures/planned.ts";
import { analyseScript, type Script } from "../fixtures/scripted-run.ts";
import { familySizeOf } from "../plan/comparison-plan.ts";

function planOf(candidates: string, workloads: string, rounds = 10): Plan {
  return planFrom("--candidates", candidates, "--workloads", workloads, "--rounds", `${rounds}`);
}

const echo = planOf("bun/serve,node/ws", "echo/sbe*");

/** Rates around these, with 1 % of noise a round; null for a candidate that measures nothing. */
function rates(rateOf: (candidate: string) => number | null): NonNullable<Script["measure"]> {
  return (candidate, _, round) => {
    const rate = rateOf(candidate);
    if (rate === null) return null;
    // A draw of its own for each candidate and round, so that leaving one out changes no other.
    const random = createRandom(Bun.hash.crc32(`${candidate} ${round}`));
    const throughputHz = rate * Math.exp(0.01 * random.normal());
    return {
      metrics: { throughputHz, cpuNsPerMessage: 1e9 / throughputHz, latencyNsMean: 512e9 / throughputHz },
    };
  };
}
const twiceAsFast = rates((name) => (name === "node/ws" ? 1000 : 2000));
const comparisonOf = (comparisons: readonly Comparison[], metric: Comparison["metric"]) =>
  comparisons.find((c) => c.metric === metric && c.declared);

const perRound = (told: ReturnType<typeof analyseScript>, name: string) =>
  told.results.find((r) => r.candidate === name)?.metrics.throughputHz?.perRound ?? [];

describe("a candidate that fails some of its trials", () => {
  const crashesIn = (rounds: readonly number[], how: Partial<EventOf<"trial-failed">> = {}) => {
    const [cell] = echo.cells;
    const measure: Script["measure"] = (name, spec, round) =>
      name === "node/ws" && rounds.includes(round) ? null : twiceAsFast(name, spec, round);
    const more = rounds.map((round) => ({
      type: "trial-failed" as const,
      at: "2026-03-04T09:30:00.000Z",
      candidate: "node/ws",
      cell: cell?.id ?? "",
      round,
      phase: "measure" as const,
      reason: "the server was lost",
      stderr: [],
      ...how,
    }));
    return analyseScript({ plan: echo, measure, more });
  };

  test("is judged by the rest where the generator lost them, which is nobody's failure", () => {
    const told = crashesIn([1, 3, 5, 7], { fault: "generator" });
    expect(comparisonOf(told.comparisons, "throughputHz")?.verdict).toBe("b-better");
    expect(told.failures).toHaveLength(4);
    const all = crashesIn([...Array(10).keys()], { fault: "generator" });
    expect(all.candidates.find((c) => c.id === "node/ws")?.status).toBe("ok");
    const own = crashesIn([...Array(10).keys()]);
    expect(own.candidates.find((c) => c.id === "node/ws")?.status).toBe("failed");
  });

  test("is given no verdict where it died of the warm-up, which is of no cell", () => {
    const { comparisons } = crashesIn([2], { cell: null, phase: "warm-up" });
    expect(comparisonOf(comparisons, "throughputHz")?.verdict).toBe("withheld");
  });

  test("is given no verdict for the rounds that it survived", () => {
    expect(comparisonOf(crashesIn([]).comparisons, "throughputHz")?.verdict).not.toBe("withheld");
    const { comparisons, results } = crashesIn([1, 3, 5, 7]);
    expect(results.find((r) => r.candidate === "node/ws")?.rounds).toBe(6);
    expect(comparisonOf(comparisons, "throughputHz")).toMatchObject({
      verdict: "withheld",
      why: "node/ws failed in 4 of 10 trials; its figures come from the others",
    });
  });
});

describe("headroom", () => {
  test("is in every result: ceiling ÷ rate, of deliveries in an open loop", () => {
    const plan = planOf("bun/serve,node/ws", "*");
    const told: Partial<Record<Workload, Measurement["metrics"]>> = {
      feed: { deliveriesHz: 500 },
      fanout: { deliveriesHz: 500 },
      connections: { connectionsHz: 500 },
      "slow-consumer": { deliveriesHz: 500 },
      flood: { deliveriesHz: 500 },
      capacity: { capacityHz: 500 },
      recovery: { deliveriesHz: 500 },
      "seed-study": { throughputHz: 500 },
    };
    const measure: Script["measure"] = (_, { spec }) => {
      const metrics = told[spec.workload];
      return metrics === undefined ? {} : { metrics };
    };
    const { results } = analyseScript({ plan, measure, ceilingHz: 10_000 });
    expect(new Set(results.map((r) => r.cell)).size).toBe(plan.cells.length);
    for (const { workload, headroom } of results) {
      // What is measured within a runtime is bound by no generator.
      const bound = told[workload] === undefined ? 10 : 20;
      expect({ workload, headroom }).toEqual({
        workload,
        headroom: factsOf(workload).ofRuntime === true ? null : bound,
      });
    }
  });

  test("is never below 1: what the fastest candidate had, the generator can do", () => {
    const { results } = analyseScript({ plan: echo, measure: twiceAsFast, ceilingHz: 1500 });
    const of = (name: string) => results.find((r) => r.candidate === name)?.headroom ?? 0;
    const fastest = Math.min(...results.map((r) => r.headroom ?? 0));
    expect(fastest).toBe(1);
    expect(of("node/ws")).toBeGreaterThan(1.9);
    expect(
      analyseScript({ plan: echo, measure: twiceAsFast, ceilingHz: null }).results[0]?.headroom,
    ).toBeNull();
  });

  test("below 1.5 the faster side is still better, and the ratio is a bound", () => {
    const { comparisons } = analyseScript({ plan: echo, measure: twiceAsFast, ceilingHz: 2400 });
    expect(comparisonOf(comparisons, "throughputHz")).toMatchObject({
      verdict: "b-better",
      bound: "at-most",
    });
    expect(comparisonOf(comparisons, "throughputHz")?.why).toMatch(
      /^interval .* is wholly beyond .*; bun\/serve reached 8\d % of the generator's own ceiling, so its rate is a lower bound and the true difference no smaller$/,
    );
    expect(comparisonOf(comparisons, "cpuNsPerMessage")).toMatchObject({ verdict: "b-better" });
    expect(comparisonOf(comparisons, "cpuNsPerMessage")).not.toHaveProperty("bound");
    const clear = analyseScript({ plan: echo, measure: twiceAsFast, ceilingHz: 4000 });
    expect(comparisonOf(clear.comparisons, "throughputHz")?.verdict).toBe("b-better");
    expect(comparisonOf(clear.comparisons, "throughputHz")).not.toHaveProperty("bound");
  });

  test("a rate without a ceiling carries no verdict", () => {
    const { comparisons } = analyseScript({ plan: echo, measure: twiceAsFast, ceilingHz: null });
    expect(comparisonOf(comparisons, "throughputHz")).toMatchObject({
      verdict: "withheld",
      why: "the load generator's limit was not measured, so node/ws's rate may be the generator's",
    });
  });

  test("what is a lower bound is no corner of a decomposition", () => {
    const plan = planOf("bun/ws,node/ws,bun/hono,node/hono", "echo/sbe*");
    const measure = rates((name) => (name.startsWith("bun/ws") ? 2000 : 1000));
    const metricsOf = (ceilingHz: number) =>
      new Set(analyseScript({ plan, measure, ceilingHz }).decomposition.map((d) => d.metric));
    expect(metricsOf(4000)).toEqual(new Set(["throughputHz", "cpuNsPerMessage"]));
    const [split] = analyseScript({ plan, measure, ceilingHz: 4000 }).decomposition;
    expect(split?.path).toHaveLength(2);
    // Without bun/ws one bridge at the most is left, and none for the pair that it is a side of.
    const rated = analyseScript({ plan, measure, ceilingHz: 2400 }).decomposition.filter(
      (d) => d.metric === "throughputHz",
    );
    expect(rated.flatMap((d) => [d.a, d.b, ...d.path])).not.toContain("bun/ws");
  });
});

const quietGenerator: Measurement["generator"] = {
  cpuNs: 1,
  waitNs: null,
  latenessNsP50: 0,
  latenessNsP99: 0,
  latenessNsMax: 0,
  hiccupNsMax: 0,
  turnaroundNsMean: null,
};

describe("a generator that is late", () => {
  const late: Partial<Measurement> = {
    generator: { ...quietGenerator, latenessNsP99: 9e6, latenessNsMax: 9e6 },
  };
  const plan = planOf("bun/serve,node/ws", "feed/json/passthrough/send*");

  test("in every round withholds each declared comparison with the reason", () => {
    const told = analyseScript({ plan, measure: (name) => (name === "node/ws" ? late : {}) });
    expect(told.results.map((r) => r.candidate)).not.toContain("node/ws");
    const declared = told.comparisons.filter((c) => c.declared);
    expect(declared.map((c) => c.metric)).toEqual(["latencyNsP50", "latencyNsP99", "cpuNsPerMessage"]);
    for (const comparison of declared) {
      expect(comparison).toMatchObject({ a: "node/ws", b: "bun/serve", verdict: "withheld", rounds: 0 });
      expect(comparison.why).toStartWith("no trial of node/ws counts: the generator's p99 lateness was");
    }
  });

  test("is no contamination", () => {
    expect(analyseScript({ plan, measure: () => late }).noise.contaminatedTrials).toBe(0);
    const cores = [{ core: 1, elapsedNs: 1e8, busyNs: 1e8, foreignNs: 5e7, stealNs: 0 }];
    const { noise } = analyseScript({ plan, measure: (name) => (name === "node/ws" ? { cores } : {}) });
    expect(noise.contaminatedTrials).toBe(plan.rounds);
  });
});

describe("what is the generator's own", () => {
  test("in a tail withholds it, and the figure reads at most", () => {
    const plan = planOf("bun/serve,node/ws", "feed/json/passthrough/send*");
    const own = (latenessNsP99: number): Partial<Measurement> => {
      return { generator: { ...quietGenerator, latenessNsP99, latenessNsMax: 9e5, hiccupNsMax: 9e5 } };
    };
    // Every latency of such a run is 1,000 ns.
    const codes = (latenessNsP99: number) =>
      analyseScript({ plan, measure: (name) => (name === "node/ws" ? own(latenessNsP99) : {}) })
        .comparisons.filter((c) => c.declared && c.metric.startsWith("latency"))
        .map((c) => [c.metric, c.code]);
    expect(codes(500)).toContainEqual(["latencyNsP99", "mostly-generator"]);
    expect(codes(500)).not.toContainEqual(["latencyNsP50", "mostly-generator"]);
    expect(codes(499).map(([, code]) => code)).not.toContain("mostly-generator");
    const [result] = analyseScript({ plan, measure: () => own(600) }).results;
    const p99 = result?.metrics.latencyNsP99;
    if (result === undefined || p99 === undefined) throw new Error("expected a p99");
    expect(formatFigure("latencyNsP99", result, p99)).toBe("at most 1.00 µs");
  });

  test("in a rate makes it a lower bound, though the null server's ceiling is far", () => {
    const plan = planOf("bun/serve,node/ws", "echo/sbe*");
    const use = { voluntarySwitches: 0, involuntarySwitches: 0, rssBytesBefore: 0, rssBytesConnected: 0 };
    const saturated: Partial<Measurement> = {
      generator: { ...quietGenerator, cpuNs: 9.9e7 },
      server: { ...use, cpuNs: 5e7, rssBytesPeak: 0, threads: 1 },
    };
    const told = analyseScript({
      plan,
      ceilingHz: 1e9,
      measure: (name, _, round) => (name === "node/ws" && round === 3 ? saturated : {}),
    });
    const headroom = (name: string) => told.results.find((r) => r.candidate === name)?.headroom;
    expect([headroom("node/ws"), headroom("bun/serve")]).toEqual([1, 1e6]);
    const rate = told.comparisons.find((c) => c.declared && c.metric === "throughputHz");
    expect(rate).toMatchObject({ verdict: "withheld", code: "generator-limited" });
  });
});

describe("the declared family", () => {
  test("is the plan's, whoever fails: its size is what Holm and the detectable effect take", () => {
    const plan = planOf("bun/serve,node/ws,node/hono", "echo/sbe*");
    expect([familySizeOf(plan, "rate"), familySizeOf(plan, "cost"), familySizeOf(plan, "latency")]).toEqual([
      2, 2, 0,
    ]);
    const whole = analyseScript({ plan, measure: rates((name) => (name === "node/ws" ? 1000 : 1012)) });
    const cut = analyseScript({
      plan,
      measure: rates((name) => (name === "node/ws" ? 1000 : name === "node/hono" ? null : 1012)),
    });
    const declared = cut.comparisons.filter((c) => c.declared);
    expect(declared.map((c) => c.a)).toEqual(["node/ws", "node/ws"]);
    for (const one of declared) {
      const same = whole.comparisons.find((c) => c.declared && c.a === one.a && c.metric === one.metric);
      expect(one.detectablePct).toBe(same?.detectablePct ?? 0);
      expect(one.pHolm ?? 0).toBeGreaterThanOrEqual(same?.pHolm ?? 1);
    }
    // The smallest p of a family of two is multiplied by two, however many were measured.
    const [once, again] = [perRound(cut, "bun/serve"), perRound(cut, "bun/serve#2")];
    const reference = once.map((rate, i) => Math.sqrt((rate ?? 0) * (again[i] ?? 0)));
    const pair = pairedRatio(perRound(cut, "node/ws"), reference);
    if (pair.status !== "measured") throw new Error(pair.why);
    const { p } = widened(pair, cut.noise.calibration.factor);
    expect(declared[0]?.pHolm).toBeCloseTo(Math.min(1, 2 * p), 12);
  });

  test("each comparison has its margins, its detectable effect and, outside the family, no verdict", () => {
    const { comparisons } = analyseScript({ plan: echo, measure: twiceAsFast });
    for (const c of comparisons) {
      const { thresholdPct, equalPct } = echo.margins[metricKinds[c.metric].family];
      expect([c.marginPct, c.equalMarginPct]).toEqual([thresholdPct, equalPct]);
      expect(c.detectablePct).toBeGreaterThan(thresholdPct);
      expect(c.declared).toBe(c.pHolm !== null);
      if (!c.declared) expect([c.verdict, c.code]).toEqual(["withheld", "exploratory"]);
    }
  });
});
