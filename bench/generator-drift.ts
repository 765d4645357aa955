/**
 * Whether the load generator stays as fast as it was: one worker measures every kind of cell over many rounds, as a run does, and
 * beside it, in turn, another that is replaced in each quarter of them. The CPU time that they spend on a message is reported as the
 * old one's over the new one's, the median of a quarter's rounds, both against the very same servers: a machine that has become
 * slower is so for both. Ends with 1 where the last quarter's ratio, with its interval, is outside 0.9 to 1.1.
 * `bun run bench/generator-drift.ts [--rounds 40] [--double-offsets]`, the latter with a fault that shows what it sees.
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
import { describePins, pinSelf, planPins, readTopology } from "../runner/process/pin.ts";
import { generatorCostNs } from "../runner/quality/generator-cost.ts";
import { nullServer } from "../runner/quality/null-server-ceiling.ts";
import { createBench } from "../runner/trial.ts";
import { type CellSpec, cellId } from "../schemas/cell.ts";
import type { PlannedCell } from "../schemas/plan.ts";
import { median } from "../stats/moments.ts";
import { summarize } from "../stats/summary.ts";
import { alone } from "./fixtures/alone.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "40" },
    "double-offsets": { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds);
if (!Number.isInteger(rounds) || rounds < 12) {
  console.error(`--rounds: must be a whole number from 12, got ${flags.rounds}`);
  process.exit(2);
}
const bounds = [0.9, 1.1] as const;

const times = { warmupMs: 20, windowMs: 40 };
/** Of the cells whose cost is reported. */
const measuredTimes = { warmupMs: 20, windowMs: 120 };
const echo = (codec: "json" | "sbe" | "raw", connections: number, window: number): CellSpec => {
  return {
    workload: "echo",
    codec,
    bytes: codec === "raw" ? 64 : null,
    connections,
    window,
    ...measuredTimes,
  };
};
const push = (codec: "json" | "sbe" | "raw", bytes: number): CellSpec => {
  return { workload: "push", codec, bytes, connections: 8, count: 250, ...measuredTimes };
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
    broadcast: "send",
    subscribers: 10,
    feed: synthetic,
    ...times,
  },
  { workload: "fanout", codec, broadcast: "send", subscribers: 100, rateHz: 200, ...times },
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
restartQuietly(pins);
if (pins.pinned) pinSelf(pins.runner);
const children = new Children();
const preload = flags["double-offsets"]
  ? ["--preload", join(import.meta.dir, "fixtures", "double-offsets.ts")]
  : [];
const { commands } = await findCommands(plan.candidates);

const generator = (...preloaded: string[]) =>
  new LoadClient(children, pins.pinned ? pins.load : null, [process.execPath, ...preloaded, entry]);
const old = generator(...preload);
let fresh = generator();
/** The one that measures now: both do so against the very same servers. */
let current = old;
const bench = createBench({
  ...{ plan, pins, children, port: 0, commands, onBusyAtRest: () => undefined },
  get load() {
    return current;
  },
});
const cells = [...open, ...closed].map(planned);
/** Of each closed cell: in each round what a message cost the old worker and the new one, in ns. */
const costs = new Map(closed.map((spec) => [cellId(spec), [] as (readonly [old: number, fresh: number])[]]));

async function started(candidate: typeof fast) {
  const result = await bench.start(candidate as typeof nullServer);
  if ("failure" in result) throw new Error(result.failure.reason);
  return result.server;
}
type Server = Awaited<ReturnType<typeof started>>;

async function costOf(load: LoadClient, server: Server, cell: PlannedCell): Promise<number | null> {
  current = load;
  const measured = await alone(load, [old, fresh], () => measureOnce(bench, server, cell));
  if ("failure" in measured) throw new Error(`${cell.id}: ${measured.failure.reason}`);
  return generatorCostNs(measured.measurement);
}

/** Every cell once with each of `generators`, one after the other and in turn first; `keep` has each pair of costs. */
async function runRound(
  round: number,
  peer: Server,
  generators: readonly LoadClient[],
  keep?: (cell: string, old: number, fresh: number) => void,
) {
  const server = await started(fast);
  for (const cell of cells) {
    const found = new Map<LoadClient, number | null>();
    for (const load of round % 2 === 0 ? generators : [...generators].reverse())
      found.set(load, await costOf(load, costs.has(cell.id) ? peer : server, cell));
    const [before, now] = [found.get(old), found.get(fresh)];
    if (before != null && now != null) keep?.(cell.id, before, now);
  }
  await server.stop();
}

/** What a worker compiles in its first second is no drift. */
const warmRounds = 6;
try {
  const peer = await started(nullServer);
  for (let round = 0; round < warmRounds; round += 1) await runRound(round, peer, [old]);
  for (let round = 0; round < rounds; round += 1) {
    if ([0, 1, 2, 3].some((q) => round === Math.round((q * rounds) / 4))) {
      await fresh.stop();
      fresh = generator();
      for (let warm = 0; warm < warmRounds; warm += 1) await runRound(warm, peer, [fresh]);
    }
    await runRound(round, peer, [old, fresh], (cell, ...pair) => costs.get(cell)?.push(pair));
  }
  await peer.stop();
} finally {
  await old.stop();
  await fresh.stop();
  await children.close();
}

console.log(`${rounds} rounds; ${describePins(pins)}; Bun ${Bun.version}\n`);
console.log(
  "| CPU of a message, old worker ÷ new one | ns, new one | quarter 1 | 2 | 3 | 4 | 95 % interval |",
);
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const [cell, all] of costs) {
  const quarters = [0, 1, 2, 3].map((q) => {
    const quarter = all.slice(Math.round((q * all.length) / 4), Math.round(((q + 1) * all.length) / 4));
    return quarter.map(([before, now]) => before / now);
  });
  const last = summarize(quarters[3] ?? []);
  const [lower, upper] = [last?.ciLow ?? Number.NaN, last?.ciHigh ?? Number.NaN];
  const holds = upper >= bounds[0] && lower <= bounds[1];
  if (!holds) process.exitCode = 1;
  const shown = quarters.map((ratios) => median(ratios).toFixed(3)).join(" | ");
  const interval = `${lower.toFixed(2)}–${upper.toFixed(2)}`;
  const cost = median(all.map(([, now]) => now)).toFixed(1);
  console.log(`| ${cell} | ${cost} | ${shown} | ${interval}${holds ? "" : " **outside**"} |`);
}
