import { join } from "node:path";
import type { CellSpec } from "../schemas/cell.ts";
import type { Measurement, TrialPhase } from "../schemas/load.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../schemas/plan.ts";
import { attach } from "./candidates/custom/attach.ts";
import { freePort, type OwnStarted, startOwn } from "./candidates/custom/start.ts";
import type {
  Bench,
  CeilingLook,
  Measured,
  RunningServer,
  Started,
  TrialFailure,
  Warming,
} from "./experiment.ts";
import { type LoadClient, serverLost } from "./load-client.ts";
import { isRoundTrip } from "./plan/schedule.ts";
import type { Children } from "./process/children.ts";
import { childEnv } from "./process/env.ts";
import type { Failure } from "./process/failure.ts";
import { helperCoresOf, type PinPlan } from "./process/pin.ts";
import { thisHost } from "./process/runtimes.ts";
import { candidateProcess, type ServerProcess } from "./process/server-process.ts";
import { startServer } from "./process/supervise.ts";
import { type CeilingBench, Ceilings, nullServer } from "./quality/null-server-ceiling.ts";
import { busyAtRest } from "./quality/post-trial.ts";
import { type VisitDoubt, visitDoubts } from "./quality/visit-end.ts";

const root = join(import.meta.dir, "..");

/** What a trial is made with: the plan, the cores, the processes, and each candidate's command. */
export interface TrialBench {
  readonly plan: Plan;
  readonly pins: PinPlan;
  readonly children: Children;
  readonly load: LoadClient;
  /** Where the generator's other threads run while it spins; as the pins have it unless given. */
  readonly helperCores?: readonly number[];
  /** Fixed port of the servers, 0 for any free one. */
  readonly port: number;
  /** A server that nobody is connected to any more was busy for this share of the time. */
  readonly onBusyAtRest: (candidate: PlannedCandidate, share: number) => void;
  /** What came to light when a server's visit ended; it concerns all that the server measured. */
  readonly onVisitDoubt?: (candidate: PlannedCandidate, doubt: VisitDoubt) => void;
  /** Program and arguments of each candidate of the manifest by its name; `null-server` included. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
}

/** The real bench: spawned servers, and the load generator's process. */
export function createBench(bench: TrialBench): Bench {
  return new RealBench(bench);
}

/** A server of this bench, and whose it is. */
interface Served {
  readonly server: ServerProcess;
  readonly candidate: PlannedCandidate;
}

class RealBench implements Bench, CeilingBench {
  readonly #bench: TrialBench;
  readonly #ceilings: Ceilings;
  readonly #servers = new WeakMap<RunningServer, Served>();

  constructor(bench: TrialBench) {
    this.#bench = bench;
    this.#ceilings = new Ceilings(this, () => bench.children.interruptedBy !== null);
  }

  async start(candidate: PlannedCandidate): Promise<Started> {
    const result = await startByKind(this.#bench, candidate);
    if (!result.ok) return { failure: trialFailure(result.failure, "start") };
    const { server } = result;
    const running = runningServer(this.#bench, candidate, server);
    this.#servers.set(running, { server, candidate });
    return { server: running };
  }

  async measure(running: RunningServer, cell: PlannedCell): Promise<Measured> {
    const { server, candidate } = this.#served(running);
    const { request, limitMs } = trialOf(this.#bench, server, candidate, cell.spec);
    const outcome = await this.#bench.load.measure(request, limitMs, server.lost);
    if ("measurement" in outcome) return { measurement: withReason(outcome.measurement, server) };
    if (outcome.failure.stderr.length > 0) return outcome;
    return { failure: { ...outcome.failure, stderr: server.stderrTail() } };
  }

  warm(running: RunningServer, cells: readonly PlannedCell[]): Promise<Warming> {
    const totalMs = this.#bench.plan.processWarmupMs;
    // One message in flight leaves a server idle most of the time: it warms nothing.
    const busy = cells.filter(({ spec }) => !isRoundTrip(spec));
    const headline = busy.filter((cell) => cell.headline.length > 0);
    const chosen = withoutSamePath(headline.length > 0 ? headline : busy);
    // A cell that warms longer by itself than its share here would last needs no second warm-up.
    const wanting = chosen.filter(({ spec }) => spec.warmupMs < totalMs / chosen.length);
    return this.heat(running, wanting, totalMs);
  }

  async heat(running: RunningServer, cells: readonly PlannedCell[], totalMs: number): Promise<Warming> {
    const warmed: Warming["cells"][number][] = [];
    const { server, candidate } = this.#served(running);
    for (const { id: cell, spec } of cells) {
      const lasting = { ...spec, warmupMs: Math.round(totalMs / cells.length) };
      const { request, limitMs } = trialOf(this.#bench, server, candidate, lasting);
      const outcome = await this.#bench.load.warm(request, limitMs, server.lost);
      if ("warmUp" in outcome) {
        warmed.push({ cell, warmUp: outcome.warmUp });
        continue;
      }
      // Its connections end before its exit is told.
      const death = await Promise.race([server.lost, Bun.sleep(deathToldMs).then(() => null)]);
      if (death !== null) {
        return { cells: warmed, death: { ...trialFailure(death, "warm-up"), reason: serverLost(death) } };
      }
      const { failure } = outcome;
      const stderr = failure.stderr.length > 0 ? failure.stderr : server.stderrTail();
      warmed.push({ cell, failure: { ...failure, stderr } });
    }
    return { cells: warmed, death: null };
  }

  ceiling(cells: readonly PlannedCell[]): Promise<CeilingLook> {
    return this.#ceilings.of(cells);
  }

  replaceGenerator(): Promise<void> {
    return this.#bench.load.stop();
  }

  close(): Promise<void> {
    return this.#ceilings.close();
  }

  #served(running: RunningServer): Served {
    const served = this.#servers.get(running);
    if (served === undefined) throw new Error("this server was not started by this bench");
    return served;
  }
}

/** With the reason why nothing is known of the server's use, where that came to light when it started. */
function withReason(measurement: Measurement, { unattributed }: ServerProcess): Measurement {
  return unattributed === null ? measurement : { ...measurement, unattributed };
}

/** A server as an experiment sees it. */
function runningServer(bench: TrialBench, candidate: PlannedCandidate, server: ServerProcess): RunningServer {
  let alive = true;
  void server.lost.then(() => {
    alive = false;
  });
  return {
    startupNs: server.startupNs,
    startupBound: server.startupBound,
    ready: server.ready,
    listensOn: server.listensOn ?? null,
    notes: server.notes,
    alive: () => alive,
    stop: async () => {
      if (!alive) return null;
      for (const doubt of visitDoubts(server, pinnedTo(bench, candidate)))
        bench.onVisitDoubt?.(candidate, doubt);
      const share = server.pid === null ? null : await busyAtRest(server.pid);
      if (share !== null) bench.onBusyAtRest(candidate, share);
      const failure = await server.stop(bench.plan.limits.stopMs);
      return failure === null ? null : trialFailure(failure, "stop");
    },
  };
}

/** Cores that a server was bound to when it started; null where it was not. */
function pinnedTo({ pins }: TrialBench, { launch }: PlannedCandidate): readonly number[] | null {
  return pins.pinned && launch.kind !== "running" ? pins.server : null;
}

/** Without the fan-outs where a feed warms the same path through the gateway, which its flood does faster. */
function withoutSamePath(cells: readonly PlannedCell[]): readonly PlannedCell[] {
  const hasFeed = cells.some(({ spec }) => spec.workload === "feed");
  return hasFeed ? cells.filter(({ spec }) => spec.workload !== "fanout") : cells;
}

/** How long the exit of a server that dropped its connections may take to be told. */
const deathToldMs = 300;

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
      const { listensOn } = launch;
      return startOwn(
        spec,
        children,
        { port, listensOn: bench.port === 0 ? listensOn : null, endpoint },
        readyMs,
      );
    }
    case "running":
      return attach(endpoint, launch.port, launch.pid, readyMs);
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
  const accountable = bench.pins.pinned && bench.pins.accountable !== false && launch.kind !== "running";
  return {
    limitMs: limits.connectMs + spec.warmupMs + spec.windowMs + limits.drainMs + limits.trialGraceMs,
    request: {
      port: server.port,
      endpoint: { ...endpoint, host: server.host },
      serverPid: server.pid,
      cores: accountable ? [...bench.pins.server, ...bench.pins.load] : [],
      helperCores: [...(bench.helperCores ?? helperCoresOf(bench.pins))],
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
