import { freemem } from "node:os";
import { version as toolVersion } from "../package.json";
import type { AgentFacts } from "../schemas/agent.ts";
import { eventVersion, type RunEvent } from "../schemas/event.ts";
import type { Launch, Plan } from "../schemas/plan.ts";
import type { RunWarning } from "../schemas/warning.ts";
import { candidates as manifest } from "../servers/manifest.ts";
import { discardedCandidates } from "./analysis/collect.ts";
import { analyse, type Evidence } from "./analysis/report.ts";
import { type Commands, commandWithin, findCommands, findRuntimes } from "./candidates/commands.ts";
import { forProbing, foundWarning, type Probed, probeOwn } from "./candidates/custom/probe.ts";
import { frameworkVersion } from "./candidates/framework-version.ts";
import { runtimeWarnings } from "./candidates/runtimes/warnings.ts";
import { mostCoresOf } from "./candidates/variants.ts";
import type { Options } from "./cli/args.ts";
import { CandidateError, failureText } from "./cli/candidate-error.ts";
import { InterruptedError } from "./cli/interrupted.ts";
import { UsageError } from "./cli/usage-error.ts";
import { runDiagnostics } from "./diagnostics/run-diagnostics.ts";
import type { AgentFleet } from "./distributed/agent-fleet.ts";
import { withoutPasswords } from "./distributed/redis-url.ts";
import { runExperiment } from "./experiment.ts";
import { recordingsOf } from "./feed/check.ts";
import { cellsOfRound } from "./plan/allocation.ts";
import { extraTasks } from "./plan/extras.ts";
import { tasksOf } from "./plan/schedule.ts";
import type { Children } from "./process/children.ts";
import { hostFacts } from "./process/host.ts";
import { LimitMeter } from "./process/limits.ts";
import { type PinPlan, pinSelf, planPins, readTopology, type Topology } from "./process/pin.ts";
import { processesOf } from "./processes.ts";
import { judgeLimits, LimitWatch } from "./quality/limits.ts";
import { awaitQuiet, findBusy, judgeMachine } from "./quality/machine-busy.ts";
import { busyAtRestWarning } from "./quality/post-trial.ts";
import { type EventLog, openEventLog, type RunStarted, readEventLog } from "./record/event-log.ts";
import {
  createProgress,
  noProgress,
  type Progress,
  type ProgressTarget,
  plannedMs,
} from "./record/progress.ts";
import { isComplete, judgeResume, missingEnd, type Recorded, type Setting } from "./record/resume.ts";
import { makeRunFolder, runIdOf } from "./record/run-directory.ts";
import { ShardedLoad } from "./shards/sharded-load.ts";
import { createBench, type TrialBench } from "./trial.ts";

/** What a run left. */
export interface RunOutcome {
  readonly folder: string;
  readonly evidence: Evidence;
  readonly interrupted: boolean;
  /** Why the run ended before its plan did, where a limit of the environment was all that it could measure. */
  readonly refused: string | null;
  /** Whether any candidate failed in any trial, or has none that counts. */
  readonly failed: boolean;
  /** Candidates of which no trial counts, though none need have failed. */
  readonly discarded: readonly string[];
}

/** Runs a plan, new or resumed, and analyses what it measured. Every process it starts has ended when it returns. */
export async function run(options: Options, plan: Plan, argv: readonly string[]): Promise<RunOutcome> {
  const earlier = options.resume === null ? null : readEventLog(options.resume);
  if (options.resume !== null && earlier !== null && isComplete(earlier)) {
    return reportAgain(options.resume, earlier, options.quiet);
  }
  const startedMs = performance.now();
  const machine = readTopology();
  const loadCores = plan.load?.on === "cores" ? plan.load.processes : 1;
  const topology = planPins(machine, loadCores, mostCoresOf(plan.candidates));
  let interrupted = false;
  const processes = processesOf(
    topology,
    () => {
      interrupted = true;
    },
    options.debug,
    loadCores,
  );
  const { children } = processes;
  let release = (): void => undefined;
  let fleet: AgentFleet | null = null;
  const joined = new Joined();
  try {
    const host = hostFacts(topology, machine.allowed);
    // Only a resumed run must have the versions that it began with.
    const versions = earlier === null ? {} : await versionsOf(plan);
    const setting = { host, toolVersion, versions };
    if (earlier !== null) judgeResume(earlier, setting);
    judgeLoadCores(topology, loadCores, options.force);
    const environment = await judgeEnvironment(topology, machine, plan, options);
    if (topology.pinned) pinSelf(topology.runner);
    fleet = await gatherAgents(options, plan, joined, children, () => {
      interrupted = true;
    });
    const generator = fleet === null ? processes.generator : new ShardedLoad(fleet, processes.load);
    const { clockResolutionNs } = await generator.ready();
    const servers = fleet?.servers ?? null;
    const tools = { pins: topology, children, load: generator, port: options.port, servers };
    const probed =
      options.resume === null ? await probe(plan, tools) : { plan, failures: new Map(), notes: new Map() };
    if (!options.keepGoing && !interrupted) requireStart(probed.failures);
    if (!options.quiet) reportProbeNotes(probed);
    const opened = openRun(options, probed.plan, argv, setting, clockResolutionNs);
    release = opened.log.close;
    joined.recordTo(opened.log);
    const context = {
      ...opened,
      options,
      tools,
      environment,
      failures: probed.failures,
      notes: probed.notes,
      startedMs,
    };
    return await execute(context, () => interrupted);
  } finally {
    release();
    await fleet?.close();
    await processes.close();
    // A repeat, in this same process, must find the cores that this run found.
    if (topology.pinned) pinSelf(machine.allowed);
  }
}

/** Agents that have come, until there is a record to enter them in. */
class Joined {
  #log: Pick<EventLog, "append"> | null = null;
  #early: AgentFacts[] = [];

  readonly add = (agent: AgentFacts): void => {
    if (this.#log === null) this.#early.push(agent);
    else this.#log.append({ type: "agent-joined", at: timestamp(), agent });
  };

  recordTo(log: Pick<EventLog, "append">): void {
    this.#log = log;
    this.#early.forEach(this.add);
    this.#early = [];
  }
}

/** The load hosts of a run; null where this machine makes the load. What finds them is loaded for such a run alone. */
async function gatherAgents(
  options: Options,
  { load, target }: Plan,
  joined: Joined,
  children: Children,
  endEarly: () => void,
): Promise<AgentFleet | null> {
  if (load?.on !== "hosts") return null;
  if (options.agents === null) {
    throw new UsageError(
      "--redis: is needed to resume a run whose load came from agents; give the Redis that they use",
    );
  }
  const { AgentFleet: Agents } = await import("./distributed/agent-fleet.ts");
  const say = (line: string) => void (options.quiet || process.stderr.write(`${line}\n`));
  try {
    return await Agents.gather({
      url: options.agents.redis,
      wanted: load.processes,
      wantsServer: target?.startedBy === "agent",
      say,
      onJoin: joined.add,
      onShort: (line) => {
        endEarly();
        process.stderr.write(`${line}\n`);
      },
      stopping: () => children.interruptedBy !== null,
    });
  } catch (error) {
    const signal = children.interruptedBy;
    throw signal === null ? error : new InterruptedError(signal);
  }
}

/** What servers are started and measured with. */
type Tools = Pick<TrialBench, "pins" | "children" | "load" | "port" | "servers">;

/** A run that has context: its record is open, and no other run uses the machine. */
interface RunContext extends OpenRun {
  readonly options: Options;
  readonly tools: Tools;
  /** Warnings about other work on the machine and about its limits. */
  readonly environment: readonly RunWarning[];
  /** Custom servers that did not start, or serve nothing that was asked for. */
  readonly failures: Probed["failures"];
  readonly notes: Probed["notes"];
  /** When the command began, by `performance.now`. */
  readonly startedMs: number;
}

/** Measures what the record lacks, and analyses all of it. */
async function execute(context: RunContext, interrupted: () => boolean): Promise<RunOutcome> {
  const { options, tools, log, started, folder } = context;
  const found = await findCommands(started.plan.candidates);
  const unavailable = new Set(found.unavailable.keys());
  const tasks = tasksOf(started.plan, log.events, unavailable);
  const extras = extraTasks(started.plan, log.events, unavailable);
  const progress = options.quiet ? noProgress : createProgress(tasks, extras, started.plan, stderrTarget());
  const limits = new LimitWatch();
  const record = (event: RunEvent) => {
    log.append(event);
    progress.onEvent(event);
    limits.see(event);
  };
  const refused = () => (options.force ? null : limits.refusal);
  const stopping = () => interrupted() || refused() !== null;
  const warn = (warning: RunWarning) => record({ type: "warning", at: timestamp(), warning });
  for (const recording of await recordingsOf(started.plan)) {
    record({ type: "feed-read", at: timestamp(), recording });
  }
  recordUnavailable(found, record);
  const runtimes = runtimeWarnings(found.runtimes.values());
  const listening = [...context.notes].flatMap(([name, notes]) =>
    notes.map((note) => foundWarning(name, note)),
  );
  for (const warning of [...context.environment, ...runtimes, ...listening]) warn(warning);
  // What the interrupt itself ended has not failed.
  if (!interrupted()) recordProbeFailures(context.failures, record);
  announce(progress, folder, started.plan);
  const bench = createBench({
    ...tools,
    plan: started.plan,
    commands: found.commands,
    probes: found.probes,
    onBusyAtRest: (candidate, share) => warn(busyAtRestWarning(candidate.name, share)),
    onVisitFlag: ({ name }, doubt) =>
      record({ type: "visit-doubted", at: timestamp(), candidate: name, ...doubt }),
  });
  const now = () => new Date();
  const { plan } = started;
  const measured = { plan, bench, record, done: log.events, unavailable, now, stopping };
  await runExperiment({
    ...measured,
    cellsOf: (round) => cellsOfRound(started.plan, log.events, round),
    together: serversTogether(started.plan, tools.port),
  });
  await runDiagnostics({
    ...measured,
    children: tools.children,
    serverCores: tools.pins.pinned ? tools.pins.server : null,
    benchWithin: async (candidate, port) => {
      const command = await commandWithin(candidate, found);
      if (command === null) return null;
      const commands = new Map([[candidate.name, command]]);
      const env = { TICKBENCH_INSIDE: `${port}` };
      return createBench({ ...tools, plan, commands, env, onBusyAtRest: () => undefined });
    },
  });
  record({
    type: "run-finished",
    at: timestamp(),
    durationMs: performance.now() - context.startedMs,
    interrupted: stopping(),
  });
  progress.end();
  return { ...outcomeOf(folder, started, log.events), interrupted: interrupted(), refused: refused() };
}

/** What a server may take of the memory, generously: what a gateway of any runtime was seen to take under load, in bytes. */
const memoryOfServer = 256 * 2 ** 20;

/** Servers that may be alive at a time: one where two would want one port, else what half of the free memory holds. */
function serversTogether({ candidates, target }: Plan, port: number): number {
  const fixed = candidates.flatMap(({ launch }) =>
    launch.kind === "command" ? (launch.listensOn ?? []) : [],
  );
  if (port !== 0 || target !== undefined || new Set(fixed).size < fixed.length) return 1;
  return Math.max(1, Math.floor(freemem() / 2 / memoryOfServer));
}

function outcomeOf(folder: string, started: RunStarted, events: readonly RunEvent[]) {
  const evidence = analyse(started, events);
  const discarded = discardedCandidates(started.plan, events);
  const failed = evidence.failures.some((f) => f.fault !== "generator") || discarded.length > 0;
  return { folder, evidence, failed, discarded };
}

/** A run that was measured whole, though its report may be missing: nothing is started, so the machine may be busy. */
function reportAgain(folder: string, record: Recorded, quiet: boolean): RunOutcome {
  if (!quiet) process.stderr.write(`${folder}: nothing left to measure; writing the report again\n`);
  const end = missingEnd(record);
  if (end !== null) {
    const log = openEventLog(folder, record.events);
    log.append(end);
    log.close();
  }
  const events = end === null ? record.events : [...record.events, end];
  return { ...outcomeOf(folder, record.started, events), interrupted: false, refused: null };
}

/** Of the programs that a run is about to use, by candidate. */
async function versionsOf({ candidates }: Plan): Promise<Setting["versions"]> {
  const { runtimes } = await findRuntimes(candidates);
  const versions = candidates.flatMap(({ id, name, launch }) => {
    const program = manifest.find((c) => c.id === id);
    const found = runtimes.get(name);
    if (program === undefined || found === undefined) return [];
    return [
      [
        name,
        { runtime: found.version, framework: frameworkVersion(program, found, packageOf(launch)) },
      ] as const,
    ];
  });
  return Object.fromEntries(versions);
}

const packageOf = (launch: Launch) => (launch.kind === "program" ? launch.package : undefined);

const timestamp = (): string => new Date().toISOString();

/** Candidates that cannot run here. */
function recordUnavailable({ unavailable }: Commands, record: (event: RunEvent) => void): void {
  for (const [candidate, why] of unavailable) {
    record({ type: "candidate-unavailable", at: timestamp(), candidate, ...why });
  }
}

/** Custom servers that did not start, or serve nothing that was asked for. */
function recordProbeFailures(failures: Probed["failures"], record: (event: RunEvent) => void): void {
  for (const [candidate, failure] of failures) {
    record({
      type: "trial-failed",
      at: timestamp(),
      candidate,
      cell: null,
      round: 0,
      ...failure,
      stderr: [...failure.stderr],
    });
  }
}

/** Refuses load processes that would have to share a core with each other, and a system on which none can be pinned. */
function judgeLoadCores(pins: PinPlan, processes: number, force: boolean): void {
  if (processes === 1 || force) return;
  const cores = pins.pinned ? pins.load.length : 0;
  if (cores >= processes) return;
  const why = pins.pinned
    ? `this machine has ${cores} besides the server's`
    : `nothing is pinned here: ${pins.reason}`;
  throw new UsageError(
    `--load-cores: needs a core for each load process, and ${why}, got ${processes}; give ${Math.max(1, cores)}, or --force to let them share`,
  );
}

/** Refuses a machine whose other work or whose limits would be measured. */
async function judgeEnvironment(
  pins: PinPlan,
  machine: Topology,
  plan: Plan,
  { force, waitMs, quiet }: Pick<Options, "force" | "waitMs" | "quiet">,
): Promise<RunWarning[]> {
  // What is too little whatever the machine does is reported at once.
  judgeLimits(pins, machine, force, null);
  const meter = new LimitMeter(["self"]);
  meter.begin();
  const knownPids = new Set([process.pid, ...pidsOf(plan)]);
  const busy = await awaitQuiet(() => findBusy(knownPids, coresOf(pins, machine)), {
    waitMs: force ? 0 : waitMs,
    now: () => performance.now(),
    report: (line) => void (quiet || process.stderr.write(`${line}\n`)),
  });
  const limits = judgeLimits(pins, machine, force, meter.end());
  const other = judgeMachine(busy, force);
  return [...limits, ...(other === null ? [] : [other])];
}

/** Cores that a run uses and that can be distinguished: any that it may, where nothing is bound to one. */
function coresOf(pins: PinPlan, { allowed }: Topology): readonly number[] {
  if (!pins.pinned) return allowed;
  return pins.accountable === false ? [] : [...pins.server, ...pins.load, ...pins.runner];
}

/** Servers of the user's own that run already: their work is no disturbance. */
function pidsOf({ candidates }: Plan): number[] {
  return candidates.flatMap(({ launch }) => (launch.kind === "running" ? (launch.pid ?? []) : []));
}

async function probe(plan: Plan, tools: Tools): Promise<Probed> {
  const named = plan.candidates.filter((c) => c.launch.kind === "program" && c.launch.package !== undefined);
  const { commands } = await findCommands(named);
  const bench = { ...tools, plan: forProbing(plan), commands, onBusyAtRest: () => undefined };
  return probeOwn(plan, createBench(bench));
}

/** Ends the run before it measures anything where a server of the user's own does not start, or serves nothing. */
function requireStart(failures: Probed["failures"]): void {
  if (failures.size === 0) return;
  throw new CandidateError([...failures].map(([name, failure]) => failureText(name, failure)).join("\n"));
}

/** What is found out before the run: what is not served, and what was found elsewhere than PORT says. */
function reportProbeNotes({ plan, failures, notes }: Probed): void {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  for (const [name, lines] of notes) for (const line of lines) say(`${name}: ${line}`);
  for (const { name, launch, replicateOf, notServed } of plan.candidates) {
    // One that serves nothing has failed, which is reported by itself.
    if (launch.kind === "program" || replicateOf !== null || failures.has(name)) continue;
    for (const [reason, of] of Map.groupBy(notServed, (each) => each.reason)) {
      say(`${name} does not serve ${of.map(({ service }) => service).join(", ")}: ${reason}`);
    }
  }
}

interface OpenRun {
  readonly log: EventLog;
  readonly started: RunStarted;
  readonly folder: string;
}

function openRun(
  options: Options,
  plan: Plan,
  argv: readonly string[],
  setting: Setting,
  clockResolutionNs: number,
): OpenRun {
  const now = new Date();
  if (options.resume !== null) {
    const { started, events } = readEventLog(options.resume);
    const log = openEventLog(options.resume, events);
    log.append({ type: "run-resumed", at: now.toISOString(), ...setting });
    return { log, started, folder: options.resume };
  }
  const { folder, runId } = makeRunFolder(options.out, runIdOf(now, plan.profile));
  const log = openEventLog(folder);
  const started: RunStarted = {
    type: "run-started",
    at: now.toISOString(),
    eventVersion,
    runId,
    // The password of a Redis is no part of what is reported.
    argv: withoutPasswords(argv),
    toolVersion: setting.toolVersion,
    host: setting.host,
    clockResolutionNs,
    expectedMs: plannedMs(plan),
    plan,
  };
  log.append(started);
  return { log, started, folder };
}

function announce(progress: Progress, folder: string, plan: Plan): void {
  const names = plan.candidates.filter((c) => c.replicateOf === null).map((c) => c.name);
  progress.note(
    `${names.join(", ")} · ${counted(plan.cells.length, "cell")} · ${counted(plan.rounds, "round")} → ${folder}`,
  );
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

function stderrTarget(): ProgressTarget {
  return {
    write: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 100,
    now: () => performance.now(),
  };
}
