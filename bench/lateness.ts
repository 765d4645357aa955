/**
 * How late the load generator sends, beside a bare spin on the same core, and what that makes of a feed's tail: with its runtime's
 * other threads on its own core as they were, and as they are held now. Rounds are interleaved; medians of the rounds.
 * `bun run bench/lateness.ts [--rounds 5] [--ms 700]`. Ends with 1 where the generator's p99 is more than twice the spin's.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { findCommands } from "../runner/candidates/commands.ts";
import { parseArgs as parseCommand } from "../runner/cli/args.ts";
import { measureOnce } from "../runner/experiment.ts";
import { entry, LoadClient } from "../runner/load-client.ts";
import { makePlan } from "../runner/plan/plan.ts";
import { Children } from "../runner/process/children.ts";
import { childEnv } from "../runner/process/env.ts";
import { quietRuntimeEnv, restartQuietly } from "../runner/process/helper-threads.ts";
import {
  describePins,
  helperCoresOf,
  pinSelf,
  planPins,
  readTopology,
  withAffinity,
} from "../runner/process/pin.ts";
import { createBench } from "../runner/trial.ts";
import { type CellSpec, cellId } from "../schemas/cell.ts";
import { median } from "../stats/moments.ts";
import { alone } from "./fixtures/alone.ts";

const ratesHz = [1000, 10_000];
const spinRatioMax = 2;

const { values: flags } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, ms: { type: "string", default: "700" } },
});
const whole = (flag: "rounds" | "ms"): number => {
  const n = Number(flags[flag]);
  if (Number.isInteger(n) && n > 0) return n;
  console.error(`--${flag}: must be a whole number from 1, got ${flags[flag]}`);
  process.exit(2);
};
const [rounds, windowMs] = [whole("rounds"), whole("ms")];

const feed = (meanHz: number): CellSpec => ({
  workload: "feed",
  codec: "json",
  mode: "passthrough",
  broadcast: "send",
  subscribers: 10,
  feed: { source: "synthetic", preset: "flat", seed: 1, rate: 1, meanHz },
  warmupMs: 100,
  windowMs,
});
const spun = z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() });

const invocation = parseCommand(["--candidates", "bun/serve", "--profile", "smoke"], "0");
if (invocation.kind !== "run") throw new Error("expected a run");
const plan = makePlan(invocation.options);
const [candidate] = plan.candidates;
const pins = planPins(readTopology());
if (!pins.pinned || candidate === undefined)
  throw new Error("this bench needs two cores that it may bind to");
restartQuietly(pins);
pinSelf(pins.runner);
const children = new Children();
const { commands } = await findCommands(plan.candidates);
const away = helperCoresOf(pins);

/** A generator that leaves its other threads where they are, with a runtime as it comes, and one as a run has it. */
const unquiet = ["env", ...Object.keys(quietRuntimeEnv).flatMap((name) => ["-u", name])];
const variants = [
  { name: "as it was", command: [...unquiet, process.execPath, entry], helperCores: [] },
  { name: "held", command: [process.execPath, entry], helperCores: away },
].map(({ command, ...variant }) => {
  const load = new LoadClient(children, pins.load, command);
  const tools = { plan, pins, children, load, port: 0, commands, onBusyAtRest: () => undefined };
  return {
    ...variant,
    load,
    bench: createBench({ ...tools, helperCores: variant.helperCores }),
    seen: new Map(
      ratesHz.map((hz) => [hz, { lateNs: [] as number[], feedNs: [] as number[], waitNs: [] as number[] }]),
    ),
  };
});
const generators = variants.map(({ load }) => load);
const spins = new Map(ratesHz.map((hz) => [hz, [] as number[]]));

async function spin(hz: number): Promise<number> {
  const program = join(import.meta.dir, "fixtures", "spin.ts");
  const child = withAffinity(pins.pinned ? pins.load : null, () =>
    Bun.spawn([process.execPath, program, `${hz}`, `${windowMs}`, ...away.map(String)], {
      env: childEnv(quietRuntimeEnv),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    }),
  );
  return spun.parse(JSON.parse(await new Response(child.stdout).text())).p99;
}

try {
  const servers = await Promise.all(
    variants.map(async ({ bench }) => {
      const started = await bench.start(candidate);
      if ("failure" in started) throw new Error(started.failure.reason);
      return started.server;
    }),
  );
  // The first round warms servers and generators, and is not kept.
  for (let round = -1; round < rounds; round += 1) {
    for (const hz of ratesHz) {
      const spinNs = await spin(hz);
      if (round >= 0) spins.get(hz)?.push(spinNs);
      for (const [index, { bench, load, seen, name }] of variants.entries()) {
        const spec = feed(hz);
        const measured = await alone(load, generators, () =>
          measureOnce(bench, servers[index]!, {
            id: cellId(spec),
            spec,
            windows: 1,
            longWindowMs: null,
            headline: [],
            everyRounds: 1,
          }),
        );
        if ("failure" in measured) throw new Error(`${name}, ${hz}/s: ${measured.failure.reason}`);
        const { generator, metrics } = measured.measurement;
        if (round < 0) continue;
        seen.get(hz)?.lateNs.push(generator.latenessNsP99 ?? 0);
        seen.get(hz)?.feedNs.push(metrics.latencyNsP99 ?? 0);
        seen.get(hz)?.waitNs.push(generator.waitNs ?? 0);
      }
    }
  }
  for (const server of servers) await server.stop();
} finally {
  for (const { load } of variants) await load.stop();
  await children.close();
}

const us = (values: readonly number[] = []) => (median(values) / 1e3).toFixed(1);
const share = (values: readonly number[] = []) => ((100 * median(values)) / (windowMs * 1e6)).toFixed(2);
console.log(`${rounds} rounds of ${windowMs} ms; ${describePins(pins)}; Bun ${Bun.version}\n`);
console.log(
  "| messages/s | other threads | bare spin p99, µs | own lateness p99, µs | feed p99, µs | main thread waited, % |",
);
console.log("| ---: | --- | ---: | ---: | ---: | ---: |");
for (const hz of ratesHz) {
  for (const { name, seen } of variants) {
    const { lateNs, feedNs, waitNs } = seen.get(hz) ?? {};
    console.log(
      `| ${hz} | ${name} | ${us(spins.get(hz))} | ${us(lateNs)} | ${us(feedNs)} | ${share(waitNs)} |`,
    );
  }
  const held = median(variants[1]?.seen.get(hz)?.lateNs ?? []);
  if (held > spinRatioMax * median(spins.get(hz) ?? [])) process.exitCode = 1;
}
