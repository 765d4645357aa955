import { join } from "node:path";
import type { LastLook } from "../schemas/agent.ts";
import { type CellSpec, isOfRuntime, serviceOf } from "../schemas/cell.ts";
import type { Measurement } from "../schemas/load.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../schemas/plan.ts";
import type { DeclaredPolicy } from "../schemas/pressure.ts";
import type { TrialPhase } from "../schemas/trial-phase.ts";
import { attach, unseen } from "./candidates/custom/attach.ts";
import { type OwnStarted, startCustom } from "./candidates/custom/start.ts";
import type { ServerHost } from "./distributed/server-host.ts";
import type { Bench, CeilingLook, Opened, RunningServer, Started, TrialFailure } from "./experiment.ts";
import type { Failed, LoadGenerator } from "./load-client.ts";
import { type Certificate, selfSignedCertificate } from "./process/certificate.ts";
import type { Children } from "./process/children.ts";
import { childEnv } from "./process/env.ts";
import type { Failure } from "./process/failure.ts";
import { helperCoresOf, type PinPlan, serverCoresOf } from "./process/pin.ts";
import { freePort } from "./process/ports.ts";
import { RestartableServer } from "./process/restartable.ts";
import { thisHost } from "./process/runtimes.ts";
import { candidateProcess, type ServerProcess } from "./process/server-process.ts";
import { startServer } from "./process/supervise.ts";
import { holdTree } from "./process/tree.ts";
import { type CeilingBench, Ceilings, nullServer } from "./quality/null-server-ceiling.ts";
import { lastLookAt, type VisitFlag } from "./quality/visit-end.ts";

const root = join(import.meta.dir, "..");

/** What a trial is made with: the plan, the cores, the processes, and each candidate's command. */
export interface TrialBench {
  readonly plan: Plan;
  readonly pins: PinPlan;
  readonly children: Children;
  readonly load: LoadGenerator;
  /** Where the generator's other threads run while it spins; as the pins have it unless given. */
  readonly helperCores?: readonly number[];
  /** Who starts servers on another host; absent where this process does. */
  readonly servers?: ServerHost | null;
  /** Fixed port of the servers, 0 for any free one. */
  readonly port: number;
  /** A server that nobody is connected to any more was busy for this share of the time. */
  readonly onBusyAtRest: (candidate: PlannedCandidate, share: number) => void;
  /** What came to light when a server's visit ended; it concerns all that the server measured. */
  readonly onVisitFlag?: (candidate: PlannedCandidate, doubt: VisitFlag) => void;
  /** Frames of each phase and direction that the load generator reports; none unless given. */
  readonly traceFrames?: number;
  /** Program and arguments of each candidate of the manifest by its name; `null-server` included. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
  /** Variables that programs of the manifest get beside what the contract has. */
  readonly env?: Readonly<Record<string, string>>;
  /** What measures the runtime itself, by the candidate that it is reported under; none unless given. */
  readonly probes?: ReadonlyMap<string, readonly string[]>;
}

/** The real bench: spawned servers, and the load generator's process. */
export function createBench(bench: TrialBench): Bench {
  return new RealBench(bench);
}

/** A server of this bench, and whose it is. */
interface Served {
  readonly server: RestartableServer;
  readonly certificate: Certificate | null;
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
    const certificate = candidate.levels?.tls === true ? await selfSignedCertificate() : null;
    const begin = () => startByKind(this.#bench, candidate, certificate);
    const result = await begin();
    if (!result.ok) return { failure: trialFailure(result.failure, "start") };
    const server = new RestartableServer(result.server, begin);
    const running = runningServer(this.#bench, candidate, result.server, server);
    this.#servers.set(running, { server, candidate, certificate });
    return { server: running };
  }

  async open(running: RunningServer, { spec }: PlannedCell, beside = false): Promise<Opened> {
    const served = this.#served(running);
    const { server } = served;
    const { limits } = this.#bench.plan;
    const withStderr = <T extends object>(outcome: T | Failed): T | Failed => {
      if (!("failure" in outcome) || outcome.failure.stderr.length > 0) return outcome;
      return { failure: { ...outcome.failure, stderr: server.stderrTail() } };
    };
    const openMs = limits.connectMs + spec.warmupMs + limits.drainMs + limits.trialGraceMs;
    const request = { ...openingOf(this.#bench, served, spec), ...(beside ? { beside } : {}) };
    const restart = () => server.restart(limits.stopMs);
    const opened = withStderr(await this.#bench.load.open(request, openMs, server.lost, restart));
    if ("failure" in opened) return opened;
    const { cell } = opened;
    return {
      cell: {
        warmUp: cell.warmUp,
        window: async (asked) => {
          const limitMs = asked.waitMs + asked.windowMs + limits.drainMs + limits.trialGraceMs;
          const outcome = withStderr(await cell.window(asked, Math.ceil(limitMs)));
          return "measurement" in outcome
            ? { measurement: withReason(outcome.measurement, server) }
            : outcome;
        },
        close: cell.close,
      },
    };
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
    if (served === undefined) throw new Error("this server was not started by the tool");
    return served;
  }
}

/** With the reason why nothing is known of the server's use, where that came to light when it started. */
function withReason(measurement: Measurement, { unattributed }: ServerProcess): Measurement {
  return unattributed === null ? measurement : { ...measurement, unattributed };
}

/** A server as an experiment sees it. */
function runningServer(
  bench: TrialBench,
  candidate: PlannedCandidate,
  started: ServerProcess,
  server: RestartableServer,
): RunningServer {
  let alive = true;
  void server.lost.then(() => {
    alive = false;
  });
  return {
    startupNs: started.startupNs,
    startupBound: started.startupBound,
    ready: started.ready,
    get pid() {
      return server.pid;
    },
    listensOn: started.listensOn ?? null,
    notes: started.notes,
    get address() {
      return { host: server.host, port: server.port };
    },
    alive: () => alive,
    // A server that ran before is not the runner's to hold, one on another host is out of reach, and of one that works in processes
    // that are not its own nobody knows what there is to hold.
    hold:
      candidate.launch.kind === "running" || started.pid === null || started.lastLook !== undefined
        ? null
        : () => (server.pid === null ? () => undefined : holdTree(server.pid)),
    stop: async () => {
      if (!alive) return null;
      const recordLook = ({ flags, busyShare }: LastLook) => {
        for (const flag of flags) bench.onVisitFlag?.(candidate, flag);
        if (busyShare !== null) bench.onBusyAtRest(candidate, busyShare);
      };
      if (started.lastLook === undefined) recordLook(await lastLookAt(server, pinnedTo(bench, candidate)));
      const failure = await server.stop(bench.plan.limits.stopMs);
      if (started.lastLook !== undefined) recordLook(started.lastLook());
      return failure === null ? null : trialFailure(failure, "stop");
    },
  };
}

/** Cores that a server was bound to when it started; null where it was not. */
function pinnedTo({ pins }: TrialBench, { launch, levels }: PlannedCandidate): readonly number[] | null {
  return pins.pinned && launch.kind !== "running" ? serverCoresOf(pins, levels?.cores ?? 1) : null;
}

async function startByKind(
  bench: TrialBench,
  candidate: PlannedCandidate,
  certificate: Certificate | null,
): Promise<OwnStarted> {
  const { children, plan } = bench;
  const { launch, endpoint } = candidate;
  const { readyMs } = plan.limits;
  const cores = pinnedTo(bench, candidate);
  if (bench.servers != null && launch.kind === "program") {
    const port = candidate === nullServer ? 0 : (plan.target?.port ?? 0);
    return bench.servers.start(candidate, plan, { port });
  }
  switch (launch.kind) {
    case "program": {
      const command = bench.commands.get(candidate.name) ?? [];
      // The null server lives beside the candidates, whose port it would hold.
      const port = candidate === nullServer ? 0 : bench.port;
      const env = childEnv({
        ...serverEnv(bench, candidate, port),
        ...featureEnv(candidate, certificate),
        ...bench.env,
      });
      const started = await startServer(
        { name: candidate.name, command, cwd: root, env, cores },
        children,
        plan.limits,
      );
      return started.ok ? { ok: true, server: candidateProcess(started.server) } : started;
    }
    case "command": {
      const port = bench.port === 0 ? freePort() : bench.port;
      const [program = "", ...args] = launch.command;
      // A program's name means what it means in the user's own shell, not what the project's tools put before it.
      const command = [program.includes("/") ? program : (thisHost.which(program) ?? program), ...args];
      const env = { ...childEnv(serverEnv(bench, candidate, port)), ...launch.env };
      const spec = { name: candidate.name, command, cwd: launch.cwd, env, cores };
      const { listensOn } = launch;
      return startCustom(
        spec,
        children,
        { port, listensOn: bench.port === 0 ? listensOn : null, endpoint },
        readyMs,
      );
    }
    case "running":
      return plan.target === undefined
        ? attach(endpoint, launch.port, launch.pid, readyMs)
        : { ok: true, server: unseen(plan.target) };
  }
}

/** What the load generator needs to know to open a cell. */
function openingOf(
  bench: TrialBench,
  { server, candidate: { name, endpoint, launch, levels }, certificate }: Served,
  spec: CellSpec,
) {
  const { limits } = bench.plan;
  // What ran before is not bound to the server's core, so that no core's use can be attributed.
  const probe = isOfRuntime(serviceOf(spec)) ? bench.probes?.get(name) : undefined;
  const serverCores = serverCoresOf(bench.pins, levels?.cores ?? 1);
  const accountable =
    bench.pins.pinned &&
    bench.pins.accountable !== false &&
    launch.kind !== "running" &&
    (bench.servers == null || probe !== undefined);
  return {
    port: server.port,
    endpoint: { ...endpoint, host: server.host },
    ...addressOf(bench, launch),
    serverPid: server.pid,
    cores: accountable ? [...serverCores, ...bench.pins.load] : [],
    ...(serverCores.length > 1 ? { serverCores: serverCores.length } : {}),
    helperCores: [...(bench.helperCores ?? helperCoresOf(bench.pins))],
    cell: spec,
    ...(probe === undefined ? {} : { probe: [...probe] }),
    ...(levels === undefined
      ? {}
      : { transport: { ca: certificate?.cert ?? null, deflate: levels.deflate } }),
    ...(launch.kind === "running" || bench.servers != null ? {} : { restarts: true as const }),
    declared: declaredBy(bench, server),
    connectTimeoutMs: limits.connectMs,
    drainTimeoutMs: limits.drainMs,
    ...(bench.traceFrames === undefined ? {} : { traceFrames: bench.traceFrames }),
  };
}

/** Where load processes reach it, where that is another host: the null server is beside them where nobody starts servers there. */
function addressOf({ plan: { target } }: TrialBench, { kind }: PlannedCandidate["launch"]) {
  if (target === undefined || (target.startedBy === "nobody" && kind !== "running")) return {};
  return { address: target.host };
}

/** What the server itself says of slow subscribers, or what it was configured with. */
function declaredBy({ plan }: TrialBench, { ready }: ServerProcess): DeclaredPolicy {
  const { slowConsumer: policy, backpressureLimitBytes: limitBytes } = ready?.options ?? plan;
  return { policy, limitBytes };
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

/** What a variant is configured with. */
function featureEnv({ levels }: PlannedCandidate, certificate: Certificate | null): Record<string, string> {
  return {
    ...(levels?.deflate === true ? { DEFLATE: "on" } : {}),
    ...(levels === undefined || levels.cores === 1 ? {} : { SERVER_CORES: `${levels.cores}` }),
    ...(certificate === null
      ? {}
      : { TLS_CERT_FILE: certificate.certFile, TLS_KEY_FILE: certificate.keyFile }),
  };
}

function trialFailure(failure: Failure, phase: TrialPhase): TrialFailure {
  return { phase, reason: failure.reason, stderr: failure.stderrTail };
}
