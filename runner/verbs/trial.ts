import { formatInteger, formatMetric } from "../../reports/format.ts";
import { table } from "../../reports/text-table.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import type { LedgerTotals, Measurement } from "../../schemas/load.ts";
import { metricNames } from "../../schemas/metric.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../../schemas/plan.ts";
import type { SeenFrame } from "../../schemas/seen-frame.ts";
import type { TrialReport } from "../../schemas/trial.ts";
import { candidates as manifest } from "../../servers/manifest.ts";
import { findCommands } from "../candidates/commands.ts";
import { checkCustomCandidate, customCandidate } from "../candidates/custom/custom-candidate.ts";
import { mostCoresOf } from "../candidates/variants.ts";
import { type Options, readOptions } from "../cli/args.ts";
import type { Request } from "../cli/command-line.ts";
import { columns, json, note } from "../cli/output.ts";
import { checkInputs } from "../cli/preflight.ts";
import { UsageError, unknownName } from "../cli/usage-error.ts";
import { integer } from "../cli/values.ts";
import type { TrialFailure } from "../experiment.ts";
import { makePlan } from "../plan/plan.ts";
import { onFreshServer, serves } from "../plan/schedule.ts";
import { planPins, readTopology } from "../process/pin.ts";
import { processesOf } from "../processes.ts";
import { createBench } from "../trial.ts";

/** Measures one cell against one candidate, or against a server that runs, and prints what crossed the wire. */
export async function act({ command, notes, beforeMeasuring }: Request): Promise<number> {
  const given = readOptions(command);
  const frames = integer("--frames", command.opts<{ frames: string }>().frames, 0, 1000);
  const { options, plan, candidate, cell, others } = subjectOf(given, command.args[0] ?? "");
  await beforeMeasuring();
  notes.forEach(note);
  await checkInputs(options, plan, false);
  if (!options.quiet && others > 0)
    note(`${cell.id}: the first of ${others + 1} cells; choose another with --workloads ID`);
  const seen: SeenFrame[] = [];
  const print = (line: string) => void (options.json || process.stdout.write(`${line}\n`));
  print(`${candidate.name}  ${cell.id}`);
  const onFrames = (some: readonly SeenFrame[]) => {
    seen.push(...some);
    for (const frame of some) print(frameLine(frame, columns()));
  };
  const { outcome, interrupted } = await measure(options, plan, { candidate, cell, frames, onFrames });
  const report = reportOf(candidate, cell, seen, outcome);
  if (options.json) process.stdout.write(json(report));
  else print(resultText(report, frames, columns()));
  if (interrupted) return exitCodes.interrupted;
  return report.failure === null ? exitCodes.done : exitCodes.candidateFailed;
}

interface Subject {
  readonly options: Options;
  readonly plan: Plan;
  readonly candidate: PlannedCandidate;
  readonly cell: PlannedCell;
  /** Further cells that were matched. */
  readonly others: number;
}

/** What is measured: the first cell that was asked for and that the candidate serves. Throws UsageError. */
function subjectOf(given: Options, target: string): Subject {
  const isUrl = target.includes("://");
  const custom = isUrl ? [...given.custom, running(target)] : given.custom;
  const name = isUrl ? urlName : target;
  const id = name.split("@")[0] ?? name;
  const known = [...manifest.map((c) => c.id), ...custom.map((c) => c.name)];
  if (!known.includes(id)) throw unknownName("trial", "candidate", target, known);
  const options = { ...given, custom, candidates: [name], rounds: 1 };
  const plan = makePlan(options);
  const candidate = plan.candidates.find((c) => c.name === name || c.id === name);
  if (candidate === undefined) throw unknownName("trial", "candidate", target, known);
  const [cell, ...others] = plan.cells.filter((each) => serves(candidate, each));
  if (cell === undefined) {
    throw new UsageError(
      `--workloads: must match a cell that ${target} serves, got ${options.workloads.join(",")}; it serves ${candidate.serves.join(", ") || "none of them"}`,
    );
  }
  // The other candidates of the plan, its A/A replicate and the custom servers, have no part in this.
  return {
    options,
    plan: { ...plan, candidates: [candidate], cells: [cell] },
    candidate,
    cell,
    others: others.length,
  };
}

/** What a server that runs already is called. */
const urlName = "url";

const running = (url: string) =>
  checkCustomCandidate(customCandidate.parse({ name: urlName, url }), process.cwd(), "trial");

interface Watched {
  readonly candidate: PlannedCandidate;
  readonly cell: PlannedCell;
  readonly frames: number;
  readonly onFrames: (frames: readonly SeenFrame[]) => void;
}

type Outcome =
  | { readonly warmUp: TrialReport["warmUp"]; readonly measurement: Measurement }
  | { readonly failure: TrialFailure };

/** Every process that it starts has ended when it returns. */
async function measure(
  options: Options,
  plan: Plan,
  { candidate, cell, frames, onFrames }: Watched,
): Promise<{ readonly outcome: Outcome; readonly interrupted: boolean }> {
  const pins = planPins(readTopology(), 1, mostCoresOf([candidate]));
  const { children, load, close } = processesOf(pins, undefined, options.debug);
  load.onFrames = onFrames;
  try {
    const { commands, unavailable } = await findCommands([candidate]);
    const missing = unavailable.get(candidate.name);
    if (missing !== undefined)
      throw new UsageError(`${candidate.name}: ${missing.reason}; ${missing.nextStep}`);
    const traced = frames === 0 ? {} : { traceFrames: frames };
    const tools = { plan, pins, children, load, port: options.port, commands, onBusyAtRest: () => undefined };
    const bench = createBench({ ...tools, ...traced });
    const outcome = await measureOnce();
    return { outcome, interrupted: children.interruptedBy !== null };

    async function measureOnce(): Promise<Outcome> {
      const started = await bench.start(candidate);
      if ("failure" in started) return started;
      try {
        const opened = await bench.open(started.server, onFreshServer(plan, cell, 0));
        if ("failure" in opened) return opened;
        const { warmUp, window, close: closeCell } = opened.cell;
        const measured = await window({ windowMs: cell.spec.windowMs, stretch: 0, waitMs: 0 });
        if ("failure" in measured) return measured;
        await closeCell();
        return { warmUp, measurement: measured.measurement };
      } finally {
        await started.server.stop();
      }
    }
  } finally {
    await close();
  }
}

function reportOf(
  candidate: PlannedCandidate,
  cell: PlannedCell,
  frames: SeenFrame[],
  outcome: Outcome,
): TrialReport {
  const base = { candidate: candidate.name, cell: cell.id, frames };
  if (!("failure" in outcome)) return { ...base, ...outcome, failure: null };
  const { phase, reason, code, stderr } = outcome.failure;
  const failure = { phase, reason, ...(code === undefined ? {} : { code }), stderr: [...stderr] };
  return { ...base, warmUp: null, measurement: null, failure };
}

const opcodeNames: Readonly<Record<number, string>> = {
  ...{ 0: "continue", 1: "text", 2: "binary" },
  ...{ 8: "close", 9: "ping", 10: "pong" },
};

/** `    0.412 ms  #0 sent      text      146 B  {"stream":…`, cut to so many columns. */
export function frameLine(frame: SeenFrame, width: number): string {
  const { atMs, connection, direction, phase, opcode, final, bytes, payload } = frame;
  const kind = `${opcodeNames[opcode] ?? `opcode ${opcode}`}${final ? "" : " …"}`;
  const size = `${formatInteger(bytes)} B`;
  const line = `${atMs.toFixed(3).padStart(10)} ms  ${phase.padEnd(7)} #${`${connection}`.padEnd(3)} ${direction.padEnd(8)}  ${kind.padEnd(8)} ${size.padStart(9)}  ${payload}`;
  return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line;
}

/** The figures of the cell and its delivery account, or why there are none. */
export function resultText({ measurement, failure }: TrialReport, frames: number, width: number): string {
  if (failure !== null) {
    const stderrLines = failure.stderr.map((line) => `  ${line}`);
    return [`failed in ${failure.phase}: ${failure.reason}`, ...stderrLines].join("\n");
  }
  if (measurement === null) return "nothing was measured";
  const { metrics, ledger, warmUp } = measurement;
  const figures = metricNames.flatMap((name) => {
    const value = metrics[name];
    return value === undefined ? [] : [[name, formatMetric(name, value)]];
  });
  const accounts = [["window", ledger], ...(warmUp === undefined ? [] : [["before", warmUp]])] as const;
  const delivery = table(
    ["messages", "due", "delivered", "lost", "duplicates", "out of order", "corrupt"],
    accounts.map(([when, account]) => [when as string, ...countsOf(account as LedgerTotals)]),
    width,
  );
  const traced =
    frames === 0
      ? []
      : [
          "",
          `Up to ${frames} frames per phase and direction were recorded, which costs time: do not quote these figures.`,
        ];
  return ["", table(["figure", "value"], figures, width), delivery.trimEnd(), ...traced].join("\n");
}

const countsOf = ({ due, delivered, gaps, duplicates, reorders, corrupt }: LedgerTotals): string[] =>
  [due, delivered, gaps, duplicates, reorders, corrupt].map(formatInteger);
