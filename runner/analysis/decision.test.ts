import { expect, test } from "bun:test";
import { itemsOf, namesOf } from "../../reports/decision/evidence.ts";
import { differenceOn } from "../../reports/decision/pair.ts";
import { defaultPolicy } from "../../reports/policies.ts";
import type { Report } from "../../schemas/report.ts";
import { pairedRatio } from "../../stats/paired.ts";
import { noisyReport } from "../fixtures/noisy-run.ts";
import { planFrom } from "../fixtures/planned.ts";

/** At prices that ask for CPU time alone, money is a multiple of CPU time. */
const policy = { ...defaultPolicy, prices: { ...defaultPolicy.prices, gibHour: 0 } };

async function reportOf(): Promise<Report> {
  const argv = ["--candidates", "bun/serve,node/ws,bun/elysia", "--workloads", "feed/json/*,echo/sbe*"];
  const slower = (name: string) => (name === "bun/serve" ? 1 : name === "node/ws" ? 1.4 : 1.2);
  return noisyReport({ plan: planFrom(...argv, "--rounds", "8"), seed: 8, noise: 0.05, slower });
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

test("the decision rests on the report's own intervals, and on calibrated ones where the report has none", async () => {
  const report = await reportOf();
  const widening = report.noise.calibration.factor;
  for (const { item, a, b, x, y } of pairsOf(report)) {
    const student = pairedRatio(x, y);
    if (student.status === "withheld") throw new Error("expected a ratio");
    const own = item.priced
      ? undefined
      : report.comparisons.find(
          (c) =>
            c.cell === item.cell &&
            c.metric === item.metric &&
            [c.a, c.b].includes(a) &&
            [c.a, c.b].includes(b),
        );
    const { low, high } = differenceOn(item, a, b);
    const width =
      own === undefined
        ? widening * Math.log(student.ciHigh / student.ciLow)
        : Math.log((own.ciHigh ?? 1) / (own.ciLow ?? 1));
    expect(high - low).toBeCloseTo(width, 3);
  }
});
