import { describe, expect, test } from "bun:test";
import { decide } from "../../reports/decision/decide.ts";
import { itemsOf, namesOf } from "../../reports/decision/evidence.ts";
import { anytimeReach } from "../../reports/decision/interval.ts";
import { differenceOn } from "../../reports/decision/pair.ts";
import { defaultPolicy } from "../../reports/policies.ts";
import type { Report } from "../../schemas/report.ts";
import { pairedRatio } from "../../stats/paired.ts";
import { sequentialRatio } from "../../stats/sequential.ts";
import { reachInErrors } from "../../stats/t-mixture.ts";
import { parseArgs } from "../cli/args.ts";
import { noisyReport } from "../fixtures/noisy-run.ts";
import { makePlan } from "../plan/plan.ts";

/** At prices that ask for CPU time alone, money is a multiple of CPU time. */
const policy = { ...defaultPolicy, prices: { ...defaultPolicy.prices, gibHour: 0 } };

async function reportOf(...flags: string[]): Promise<Report> {
  const argv = ["--candidates", "bun/serve,node/ws,bun/elysia", "--workloads", "feed/json/*,echo/sbe*"];
  const invocation = parseArgs([...argv, "--rounds", "8", ...flags], "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  const slower = (name: string) => (name === "bun/serve" ? 1 : name === "node/ws" ? 1.4 : 1.2);
  return noisyReport({ plan: makePlan(invocation.options), seed: 8, noise: 0.05, slower });
}

/** Every pair of candidates on every figure that the default policy weighs, with the statistics that the run allows. */
function pairsOf(report: Report) {
  const names = namesOf(report);
  const metric = (name: string, of: { cell: string; metric: keyof Report["results"][number]["metrics"] }) =>
    report.results.find((r) => r.candidate === name && r.cell === of.cell)?.metrics[of.metric]?.perRound;
  return itemsOf(report, policy, names).flatMap((item) =>
    names.flatMap((a) =>
      names.flatMap((b) => {
        const [x, y] = [metric(a, item), metric(b, item)];
        return a === b || x === undefined || y === undefined ? [] : [{ item, a, b, x, y }];
      }),
    ),
  );
}

describe("the decision on an adaptive run", () => {
  test("rests on intervals that hold at every look, whichever pair they are of", async () => {
    const report = await reportOf("--adaptive");
    let withoutReference = 0;
    for (const { item, a, b, x, y } of pairsOf(report)) {
      const { low, high } = differenceOn(item, a, b);
      const anytime = sequentialRatio(x, y);
      if (anytime.status === "withheld") throw new Error("expected a ratio");
      expect(high - low).toBeCloseTo(Math.log(anytime.ciHigh / anytime.ciLow), 9);
      if (![a, b].includes(report.run.reference)) withoutReference += 1;
    }
    expect(withoutReference).toBeGreaterThan(5);
  });

  test("prices what a billion deliveries cost with them too", async () => {
    const adaptive = await reportOf("--adaptive");
    const fixed = { ...adaptive, run: { ...adaptive.run, adaptive: false } };
    const widths = [adaptive, fixed].map((report) =>
      decide(report, policy).costs.map((c) => Math.log((c.ciHigh ?? 0) / (c.ciLow ?? 1))),
    );
    expect(widths[0]?.length).toBeGreaterThan(2);
    for (const [i, width] of (widths[0] ?? []).entries()) expect(width).toBeGreaterThan(widths[1]?.[i] ?? 0);
  });

  test("takes the reach that the report's own intervals have", () => {
    for (const n of [1, 2, 3, 4, 5, 8, 20, 199]) {
      const own = reachInErrors(n, 0.05);
      if (Number.isFinite(own)) expect(anytimeReach(n) / own).toBeCloseTo(1, 12);
      else expect(anytimeReach(n)).toBe(Infinity);
    }
  });
});

test("the decision on a fixed number of rounds rests on Student's interval", async () => {
  for (const { item, a, b, x, y } of pairsOf(await reportOf())) {
    const student = pairedRatio(x, y);
    if (student.status === "withheld") throw new Error("expected a ratio");
    const { low, high } = differenceOn(item, a, b);
    expect(high - low).toBeCloseTo(Math.log(student.ciHigh / student.ciLow), 3);
  }
});
