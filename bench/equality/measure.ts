import { existsSync } from "node:fs";
import { join } from "node:path";
import { candidateRuntime, runtimeCache } from "../../runner/candidates/candidate-runtime.ts";
import { startCustom } from "../../runner/candidates/custom/start.ts";
import type { LoadClient } from "../../runner/load-client.ts";
import { bundleEntry } from "../../runner/process/bundle.ts";
import type { Children } from "../../runner/process/children.ts";
import { childEnv } from "../../runner/process/env.ts";
import type { PinPlan } from "../../runner/process/pin.ts";
import { freePort } from "../../runner/process/ports.ts";
import { runtimePackage } from "../../runner/process/runtimes.ts";
import type { ServerProcess } from "../../runner/process/server-process.ts";
import type { CellSpec } from "../../schemas/cell.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { Candidate } from "../../servers/manifest.ts";
import type { Compared } from "./reasons.ts";

const root = join(import.meta.dir, "../..");
const bundles = join(root, "node_modules/.cache/tickbench/equality");
const limits = { readyMs: 20_000, connectMs: 10_000, drainMs: 10_000, trialMs: 30_000, stopMs: 2_000 };
/** A server that has just started still compiles and collects what its start left; that is not the question here. */
const timing = { warmupMs: 800, windowMs: 400 };

/** What both are asked for. */
const cells: Readonly<Record<Compared, CellSpec>> = {
  echo: { workload: "echo", codec: "json", bytes: null, connections: 32, window: 32, ...timing },
  push: { workload: "push", codec: "raw", bytes: 64, connections: 8, count: 2000, ...timing },
};

/**
 * asyncio reads a socket into 256 KiB that it gives back at once. glibc then returns the end of the heap to the kernel, and
 * faults it in again, or not, as the heap happens to lie: about a tenth of what an echo costs, and decided by a line printed at the start.
 * With both thresholds above what is ever read, neither process does.
 */
const steadyHeap = {
  MALLOC_MMAP_THRESHOLD_: `${32 * 1024 * 1024}`,
  MALLOC_TRIM_THRESHOLD_: `${64 * 1024 * 1024}`,
};

export interface Program {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A server's figures in one workload. */
export interface Figures {
  readonly throughputHz: number;
  readonly cpuNsPerMessage: number;
}

/** What measuring needs of the machine. */
export interface Bench {
  readonly load: LoadClient;
  readonly children: Children;
  readonly pins: PinPlan;
}

/** Path of the pinned runtime; of the one that --runtime has fetched where the candidate needs another version. */
function runtimeOf(candidate: Candidate): string | null {
  const { runtime, requires } = candidate;
  if (requires === undefined || runtime === "python") {
    const found = candidateRuntime(candidate, "pinned");
    return "unavailable" in found ? null : found.path;
  }
  const made = runtimePackage(runtime);
  if (made === null || !existsSync(join(root, requires.installed))) return null;
  return runtimeCache.find(made.name, `${requires.runtimeMajor}`, made.program)?.path ?? null;
}

/** The candidate's program and the minimal one; null where the candidate does not run here. */
export async function programsOf(candidate: Candidate): Promise<readonly [Program, Program] | null> {
  const { id, runtime, framework, entry, args = [] } = candidate;
  const program = runtimeOf(candidate);
  if (program === null) return null;
  const minimal =
    runtime === "python"
      ? `bench/minimal/python-${framework}.py`
      : `bench/minimal/${id.replace("/", "-")}.ts`;
  const pythonEnv = runtime === "python" ? { PYTHONPATH: "servers/python", ...steadyHeap } : {};
  const programOf = async (file: string): Promise<Program> => {
    const path = join(root, file);
    const script = runtime === "node" ? await bundleEntry(path, bundles) : path;
    return { command: [program, script, ...args], env: pythonEnv };
  };
  return [await programOf(entry), await programOf(minimal)];
}

/** Figures of both workloads, on a fresh process. Throws an Error naming the program and what it said. */
export async function measure(
  bench: Bench,
  { command, env: own }: Program,
): Promise<Record<Compared, Figures>> {
  const { children, pins } = bench;
  const port = freePort();
  const env = childEnv({ PORT: `${port}`, NODE_ENV: "production", ...own });
  const spec = { command, cwd: root, env, cores: pins.pinned ? pins.server : null };
  const started = await startCustom(
    spec,
    children,
    { port, listensOn: null, endpoint: builtInEndpoint },
    limits.readyMs,
  );
  if (!started.ok) throw new Error(`${command.join(" ")}: ${started.failure.reason}`);
  const { server } = started;
  try {
    const echo = await measureCell(bench, server, cells.echo);
    return { echo, push: await measureCell(bench, server, cells.push) };
  } catch (error) {
    const said = [error instanceof Error ? error.message : error, ...server.stderrTail()].join("\n");
    throw new Error(`${command.join(" ")}: ${said}`);
  } finally {
    await server.stop(limits.stopMs);
  }
}

async function measureCell({ load, pins }: Bench, server: ServerProcess, cell: CellSpec): Promise<Figures> {
  const outcome = await load.measure(
    {
      port: server.port,
      endpoint: builtInEndpoint,
      serverPid: server.pid,
      helperCores: [],
      cores: pins.pinned ? [...pins.server, ...pins.load] : [],
      cell,
      connectTimeoutMs: limits.connectMs,
      drainTimeoutMs: limits.drainMs,
    },
    limits.trialMs,
    server.lost,
  );
  if ("failure" in outcome) throw new Error(`${cell.workload}: ${outcome.failure.reason}`);
  return figuresOf(outcome.measurement);
}

function figuresOf({ metrics }: Measurement): Figures {
  const { throughputHz = Number.NaN, cpuNsPerMessage = Number.NaN } = metrics;
  return { throughputHz, cpuNsPerMessage };
}
