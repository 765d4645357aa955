import { parseArgs as parseFlags } from "node:util";
import { findCommands } from "../runner/candidates/commands.ts";
import { parseArgs } from "../runner/cli/args.ts";
import { measureOnce } from "../runner/experiment.ts";
import { LoadClient } from "../runner/load-client.ts";
import { makePlan } from "../runner/plan/plan.ts";
import { Children } from "../runner/process/children.ts";
import { pinSelf, planPins, readTopology } from "../runner/process/pin.ts";
import { createBench } from "../runner/trial.ts";
import { isOpenLoop } from "../schemas/cell.ts";
import type { MetricName } from "../schemas/metric.ts";
import { median } from "../stats/moments.ts";

// How long a fresh server takes to become as fast as it will be: CPU a message, and the latency of an open loop, in the first window
// behind warm-ups of several lengths, a fresh process for each.
// `bun run bench/warm-up.ts --candidates node/ws,bun/serve --workloads 'feed/json/passthrough/send*,echo/json*' --rounds 4`

const warmupsMs = [50, 200, 400, 800, 1600, 3200];
const windowMs = 100;

const { values: flags } = parseFlags({
  options: {
    candidates: { type: "string", default: "node/ws,node/hono,bun/elysia,bun/serve" },
    workloads: { type: "string", default: "feed/json/passthrough/send*,echo/json*" },
    rounds: { type: "string", default: "4" },
  },
});
const rounds = Number(flags.rounds);
const invocation = parseArgs(["--candidates", flags.candidates, "--workloads", flags.workloads], "0");
if (invocation.kind !== "run") throw new Error("expected a run");
const plan = makePlan(invocation.options);
const pins = planPins(readTopology());
if (pins.pinned) pinSelf(pins.runner);
const children = new Children();
const load = new LoadClient(children, pins.pinned ? pins.load : null);
const { commands } = await findCommands(plan.candidates);
const bench = createBench({ plan, pins, children, load, port: 0, commands, onBusyAtRest: () => undefined });

for (const cell of plan.cells) {
  const metrics: MetricName[] = [
    "cpuNsPerMessage",
    ...(isOpenLoop(cell.spec.workload) ? ["latencyNsP50" as const] : []),
  ];
  const seen = new Map<string, number[]>();
  const candidates = plan.candidates.filter((c) => c.replicateOf === null);
  // The first round warms the generator and is not kept.
  for (let round = -1; round < rounds; round += 1) {
    for (const candidate of candidates) {
      for (const warmupMs of warmupsMs) {
        const started = await bench.start(candidate);
        if ("failure" in started) throw new Error(started.failure.reason);
        const measured = await measureOnce(bench, started.server, {
          ...cell,
          spec: { ...cell.spec, warmupMs, windowMs },
        });
        await started.server.stop();
        if (round < 0 || !("measurement" in measured)) continue;
        for (const metric of metrics) {
          const key = `${candidate.name} ${metric} ${warmupMs}`;
          seen.set(key, [...(seen.get(key) ?? []), measured.measurement.metrics[metric] ?? Number.NaN]);
        }
      }
    }
  }
  for (const metric of metrics) {
    console.log(`\n| ${cell.id}, ${metric}, µs after | ${warmupsMs.map((ms) => `${ms} ms`).join(" | ")} |`);
    console.log(`| --- | ${warmupsMs.map(() => "--:").join(" | ")} |`);
    for (const { name } of candidates) {
      const figures = warmupsMs.map((ms) => median(seen.get(`${name} ${metric} ${ms}`) ?? []) / 1000);
      console.log(`| ${name} | ${figures.map((us) => us.toPrecision(3)).join(" | ")} |`);
    }
  }
}
await bench.close();
await load.stop();
await children.close();
