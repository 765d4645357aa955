import { findCommands } from "../runner/candidates/commands.ts";
import { parseArgs } from "../runner/cli/args.ts";
import { measureOnce } from "../runner/experiment.ts";
import { LoadClient } from "../runner/load-client.ts";
import { makePlan } from "../runner/plan/plan.ts";
import { Children } from "../runner/process/children.ts";
import { pinSelf, planPins, readTopology } from "../runner/process/pin.ts";
import { createBench } from "../runner/trial.ts";
import { median } from "../stats/moments.ts";

// How long a fresh server takes to become as fast as it will be: CPU a message of a JSON echo behind warm-ups of several
// lengths, a fresh process for each. `bun run bench/warm-up.ts [CANDIDATES]`, e.g. `node/ws,bun/serve`.

const warmupsMs = [30, 100, 200, 400, 800, 1600];
const rounds = 3;

const invocation = parseArgs(
  ["--candidates", process.argv[2] ?? "node/ws,bun/serve", "--workloads", "echo/json*"],
  "0",
);
if (invocation.kind !== "run") throw new Error("expected a run");
const plan = makePlan(invocation.options);
const [cell] = plan.cells;
if (cell === undefined) throw new Error("the plan has no JSON echo");
const pins = planPins(readTopology());
if (pins.pinned) pinSelf(pins.runner);
const children = new Children();
const load = new LoadClient(children, pins.pinned ? pins.load : null);
const { commands } = await findCommands(plan.candidates);
const bench = createBench({ plan, pins, children, load, port: 0, commands, onBusyAtRest: () => undefined });

console.log(`| ${cell.id}, CPU ns a message | ${warmupsMs.map((ms) => `${ms} ms`).join(" | ")} |`);
console.log(`| --- | ${warmupsMs.map(() => "--:").join(" | ")} |`);
for (const candidate of plan.candidates.filter((c) => c.twinOf === null)) {
  const seen = new Map(warmupsMs.map((ms) => [ms, [] as number[]]));
  // The first trial warms the generator and is not kept.
  for (let round = -1; round < rounds; round += 1) {
    for (const warmupMs of warmupsMs) {
      const started = await bench.start(candidate);
      if ("failure" in started) throw new Error(started.failure.reason);
      const measured = await measureOnce(bench, started.server, {
        ...cell,
        spec: { ...cell.spec, warmupMs, windowMs: 120 },
      });
      await started.server.stop();
      const cpuNs = "measurement" in measured ? measured.measurement.metrics.cpuNsPerMessage : undefined;
      if (round >= 0 && cpuNs !== undefined) seen.get(warmupMs)?.push(cpuNs);
    }
  }
  console.log(
    `| ${candidate.name} | ${warmupsMs.map((ms) => median(seen.get(ms) ?? []).toFixed(0)).join(" | ")} |`,
  );
}
await bench.close();
await load.stop();
await children.close();
