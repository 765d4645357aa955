import { join } from "node:path";
import { type CellSpec, cellId } from "../schemas/cell.ts";
import { ownEndpoint } from "../schemas/endpoint.ts";
import type { TrialPhase } from "../schemas/load.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../schemas/plan.ts";
import { ceilingSpec } from "./ceiling.ts";
import type { Bench, Measured, RunningServer, Started, TrialFailure } from "./experiment.ts";
import { busyAtRest } from "./idle.ts";
import { type LoadClient, serverLost } from "./load-client.ts";
import { isRoundTrip } from "./order.ts";
import { attach } from "./own/attach.ts";
import { freePort, type OwnStarted, startOwn } from "./own/start.ts";
import type { Children } from "./proc/children.ts";
import { childEnv } from "./proc/env.ts";
import type { Failure } from "./proc/failure.ts";
import type { PinPlan } from "./proc/pin.ts";
import { thisHost } from "./proc/runtimes.ts";
import { candidateProcess, type ServerProcess } from "./proc/server-process.ts";
import { startServer } from "./proc/supervise.ts";

const root = join(import.meta.dir, "..");

/** What a trial is made with: the plan, the cores, the processes, and each candidate's command. */
export interface TrialBench {
  readonly plan: Plan;
  readonly pins: PinPlan;
  readonly children: Children;
  readonly load: LoadClient;
  /** Fixed port of the servers, 0 for any free one. */
  readonly port: number;
  /** A server that nobody is connected to any more was busy for this share of the time. */
  readonly onBusyAtRest: (candidate: PlannedCandidate, share: number) => void;
  /** Program and arguments of each candidate of the manifest by its name; `null-server` included. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
}

/** The real bench: spawned servers, and the load generator's process. */
export function createBench(bench: TrialBench): Bench {
  const servers = new WeakMap<RunningServer, { server: ServerProcess; candidate: PlannedCandidate }>();
  const { limits } = bench.plan;

  const start = async (candidate: PlannedCandidate): Promise<Started> => {
    const result = await startByKind(bench, candidate);
    if (!result.ok) return { failure: trialFailure(result.failure, "start") };
    const { server } = result;
    let alive = true;
    void server.lost.then(() => {
      alive = false;
    });
    const running: RunningServer = {
      startupNs: server.startupNs,
      ready: server.ready,
      alive: () => alive,
      stop: async () => {
        if (!alive) return null;
        const share = server.pid === null ? null : await busyAtRest(server.pid);
        if (share !== null) bench.onBusyAtRest(candidate, share);
        const failure = await server.stop(limits.stopMs);
        return failure === null ? null : trialFailure(failure, "stop");
      },
    };
    servers.set(running, { server, candidate });
    return { server: running };
  };

  const measure = async (running: RunningServer, cell: PlannedCell): Promise<Measured> => {
    const started = servers.get(running);
    if (started === undefined) throw new Error("this server was not started by this bench");
    const { server, candidate } = started;
    const { request, limitMs } = trialOf(bench, server, candidate, cell.spec);
    const outcome = await bench.load.measure(request, limitMs, server.lost);
    if ("measurement" in outcome || outcome.failure.stderr.length > 0) return outcome;
    return { failure: { ...outcome.failure, stderr: server.stderrTail() } };
  };

  /** Shares `totalMs` of warm-up among the cells. Gives why the server died of it, null where it lives. */
  const heat = async (
    running: RunningServer,
    cells: readonly PlannedCell[],
    totalMs: number,
  ): Promise<TrialFailure | null> => {
    const started = servers.get(running);
    if (started === undefined) throw new Error("this server was not started by this bench");
    for (const { spec } of cells) {
      const lasting = { ...spec, warmupMs: Math.round(totalMs / cells.length) };
      const { request, limitMs } = trialOf(bench, started.server, started.candidate, lasting);
      const { lost } = started.server;
      if (await bench.load.warm(request, limitMs, lost)) continue;
      // Its connections end before its exit is told.
      const death = await Promise.race([lost, Bun.sleep(deathToldMs).then(() => null)]);
      if (death !== null) return { ...trialFailure(death, "warm-up"), reason: serverLost(death) };
    }
    return null;
  };

  const warm = (running: RunningServer, cells: readonly PlannedCell[]): Promise<TrialFailure | null> => {
    const totalMs = bench.plan.processWarmupMs;
    // One message in flight leaves a server idle most of the time: it warms nothing.
    const busy = cells.filter(({ spec }) => !isRoundTrip(spec));
    const headline = busy.filter((cell) => cell.headline.length > 0);
    const chosen = withoutSamePath(headline.length > 0 ? headline : busy);
    // A cell that warms longer by itself than its share here would last needs no second warm-up.
    const wanting = chosen.filter(({ spec }) => spec.warmupMs < totalMs / chosen.length);
    return heat(running, wanting, totalMs);
  };

  // One null server serves the whole run: a fresh one would still be compiling when its ceiling is taken.
  let ceilingServer: RunningServer | null = null;
  const ceiling = async (cells: readonly PlannedCell[]): Promise<ReadonlyMap<string, number>> => {
    // Cells that differ in what the null server need not know share one look.
    const asked = new Map(
      cells.map((cell) => {
        const spec = ceilingSpec(cell.spec);
        return [cellId(spec), { ...cell, spec }] as const;
      }),
    );
    if (ceilingServer === null) {
      const started = await start(nullServer);
      if ("failure" in started) {
        // The run is about to end for the same reason, and reports what it has.
        if (bench.children.interruptedBy !== null) return new Map();
        throw new Error(`the null server did not start: ${started.failure.reason}`);
      }
      ceilingServer = started.server;
      const busy = [...asked.values()].filter(({ spec }) => !isRoundTrip(spec));
      await heat(ceilingServer, busy, ceilingWarmupMs);
    }
    const rates = new Map<string, number>();
    for (const [id, cell] of asked) {
      const outcome = await measure(ceilingServer, cell);
      const rate = "measurement" in outcome ? outcome.measurement.metrics.throughputHz : undefined;
      if (rate !== undefined && rate > 0) rates.set(id, rate);
    }
    return new Map(
      cells.flatMap((cell) => {
        const rate = rates.get(cellId(ceilingSpec(cell.spec)));
        return rate === undefined ? [] : [[cell.id, rate] as const];
      }),
    );
  };

  const close = async (): Promise<void> => {
    await ceilingServer?.stop();
    ceilingServer = null;
  };

  return { start, warm, measure, ceiling, close };
}

/** Without the fan-outs where a feed warms the same path through the gateway, which its flood does faster. */
function withoutSamePath(cells: readonly PlannedCell[]): readonly PlannedCell[] {
  const hasFeed = cells.some(({ spec }) => spec.workload === "feed");
  return hasFeed ? cells.filter(({ spec }) => spec.workload !== "fanout") : cells;
}

/** How long the exit of a server that dropped its connections may take to be told. */
const deathToldMs = 300;

/** How long the null server and the generator are warmed before the first ceiling, in ms. */
const ceilingWarmupMs = 1200;

/** The generator's own ceiling is measured against it. */
const nullServer: PlannedCandidate = {
  name: "null-server",
  id: "null-server",
  twinOf: null,
  runtime: "bun",
  framework: "none",
  launch: { kind: "program", runtime: "bun", choice: { kind: "pinned" } },
  endpoint: ownEndpoint,
  serves: [],
  notServed: [],
  gaps: [],
  upgradeFrom: null,
};

async function startByKind(bench: TrialBench, candidate: PlannedCandidate): Promise<OwnStarted> {
  const { children, pins, plan } = bench;
  const { launch, endpoint } = candidate;
  const { readyMs } = plan.limits;
  const cores = pins.pinned ? pins.server : null;
  switch (launch.kind) {
    case "program": {
      const command = bench.commands.get(candidate.name) ?? [];
      // The null server lives beside the candidates, whose port it would hold.
      const port = candidate === nullServer ? 0 : bench.port;
      const env = childEnv(serverEnv(bench, candidate, port));
      const started = await startServer({ command, cwd: root, env, cores }, children, plan.limits);
      return started.ok ? { ok: true, server: candidateProcess(started.server) } : started;
    }
    case "command": {
      const port = bench.port === 0 ? freePort() : bench.port;
      const [program = "", ...args] = launch.command;
      // A program's name means what it means in the user's own shell, not what the project's tools put before it.
      const command = [program.includes("/") ? program : (thisHost.which(program) ?? program), ...args];
      const env = { ...childEnv(serverEnv(bench, candidate, port)), ...launch.env };
      const spec = { command, cwd: launch.cwd, env, cores };
      return startOwn(spec, children, port, endpoint.host, readyMs);
    }
    case "running":
      return attach(endpoint.host, launch.port, launch.pid, readyMs);
  }
}

/** One trial's request to the load generator, and how long it may take in all. */
function trialOf(
  bench: TrialBench,
  server: ServerProcess,
  { endpoint, launch }: PlannedCandidate,
  spec: CellSpec,
) {
  const { limits } = bench.plan;
  // What ran before is not bound to the server's core, so that no core's use can be told apart.
  const accountable = bench.pins.pinned && launch.kind !== "running";
  return {
    limitMs: limits.connectMs + spec.warmupMs + spec.windowMs + limits.drainMs + limits.trialGraceMs,
    request: {
      port: server.port,
      endpoint,
      serverPid: server.pid,
      cores: accountable ? [...bench.pins.server, ...bench.pins.load] : [],
      cell: spec,
      connectTimeoutMs: limits.connectMs,
      drainTimeoutMs: limits.drainMs,
    },
  };
}

function serverEnv({ plan }: TrialBench, candidate: PlannedCandidate, port: number): Record<string, string> {
  return {
    PORT: `${port}`,
    CANDIDATE: candidate.id,
    SLOW_CONSUMER: plan.slowConsumer,
    BACKPRESSURE_LIMIT_BYTES: `${plan.backpressureLimitBytes}`,
    NODE_ENV: "production",
  };
}

function trialFailure(failure: Failure, phase: TrialPhase): TrialFailure {
  return { phase, reason: failure.reason, stderr: failure.stderrTail };
}
