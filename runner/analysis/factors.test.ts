import { describe, expect, test } from "bun:test";
import { namesOf } from "../../reports/decision/evidence.ts";
import type { Plan } from "../../schemas/plan.ts";
import { createRandom } from "../../stats/random.ts";
import { planFrom } from "../fixtures/planned.ts";
import { analyseScript, type Script } from "../fixtures/scripted-run.ts";

function planOf(...argv: string[]): Plan {
  return planFrom(...argv, "--rounds", "10");
}

/** A feed whose CPU cost is 4 µs times what `costOf` gives; 2 % of noise a round. */
function told(plan: Plan, costOf: (candidate: string, cell: string) => number, seed = 0) {
  const measure: Script["measure"] = (name, cell, round) => {
    const random = createRandom(Bun.hash.crc32(`${name} ${cell.id} ${round}`, seed));
    const cpuNsPerMessage = 4000 * costOf(name, cell.id) * Math.exp(0.02 * random.normal());
    return { metrics: { latencyNsP50: 1e6, latencyNsP99: 4e6, cpuNsPerMessage } };
  };
  return analyseScript({ plan, measure });
}

describe("a feature of the server", () => {
  const plan = planOf("--candidates", "bun/serve,node/ws", "--workloads", "feed", "--tls", "off,on");

  test("is compared with the same candidate without it, by the ratio that it has", () => {
    const { factors } = told(plan, (name) => (name.includes("+tls") ? 1.5 : 1));
    const costs = factors.filter(
      ({ metric, cell }) => metric === "cpuNsPerMessage" && cell.includes("/send/"),
    );
    expect(
      costs.map(({ factor, candidate, from, to, verdict }) => [factor, candidate, from, to, verdict]),
    ).toEqual([
      ["tls", "node/ws", "off", "on", "worse"],
      ["tls", "bun/serve", "off", "on", "worse"],
    ]);
    for (const { ratio, low, high } of costs) {
      expect(ratio).toBeCloseTo(1.5, 1);
      expect(low ?? 2).toBeLessThan(1.5);
      expect(high ?? 1).toBeGreaterThan(1.5);
    }
  });

  test("has no ceiling for its rate: the null server is asked in the clear", () => {
    const echoes = planOf("--candidates", "bun/serve,node/ws", "--workloads", "push", "--tls", "off,on");
    const measure: Script["measure"] = () => ({ metrics: { throughputHz: 1_000, cpuNsPerMessage: 4_000 } });
    const { results, factors } = analyseScript({ plan: echoes, measure, ceilingHz: 10_000 });
    for (const { candidate, headroom } of results)
      expect(headroom).toBe(candidate.includes("+tls") ? null : 10);
    const rates = factors.filter(({ metric }) => metric === "throughputHz");
    expect(rates.map(({ verdict }) => verdict)).toEqual(["withheld", "withheld"]);
  });

  test("makes no candidate to be chosen, and meets the reference at its own level", () => {
    const report = told(plan, (name) => (name.includes("+tls") ? 0.5 : 1));
    const choices = ["bun/serve", "node/ws"];
    expect(namesOf(report)).toEqual(choices);
    const pairs = new Set(report.comparisons.map(({ a, b }) => `${a} ÷ ${b}`));
    expect([...pairs].sort()).toEqual([
      "bun/serve+tls ÷ bun/serve",
      "node/ws ÷ bun/serve",
      "node/ws+tls ÷ bun/serve+tls",
      "node/ws+tls ÷ node/ws",
    ]);
  });
});

test("more cores of a server are compared with the fewest", () => {
  const argv = ["--candidates", "bun/serve", "--workloads", "feed/json/passthrough/send/*"];
  const { factors } = told(planOf(...argv, "--server-cores", "1,2"), (name) =>
    name.includes("+2-cores") ? 1.5 : 1,
  );
  const cost = factors.find(({ metric }) => metric === "cpuNsPerMessage");
  expect(cost).toMatchObject({ factor: "cores", candidate: "bun/serve", from: 1, to: 2, verdict: "worse" });
  expect(cost?.ratio).toBeCloseTo(1.5, 1);
});

describe("an effect of 20 % that is planted", () => {
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);

  test.each([
    ["tls", "feed/json/passthrough/send/*", ["--tls", "off,on"], "+tls"],
    ["deflate", "feed/json/passthrough/send/*", ["--deflate", "off,on"], "+deflate"],
    ["cores", "feed/json/passthrough/send/*", ["--server-cores", "1,2"], "+2-cores"],
    ["subscribers", "feed/json/passthrough/send/*", ["--subscribers", "10,100"], "/s100"],
    ["payload", "push", ["--payload", "64,1024"], "/1024B"],
  ] as const)(
    "lies within the interval of %s as often as intervals of 95 %% have to",
    (factor, workload, flags, mark) => {
      const plan = planOf("--candidates", "bun/serve", "--workloads", workload, ...flags);
      const planted = (candidate: string, cell: string) => (`${candidate} ${cell}`.includes(mark) ? 1.2 : 1);
      const effects = seeds.flatMap((seed) =>
        told(plan, planted, seed).factors.filter(
          (one) => one.factor === factor && one.metric === "cpuNsPerMessage",
        ),
      );
      expect(effects.length).toBeGreaterThanOrEqual(seeds.length);
      const covering = effects.filter(({ low, high }) => (low ?? 2) < 1.2 && (high ?? 1) > 1.2);
      expect(covering.length / effects.length).toBeGreaterThanOrEqual(0.85);
      expect(effects.every(({ ratio }) => Math.abs((ratio ?? 0) - 1.2) < 0.06)).toBe(true);
    },
  );
});

describe("a parameter of the load", () => {
  const argv = ["--candidates", "bun/serve,node/ws", "--workloads", "feed/json/passthrough/send/*"];

  test("is compared with the level that was named first", () => {
    const plan = planOf(...argv, "--subscribers", "10,100");
    const { factors } = told(plan, (_, cell) => (cell.endsWith("s100") ? 0.5 : 1));
    const costs = factors.filter(
      ({ metric, candidate }) => metric === "cpuNsPerMessage" && candidate === "node/ws",
    );
    expect(costs).toMatchObject([
      {
        factor: "subscribers",
        cell: "feed/json/passthrough/send/s100",
        from: 10,
        to: 100,
        verdict: "better",
      },
    ]);
    expect(costs[0]?.ratio).toBeCloseTo(0.5, 1);
  });

  test("of one level alone is no factor", () => {
    expect(told(planOf(...argv, "--subscribers", "25"), () => 1).factors).toEqual([]);
  });
});
