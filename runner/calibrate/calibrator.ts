import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Tally, tally } from "../../schemas/calibration.ts";
import type { CellSpec } from "../../schemas/cell.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import type { CoreUse, FailureCode, Measurement } from "../../schemas/load.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { HostFacts } from "../../schemas/report.ts";
import type { Bench } from "../experiment.ts";
import type { LoadClient, Restart } from "../load-client.ts";
import type { Children } from "../process/children.ts";
import { accountCores, type CoreSnapshot, coreUsage, readCores } from "../process/cores.ts";
import { childEnv } from "../process/env.ts";
import { hostFacts } from "../process/host.ts";
import { helperCoresOf, type PinPlan, readTopology } from "../process/pin.ts";
import { RestartableServer } from "../process/restartable.ts";
import { sampleProcess } from "../process/sample.ts";
import { candidateProcess } from "../process/server-process.ts";
import { type Server, type ServerResult, startServer } from "../process/supervise.ts";
import { createBench } from "../trial.ts";
import { type MachineUse, machineUseOf } from "./machine.ts";

const root = join(import.meta.dir, "..", "..");

/** The reference servers. They are named by whole paths, so that a look for unused files finds their use. */
const programs = {
  plain: import.meta.resolve("./servers/plain.ts"),
  delay: import.meta.resolve("./servers/delay.ts"),
  stall: import.meta.resolve("./servers/stall.ts"),
  deceiving: import.meta.resolve("./servers/deceiving.ts"),
  faulty: import.meta.resolve("./servers/faulty.ts"),
  "slow-start": import.meta.resolve("./servers/slow-start.ts"),
  "slow-youth": import.meta.resolve("./servers/slow-youth.ts"),
  arrivals: import.meta.resolve("./servers/arrivals.ts"),
  slow: import.meta.resolve("./servers/slow.ts"),
  queue: import.meta.resolve("./servers/queue.ts"),
  service: import.meta.resolve("./servers/service.ts"),
  resume: import.meta.resolve("./servers/resume.ts"),
  leak: import.meta.resolve("./servers/leak.ts"),
};
export type ReferenceProgram = keyof typeof programs;

const commandOf = (program: ReferenceProgram, args: readonly string[]): string[] => [
  process.execPath,
  fileURLToPath(programs[program]),
  ...args,
];

const limits = { readyMs: 10_000, connectMs: 5_000, stopMs: 2_000, graceMs: 5_000 };
/** How long what is in flight may take to arrive: longer than any delay or stall that a reference server has. */
const drainMs = 2_000;

/** A server or a measurement that failed outright; its message is the reason. */
export class CalibrationFailure extends Error {
  override readonly name = "CalibrationFailure";
  /** The failure's own code, where the load generator reported one. */
  readonly code: FailureCode | undefined;

  constructor(message: string, code?: FailureCode) {
    super(message);
    this.code = code;
  }
}

/** Where calibrations are made: reference servers on the server's core, measured by the load generator that runs use. */
export class Calibrator {
  readonly load: LoadClient;
  readonly #children: Children;
  readonly #pins: PinPlan;
  #seen: MachineUse[] = [];

  constructor(children: Children, load: LoadClient, pins: PinPlan) {
    this.#children = children;
    this.load = load;
    this.#pins = pins;
  }

  /** What the machine did since this was last asked. */
  takeSeen(): readonly MachineUse[] {
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  /** Starts a reference server for the time of `use`. Throws CalibrationFailure where it does not get ready. */
  async with<T>(
    program: ReferenceProgram,
    args: readonly (string | number)[],
    use: (server: Server) => Promise<T>,
  ): Promise<T> {
    const before = readCores();
    const started = await this.#start(program, args);
    if (!started.ok)
      throw new CalibrationFailure(`the ${program} server did not start: ${started.failure.reason}`);
    const { server } = started;
    this.#note(before, server);
    try {
      return await use(server);
    } finally {
      await server.stop(limits.stopMs);
    }
  }

  /** Measures a cell that ends its reference server and starts it again. Throws CalibrationFailure. */
  async measureRestarted(
    program: ReferenceProgram,
    args: readonly (string | number)[],
    cell: CellSpec,
  ): Promise<Measurement> {
    return await this.with(program, args, async (first) => {
      const server = new RestartableServer(candidateProcess(first), async () => {
        const again = await this.#start(program, args);
        return again.ok ? { ok: true, server: candidateProcess(again.server) } : again;
      });
      try {
        return await this.measure({ ...first, lost: server.lost }, cell, () => server.restart(limits.stopMs));
      } finally {
        await server.stop(limits.stopMs);
      }
    });
  }

  /**
   * Measures one cell through the load worker, as a trial of a run does; `restart` is for a cell that asks for it. Throws
   * CalibrationFailure.
   */
  async measure(server: Server, cell: CellSpec, restart?: Restart): Promise<Measurement> {
    const limitMs = limits.connectMs + cell.warmupMs + cell.windowMs + drainMs + limits.graceMs;
    const outcome = await this.load.measure(
      {
        port: server.ready.port,
        endpoint: builtInEndpoint,
        serverPid: server.pid,
        helperCores: [...helperCoresOf(this.#pins)],
        cores: this.#pins.pinned ? [...this.#pins.server, ...this.#pins.load] : [],
        cell,
        declared: {
          policy: server.ready.options.slowConsumer,
          limitBytes: server.ready.options.backpressureLimitBytes,
        },
        connectTimeoutMs: limits.connectMs,
        drainTimeoutMs: drainMs,
        ...(restart === undefined ? {} : { restarts: true as const }),
      },
      limitMs,
      server.lost,
      restart,
    );
    if ("failure" in outcome) {
      const { phase, reason, stderr, code } = outcome.failure;
      throw new CalibrationFailure([`${phase}: ${reason}`, ...stderr.slice(-1)].join("; "), code);
    }
    this.#seen.push(machineUseOf(outcome.measurement));
    return outcome.measurement;
  }

  /** What runs measure with, over these reference servers. */
  bench(plan: Plan, servers: Readonly<Record<string, readonly [ReferenceProgram, ...unknown[]]>>): Bench {
    const commands = Object.entries(servers).map(
      ([name, [program, ...args]]) => [name, commandOf(program, args.map(String))] as const,
    );
    const nullServer = [process.execPath, join(root, "runner", "load", "null-server.ts")];
    return createBench({
      plan,
      pins: this.#pins,
      children: this.#children,
      load: this.load,
      port: 0,
      commands: new Map([...commands, ["null-server", nullServer]]),
      onBusyAtRest: () => undefined,
    });
  }

  /** Whether the user has asked for the end. */
  get interrupted(): boolean {
    return this.#children.interruptedBy !== null;
  }

  /** The machine, as a run reports it. */
  host(): HostFacts {
    return hostFacts(this.#pins, readTopology().allowed);
  }

  /** Notes what the machine did to windows that were measured elsewhere than by `measure`. */
  saw(measurements: readonly Measurement[]): void {
    this.#seen.push(...measurements.map(machineUseOf));
  }

  /** What a reference server has counted by itself. */
  async tally(server: Server): Promise<Tally> {
    const response = await fetch(`http://127.0.0.1:${server.ready.port}/tally`);
    return tally.parse(await response.json());
  }

  #start(program: ReferenceProgram, args: readonly (string | number)[]): Promise<ServerResult> {
    const spec = {
      command: commandOf(program, args.map(String)),
      cwd: root,
      env: childEnv({}),
      cores: this.#pins.pinned ? this.#pins.server : null,
    };
    return startServer(spec, this.#children, limits);
  }

  /** Notes what others did to the server's core while it started. */
  #note(before: CoreSnapshot | null, server: Server): void {
    const after = readCores();
    const sampled = sampleProcess(server.pid);
    if (before === null || after === null || !sampled.ok || !this.#pins.pinned) return;
    const serverNs = new Map(this.#pins.server.map((core) => [core, sampled.sample.cpuNs]));
    const usage = coreUsage(before, after);
    const cores = accountCores(usage, serverNs).map((core): CoreUse => {
      const uncertaintyNs = usage.find((one) => one.core === core.core)?.uncertaintyNs ?? 0;
      return { ...core, foreignNs: Math.max(0, core.foreignNs - uncertaintyNs) };
    });
    const elapsedNs = after.atNs - before.atNs;
    this.#seen.push({ elapsedNs, cores, hiccupNsMax: null, latenessNsP99: null });
  }
}
