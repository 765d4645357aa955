/**
 * The load generator beside others on this machine: the same load against the same server, a fresh one for each, in interleaved rounds.
 * Prints a Markdown report; the exit code is 1 when a requirement fails, 2 for a bad flag. `--rounds` (default 5) and `--seconds`
 * (2) of each measurement; `--only` measures the loads whose name contains it; `--before FOLDER` measures in the same rounds the
 * generator of another checkout of this repository, against the same servers.
 */
import { existsSync } from "node:fs";
import { cpus, release } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { Children } from "../runner/process/children.ts";
import { accountCores, coreUsage, readCores } from "../runner/process/cores.ts";
import { childEnv } from "../runner/process/env.ts";
import { describePins, planPins, readTopology, withAffinity } from "../runner/process/pin.ts";
import { findRuntime } from "../runner/process/runtimes.ts";
import { startServer } from "../runner/process/supervise.ts";
import { median } from "../stats/moments.ts";
import type { GeneratorSetup } from "./generator-setup.ts";

interface Row {
  readonly name: string;
  readonly runtime: "bun" | "node";
  readonly program: string;
  /** The checkout that the program is of, where it is another one. */
  readonly checkout?: string;
  readonly server: string;
  /** What the load is called. */
  readonly load: string;
  readonly setup: Omit<GeneratorSetup, "port" | "windowMs" | "warmupMs">;
}

const bunServer = "servers/bun/serve.ts";
const nullServer = "runner/load/null-server.ts";
const ours = { name: "tickbench", runtime: "bun", program: "generator-raw.ts" } as const;
const ws = { name: "`ws` on Node", runtime: "node", program: "generator-library.ts" } as const;
const bunClient = { name: "Bun's client", runtime: "bun", program: "generator-library.ts" } as const;
/** Sockets of the same runtime and nothing else: no parser, no ledger, no histogram. */
const bare = { name: "bare sockets in Bun", runtime: "bun", program: "generator-bare.ts" } as const;

const echo = (connections: number, window: number) =>
  ({ mode: "echo", connections, window, bytes: 64 }) as const;
const push = { mode: "push", connections: 8, window: 1, bytes: 64 } as const;

/** What is asked of the generators, and of whom. The first of each is this project's. */
const loads = [
  { server: bunServer, setup: echo(32, 32), generators: [ours, ws, bunClient, bare] },
  { server: bunServer, setup: echo(32, 1), generators: [ours, ws, bunClient, bare] },
  { server: bunServer, setup: echo(200, 1), generators: [ours, ws, bunClient, bare] },
  { server: nullServer, setup: echo(4, 128), generators: [ours, bare] },
  { server: nullServer, setup: push, generators: [ours, bare] },
];
/** Load generators of others, told of where this machine has none. */
const otherPrograms = ["tcpkali", "k6", "artillery", "load_test"];

const minRatioToWs = 10;
const minPushHz = 20e6;
/** Others always take a little: the bench itself shares the core where there are but two. */
const negligiblePct = 10;
const retries = 2;

const result = z.strictObject({
  messages: z.int().nonnegative(),
  elapsedNs: z.number().positive(),
  cpuNs: z.number().nonnegative(),
  faults: z.int().nonnegative().nullable(),
});

interface Sample {
  readonly hz: number;
  readonly cpuPct: number;
  readonly cpuNsPerMessage: number;
  /** CPU time of other processes on the generator's core, of its whole life; null where it cannot be known. */
  readonly foreignPct: number | null;
}

const root = join(import.meta.dir, "..");
const { rounds, seconds, only, before } = readFlags();
const nameOf = ({ setup }: (typeof loads)[number]): string =>
  setup.mode === "push"
    ? `push, ${setup.connections} connections, ${setup.bytes} B`
    : `echo, ${setup.connections} × ${setup.window}, ${setup.bytes} B`;
const rows: readonly Row[] = loads
  .filter((load) => nameOf(load).includes(only))
  .flatMap((load) =>
    withBefore(load.generators).map((by) => ({
      ...by,
      server: load.server,
      setup: load.setup,
      load: nameOf(load),
    })),
  );
const pins = planPins(readTopology());
const loadCores = pins.pinned ? pins.load : null;
const children = new Children();

/** Puts this project's generator as it was behind the one that it is. */
function withBefore<Of extends object>([first, ...others]: readonly Of[]) {
  if (first === undefined || before === null) return first === undefined ? [] : [first, ...others];
  return [first, { ...first, name: `${ours.name} before`, checkout: before }, ...others];
}

function readFlags(): { rounds: number; seconds: number; only: string; before: string | null } {
  try {
    const options = {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      only: { type: "string", default: "" },
      before: { type: "string" },
    } as const;
    const { values } = parseArgs({ options });
    const flag = (name: "rounds" | "seconds", rule: z.ZodNumber): number => {
      const parsed = rule.safeParse(Number(values[name]));
      if (!parsed.success)
        throw new Error(`--${name}: ${parsed.error.issues[0]?.message}, got ${values[name]}`);
      return parsed.data;
    };
    const checkout = values.before === undefined ? null : resolve(values.before);
    if (checkout !== null && !existsSync(join(checkout, "bench", ours.program))) {
      throw new Error(
        `--before: must be another checkout of this repository, and ${checkout} has no bench/${ours.program}; make one with git worktree add`,
      );
    }
    return {
      rounds: flag("rounds", z.number().int().min(1).max(1000)),
      seconds: flag("seconds", z.number().min(0.1).max(600)),
      only: values.only,
      before: checkout,
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

function programOf(runtime: "bun" | "node"): { path: string; version: string } {
  const found = findRuntime(runtime, { usePathNode: false });
  if ("unavailable" in found) throw new Error(`${found.unavailable}: ${found.nextStep}`);
  return found;
}

/** One generator against a fresh server. Throws when either fails, or when a message went wrong. */
async function measure(row: Row): Promise<Sample> {
  const spec = {
    command: [programOf("bun").path, join(root, row.server)],
    cwd: root,
    env: childEnv({ PORT: "0" }),
    cores: pins.pinned ? pins.server : null,
  };
  const started = await startServer(spec, children, { readyMs: 20_000 });
  if (!started.ok) throw new Error(`${row.server}: ${started.failure.reason}`);
  const { server } = started;
  try {
    const setup: GeneratorSetup = {
      ...row.setup,
      port: server.ready.port,
      warmupMs: 1000,
      windowMs: seconds * 1000,
    };
    return await generate(row, setup);
  } finally {
    await server.stop(2_000);
  }
}

async function generate(row: Row, setup: GeneratorSetup): Promise<Sample> {
  const from = row.checkout ?? root;
  const coresBefore = readCores();
  const generator = withAffinity(loadCores, () =>
    Bun.spawn([programOf(row.runtime).path, join(from, "bench", row.program), JSON.stringify(setup)], {
      cwd: from,
      env: childEnv({}),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
      timeout: setup.warmupMs + setup.windowMs + 60_000,
    }),
  );
  const output = await new Response(generator.stdout).text();
  const exitCode = await generator.exited;
  const after = readCores();
  if (exitCode !== 0) throw new Error(`${row.name} ended with exit code ${exitCode}`);
  const { messages, elapsedNs, cpuNs, faults } = result.parse(JSON.parse(output));
  if (faults !== null && faults > 0) throw new Error(`${row.name}: the ledger found ${faults} faults`);
  const core = loadCores?.[0];
  const ownNs = Number(generator.resourceUsage()?.cpuTime.total ?? 0n) * 1000;
  const use =
    core === undefined || coresBefore === null || after === null
      ? undefined
      : accountCores(coreUsage(coresBefore, after), new Map([[core, ownNs]]))[0];
  return {
    hz: (messages / elapsedNs) * 1e9,
    cpuPct: (100 * cpuNs) / elapsedNs,
    cpuNsPerMessage: cpuNs / messages,
    foreignPct: use === undefined ? null : (100 * use.foreignNs) / (after!.atNs - coresBefore!.atNs),
  };
}

/** Measures again while others took more of the generator's core than is negligible, and keeps the least disturbed. */
async function measureUndisturbed(row: Row): Promise<Sample> {
  let best = await measure(row);
  for (let again = 0; again < retries && (best.foreignPct ?? 0) > negligiblePct; again++) {
    const sample = await measure(row);
    if ((sample.foreignPct ?? 0) < (best.foreignPct ?? 0)) best = sample;
  }
  return best;
}

function thousands(hz: number): string {
  return Math.round(hz / 1000).toLocaleString("en");
}

/** The median over rounds of our rate ÷ a rival's of the same round. */
function ratio(ours: readonly Sample[], other: readonly Sample[], of: (sample: Sample) => number): number {
  return median(ours.map((sample, round) => of(sample) / of(other[round]!)));
}

function line(row: Row, samples: readonly Sample[], ofTickbench: readonly Sample[]): string {
  const hz = samples.map((sample) => sample.hz);
  const isOurs = row.name === ours.name;
  const foreign = samples.flatMap(({ foreignPct }) => (foreignPct === null ? [] : [foreignPct]));
  return `| ${[
    row.load,
    row.server,
    row.name,
    thousands(median(hz)),
    `${thousands(Math.min(...hz))}–${thousands(Math.max(...hz))}`,
    isOurs ? "" : `${ratio(ofTickbench, samples, (s) => s.hz).toPrecision(3)} ×`,
    median(samples.map((s) => s.cpuNsPerMessage)).toPrecision(3),
    isOurs ? "" : `${(100 * ratio(samples, ofTickbench, (s) => s.cpuNsPerMessage)).toFixed(0)} %`,
    foreign.length === 0 ? "unknown" : median(foreign).toFixed(0),
  ].join(" | ")} |`;
}

/** The judgement of one requirement as a line; sets the exit code when it fails. */
function judge(requirement: string, holds: boolean, found: string): void {
  console.log(`- ${holds ? "holds" : "**fails**"}: ${requirement} (${found})`);
  if (!holds) process.exitCode = 1;
}

const samples = rows.map((): Sample[] => []);
try {
  for (let round = 0; round < rounds; round++) {
    for (const [i, row] of rows.entries()) {
      console.error(`round ${round + 1} of ${rounds}: ${row.name}, ${row.load} against ${row.server}`);
      samples[i]!.push(await measureUndisturbed(row));
    }
  }
} finally {
  await children.close();
}

/** The samples of a generator under a load; null where `--only` left them out. */
function samplesOf(by: { readonly name: string }, load: string): readonly Sample[] | null {
  return samples[rows.findIndex((row) => row.name === by.name && row.load === load)] ?? null;
}

console.log(
  `${rounds} interleaved rounds of ${seconds} s each after 1 s of warm-up, a fresh server and generator for each.`,
);
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, ${process.platform} ${release()}; ${describePins(pins)};`,
);
console.log(`Bun ${programOf("bun").version}, Node ${programOf("node").version}.\n`);
console.log(
  "| load | server | generator | received, k msg/s | lowest–highest | tickbench ÷ it, by rate | its CPU, ns a message | its CPU ÷ tickbench's | others on its core % |",
);
console.log("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const [i, row] of rows.entries()) {
  console.log(line(row, samples[i]!, samplesOf(ours, row.load) ?? []));
}
console.log("");
for (const program of otherPrograms) {
  console.log(
    `- ${program}: ${Bun.which(program) === null ? "not installed" : "installed, and not driven by this bench"}`,
  );
}
const [piped, , , , pushed] = loads.map(nameOf) as [string, string, string, string, string];
const [ourEcho, wsEcho, ourPush] = [samplesOf(ours, piped), samplesOf(ws, piped), samplesOf(ours, pushed)];
if (ourEcho !== null && wsEcho !== null) {
  const found = ratio(ourEcho, wsEcho, (s) => s.hz);
  judge(`at least ${minRatioToWs} × the ws client on Node`, found >= minRatioToWs, `${found.toFixed(1)} ×`);
}
if (ourPush !== null) {
  const hz = median(ourPush.map((s) => s.hz));
  judge(
    `at least ${minPushHz / 1e6} million 64-B messages a second from the null server`,
    hz >= minPushHz,
    `${(hz / 1e6).toFixed(1)} million`,
  );
}
