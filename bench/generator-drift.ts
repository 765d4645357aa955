/**
 * Whether the load generator stays as fast as it was: one worker measures every kind of cell over many rounds, as a run does, and
 * the CPU time that it spends on a message is told by quarter. Ends with 1 where the last quarter's is outside 0.9 to 1.1 of the
 * first's. `bun run bench/generator-drift.ts [--rounds 40] [--double-offsets]`, the latter with a fault that shows what it sees.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { findCommands } from "../runner/candidates/commands.ts";
import { parseArgs as parseCommand } from "../runner/cli/args.ts";
import { measureOnce } from "../runner/experiment.ts";
import { entry, LoadClient } from "../runner/load-client.ts";
import { makePlan } from "../runner/plan/plan.ts";
import { Children } from "../runner/process/children.ts";
import { restartQuietly } from "../runner/process/helper-threads.ts";
import { describePins, pinSelf, planPins, readTopology, sharesLoadCore } from "../runner/process/pin.ts";
import { generatorCostNs } from "../runner/quality/generator-cost.ts";
import { nullServer } from "../runner/quality/null-server-ceiling.ts";
import { createBench } from "../runner/trial.ts";
import { type CellSpec, cellId } from "../schemas/cell.ts";
import type { PlannedCell } from "../schemas/plan.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "40" },
    "double-offsets": { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds);
if (!Number.isInteger(rounds) || rounds < 4) {
  console.error(`--rounds: must be a whole number from 4, got ${flags.rounds}`);
  process.exit(2);
}
const bounds = [0.9, 1.1] as const;

const times = { warmupMs: 20, windowMs: 40 };
const echo = (codec: "json" | "sbe" | "raw", connections: number, window: number): CellSpec => {
  return { workload: "echo", codec, bytes: codec === "raw" ? 64 : null, connections, window, ...times };
};
const push = (codec: "json" | "sbe" | "raw", bytes: number): CellSpec => {
  return { workload: "push", codec, bytes, connections: 8, count: 250, ...times };
};
/** Against the null server: what the worker costs here is the worker's own. */
const closed = [
  echo("raw", 4, 128),
  echo("raw", 32, 32),
  echo("sbe", 4, 128),
  echo("json", 4, 128),
  push("raw", 64),
  push("sbe", 64),
  push("json", 146),
];
/**
 * Against a real server, and one message in flight: their loops spin or wait whatever a message costs, so that they are run for
 * what they leave behind alone.
 */
const synthetic = { source: "synthetic", preset: "burst", seed: 1, rate: 1, meanHz: null } as const;
const open: CellSpec[] = (["json", "sbe"] as const).flatMap((codec) => [
  {
    workload: "feed",
    codec,
    mode: "passthrough",
    broadcast: "loop",
    subscribers: 10,
    feed: synthetic,
    ...times,
  },
  { workload: "fanout", codec, broadcast: "loop", subscribers: 100, rateHz: 200, ...times },
  echo(codec, 1, 1),
]);
const planned = (spec: CellSpec): PlannedCell => ({
  id: cellId(spec),
  spec,
  windows: 1,
  longWindowMs: null,
  headline: [],
  everyRounds: 1,
});

const invocation = parseCommand(["--candidates", "bun/serve", "--profile", "smoke"], "0");
if (invocation.kind !== "run") throw new Error("expected a run");
const plan = makePlan(invocation.options);
const [fast] = plan.candidates;
if (fast === undefined) throw new Error("the plan has no candidate");
const pins = planPins(readTopology());
if (sharesLoadCore(pins)) restartQuietly();
if (pins.pinned) pinSelf(pins.runner);
const children = new Children();
const preload = flags["double-offsets"]
  ? ["--preload", join(import.meta.dir, "fixtures", "double-offsets.ts")]
  : [];
const load = new LoadClient(children, pins.pinned ? pins.load : null, [process.execPath, ...preload, entry]);
const { commands } = await findCommands(plan.candidates);
const bench = createBench({ plan, pins, children, load, port: 0, commands, onBusyAtRest: () => undefined });
const costs = new Map(closed.map((spec) => [cellId(spec), [] as number[]]));

async function started(candidate: typeof fast) {
  const result = await bench.start(candidate as typeof nullServer);
  if ("failure" in result) throw new Error(result.failure.reason);
  return result.server;
}

try {
  const peer = await started(nullServer);
  // What a worker compiles in its first second is no drift.
  for (let round = -6; round < rounds; round += 1) {
    const server = await started(fast);
    for (const cell of [...open, ...closed].map(planned)) {
      const isClosed = costs.has(cell.id);
      const measured = await measureOnce(bench, isClosed ? peer : server, cell);
      if ("failure" in measured) throw new Error(`${cell.id}: ${measured.failure.reason}`);
      const cost = generatorCostNs(measured.measurement);
      if (round >= 0 && cost !== null) costs.get(cell.id)?.push(cost);
    }
    await server.stop();
  }
  await peer.stop();
} finally {
  await load.stop();
  await children.close();
}

console.log(`${rounds} rounds; ${describePins(pins)}; Bun ${Bun.version}\n`);
console.log("| CPU ns a message of the worker, lowest | quarter 1 | 2 | 3 | 4 | last ÷ first |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
for (const [cell, all] of costs) {
  const quarters = [0, 1, 2, 3].map((q) =>
    // What else the machine does only adds: the lowest of a quarter is what the code costs.
    Math.min(...all.slice(Math.round((q * all.length) / 4), Math.round(((q + 1) * all.length) / 4))),
  );
  const ratio = (quarters[3] ?? 0) / (quarters[0] ?? 0);
  const holds = ratio >= bounds[0] && ratio <= bounds[1];
  if (!holds) process.exitCode = 1;
  const shown = quarters.map((cost) => cost.toFixed(1)).join(" | ");
  console.log(`| ${cell} | ${shown} | ${ratio.toFixed(3)}${holds ? "" : " **outside**"} |`);
}
