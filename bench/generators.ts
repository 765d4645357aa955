/**
 * The load generator beside others on this machine: the same load against the same server, a fresh one for each, in interleaved rounds.
 * Prints a Markdown report; the exit code is 1 when a requirement fails, 2 for a bad flag. `--rounds` (default 5) and `--seconds`
 * (2) of each measurement; `--only` measures the loads whose name contains it; `--before FOLDER` measures in the same rounds the
 * generator of another checkout of this repository, against the same servers. Load generators of others take part where their program is on
 * the PATH (bench/peers).
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
import {
  type Generator,
  judgements,
  type LoadName,
  loads,
  ours,
  ratio,
  type Sample,
  titleOf,
} from "./generator-loads.ts";
import type { GeneratorSetup } from "./generator-setup.ts";
import { InstalledPeer } from "./peers/drive.ts";
import { loadTest } from "./peers/load-test.ts";
import { peers } from "./peers/peers.ts";

/** One of the bench's own programs, or a peer that is on the PATH. */
type By =
  | (Generator & {
      /** The checkout that the program is of, where it is another one. */
      readonly checkout?: string;
    })
  | InstalledPeer;

interface Row {
  readonly load: LoadName;
  readonly by: By;
  readonly samples: Sample[];
  /** Why a peer failed under it. */
  failure: string | null;
}

/** Others always take a little: the bench itself shares the core where there are but two. */
const negligiblePct = 10;
const retries = 2;

const result = z.strictObject({
  messages: z.int().nonnegative(),
  elapsedNs: z.number().positive(),
  cpuNs: z.number().nonnegative(),
  faults: z.int().nonnegative().nullable(),
});

const root = join(import.meta.dir, "..");
const { rounds, seconds, only, before } = readFlags();
const pins = planPins(readTopology());
const loadCores = pins.pinned ? pins.load : null;
const children = new Children();
const installed = peers.flatMap((peer) => {
  const program = Bun.which(peer.program);
  return program === null ? [] : [new InstalledPeer(peer, program, loadCores)];
});
const rows: readonly Row[] = (Object.keys(loads) as LoadName[])
  .filter((load) => titleOf(loads[load]).includes(only))
  .flatMap((load) => [
    ...withBefore(loads[load].generators).map((by) => rowOf(load, by)),
    ...installed
      .filter(({ peer }) => loads[load].peers && peer.makes(setupOf(load, 0)))
      .map((by) => rowOf(load, by)),
  ]);

function rowOf(load: LoadName, by: By): Row {
  return { load, by, samples: [], failure: null };
}

function nameOf(by: By): string {
  return by instanceof InstalledPeer ? by.peer.name : by.name;
}

function setupOf(load: LoadName, port: number): GeneratorSetup {
  return { ...loads[load].setup, port, warmupMs: 1000, windowMs: seconds * 1000 };
}

/** Puts this project's generator as it was behind the one that it is. */
function withBefore([first, ...others]: readonly Generator[]): By[] {
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
async function measure({ load, by }: Row): Promise<Sample> {
  if (by instanceof InstalledPeer) await by.build();
  const { server: program } = loads[load];
  const spec = {
    command: [programOf("bun").path, join(root, program)],
    cwd: root,
    env: childEnv({ PORT: "0" }),
    cores: pins.pinned ? pins.server : null,
  };
  const started = await startServer(spec, children, { readyMs: 20_000 });
  if (!started.ok) throw new Error(`${program}: ${started.failure.reason}`);
  const { server } = started;
  try {
    const setup = setupOf(load, server.ready.port);
    const coresBefore = readCores();
    const { hz, cpuNsPerMessage, ownNs } = await (by instanceof InstalledPeer
      ? generateByPeer(by, setup)
      : generate(by, setup));
    const after = readCores();
    const core = loadCores?.[0];
    const use =
      core === undefined || coresBefore === null || after === null
        ? undefined
        : accountCores(coreUsage(coresBefore, after), new Map([[core, ownNs]]))[0];
    const foreignPct = use === undefined ? null : (100 * use.foreignNs) / (after!.atNs - coresBefore!.atNs);
    return { hz, cpuNsPerMessage, foreignPct };
  } finally {
    await server.stop(2_000);
  }
}

/** A rate, and the CPU time of a message and of the generator's whole life. */
interface Generated {
  readonly hz: number;
  readonly cpuNsPerMessage: number;
  readonly ownNs: number;
}

async function generateByPeer(by: InstalledPeer, setup: GeneratorSetup): Promise<Generated> {
  const { messages, elapsedNs, allMessages, cpuNs } = await by.measure(setup);
  return { hz: (messages / elapsedNs) * 1e9, cpuNsPerMessage: cpuNs / allMessages, ownNs: cpuNs };
}

async function generate(by: Exclude<By, InstalledPeer>, setup: GeneratorSetup): Promise<Generated> {
  const from = by.checkout ?? root;
  const generator = withAffinity(loadCores, () =>
    Bun.spawn([programOf(by.runtime).path, join(from, "bench", by.program), JSON.stringify(setup)], {
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
  if (exitCode !== 0) throw new Error(`${by.name} ended with exit code ${exitCode}`);
  const { messages, elapsedNs, cpuNs, faults } = result.parse(JSON.parse(output));
  if (faults !== null && faults > 0) throw new Error(`${by.name}: the ledger found ${faults} faults`);
  return {
    hz: (messages / elapsedNs) * 1e9,
    cpuNsPerMessage: cpuNs / messages,
    ownNs: Number(generator.resourceUsage()?.cpuTime.total ?? 0n) * 1000,
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

function line({ load, by, samples }: Row): string {
  const hz = samples.map((sample) => sample.hz);
  const ofTickbench = samplesOf(load, ours.name);
  const foreign = samples.flatMap(({ foreignPct }) => (foreignPct === null ? [] : [foreignPct]));
  const beside = (text: (ofTickbench: readonly Sample[]) => string) =>
    ofTickbench === null || nameOf(by) === ours.name ? "" : text(ofTickbench);
  return `| ${[
    titleOf(loads[load]),
    loads[load].server,
    nameOf(by),
    thousands(median(hz)),
    `${thousands(Math.min(...hz))}–${thousands(Math.max(...hz))}`,
    beside((own) => `${ratio(own, samples, (s) => s.hz).toPrecision(3)} ×`),
    median(samples.map((s) => s.cpuNsPerMessage)).toPrecision(3),
    beside((own) => `${(100 * ratio(samples, own, (s) => s.cpuNsPerMessage)).toFixed(0)} %`),
    foreign.length === 0 ? "unknown" : median(foreign).toFixed(0),
  ].join(" | ")} |`;
}

/** One more sample of a row. A peer that fails is left out from then on; the bench's own programs end it. */
async function take(row: Row): Promise<void> {
  if (row.failure !== null) return;
  try {
    row.samples.push(await measureUndisturbed(row));
  } catch (error) {
    if (!(row.by instanceof InstalledPeer)) throw error;
    row.failure = error instanceof Error ? error.message : String(error);
  }
}

try {
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) {
      const { server } = loads[row.load];
      console.error(
        `round ${round + 1} of ${rounds}: ${nameOf(row.by)}, ${titleOf(loads[row.load])} against ${server}`,
      );
      await take(row);
    }
  }
} finally {
  await children.close();
  for (const peer of installed) peer.remove();
}

/** The samples of a generator under a load, one a round; null where it was not measured in each. */
function samplesOf(load: LoadName, generator: string): readonly Sample[] | null {
  const row = rows.find(({ load: of, by }) => of === load && nameOf(by) === generator);
  return row?.samples.length === rounds ? row.samples : null;
}

console.log(
  `${rounds} interleaved rounds of ${seconds} s each after 1 s of warm-up, a fresh server and generator for each.`,
);
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, ${process.platform} ${release()}; ${describePins(pins)};`,
);
console.log(`Bun ${programOf("bun").version}, Node ${programOf("node").version}.`);
if (rows.some(({ by, samples }) => by instanceof InstalledPeer && samples.length > 0)) {
  console.log("CPU time of other projects' programs is of their whole life, over all their messages.");
}
console.log("");
console.log(
  "| load | server | generator | received, k msg/s | lowest–highest | tickbench ÷ it, by rate | its CPU, ns a message | its CPU ÷ tickbench's | others on its core % |",
);
console.log("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const row of rows) if (row.samples.length === rounds) console.log(line(row));
console.log("");
for (const { name, program } of peers) console.log(`- ${program}: ${standingOf(name)}`);
for (const { requirement, holds, found } of judgements(samplesOf, loadTest.name)) {
  console.log(`- ${holds ? "holds" : "**fails**"}: ${requirement} (${found})`);
  if (!holds) process.exitCode = 1;
}

/** Of a peer, in one line: measured, not installed, or why not. */
function standingOf(name: string): string {
  const found = installed.find(({ peer }) => peer.name === name);
  if (found === undefined) return "not installed";
  const own = rows.filter(({ by }) => by === found);
  if (own.length === 0) return "installed, and makes none of these loads";
  const failed = Map.groupBy(
    own.filter(({ failure }) => failure !== null),
    ({ failure }) => failure,
  );
  const measured = own.some(({ failure }) => failure === null) ? [`measured, ${found.program}`] : [];
  const reasons = [...failed].map(
    ([failure, of]) => `failed under ${of.map(({ load }) => titleOf(loads[load])).join("; ")}: ${failure}`,
  );
  return [...measured, ...reasons].join("; ");
}
