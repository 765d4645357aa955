import { expect, test } from "bun:test";
import { itemsOf, namesOf } from "../../reports/decision/evidence.ts";
import { differenceOn } from "../../reports/decision/pair.ts";
import { defaultPolicy } from "../../reports/policies.ts";
import type { Report } from "../../schemas/report.ts";
import { pairedRatio } from "../../stats/paired.ts";
import { parseArgs } from "../cli/args.ts";
import { noisyReport } from "../fixtures/noisy-run.ts";
import { makePlan } from "../plan/plan.ts";

/** At prices that ask for CPU time alone, money is a multiple of CPU time. */
const policy = { ...defaultPolicy, prices: { ...defaultPolicy.prices, gibHour: 0 } };

async function reportOf(): Promise<Report> {
  const argv = ["--candidates", "bun/serve,node/ws,bun/elysia", "--workloads", "feed/json/*,echo/sbe*"];
  const invocation = parseArgs([...argv, "--rounds", "8"], "0");
  if (invocation.kind !== "run") throw new Error("expected a run");
  const slower = (name: string) => (name === "bun/serve" ? 1 : name === "node/ws" ? 1.4 : 1.2);
  return noisyReport({ plan: makePlan(invocation.options), seed: 8, noise: 0.05, slower });
}

/** Every pair of candidates on every figure that the default policy weighs. */
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

test("the decision rests on Student's interval", async () => {
  for (const { item, a, b, x, y } of pairsOf(await reportOf())) {
    const student = pairedRatio(x, y);
    if (student.status === "withheld") throw new Error("expected a ratio");
    const { low, high } = differenceOn(item, a, b);
    expect(high - low).toBeCloseTo(Math.log(student.ciHigh / student.ciLow), 3);
  }
});
