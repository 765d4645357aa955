import { cellAtRate } from "../../schemas/cell.ts";
import type { InsideFigures } from "../../schemas/inside.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { PlannedCell } from "../../schemas/plan.ts";
import type { NotMeasuredCode, QueueAt, SystemCalls, Tail3, WhyRecord } from "../../schemas/why.ts";
import { sojourns } from "../../stats/lindley.ts";
import { ascending } from "../../stats/moments.ts";
import type { OpenedCell, RunningServer, TrialFailure } from "../experiment.ts";
import { type ExtraTask, heldOutTimes, modelledTimes, whyWindowMs } from "../plan/extras.ts";
import { thisHost } from "../process/runtimes.ts";
import { sampleTree } from "../process/sample.ts";
import { qualityFlagOf } from "../quality/trial-quality.ts";
import { measuring } from "../workloads/index.ts";
import type { DiagnosticResult, DiagnosticRun } from "./diagnostic.ts";
import { InsideLink } from "./inside-link.ts";
import { countCalls } from "./strace.ts";

/** A failure of one part ends the trial. */
class PartFailed extends Error {
  readonly failure: TrialFailure;

  constructor(failure: TrialFailure) {
    super(failure.reason);
    this.failure = failure;
  }
}

/**
 * Why a candidate's deliveries cost what they do and take as long. On one server: a window at the cell's rate, one at twice it, and one
 * under strace. On another, whose runtime is watched from within: one window. Each instrument has a separate window, since each costs
 * the server something, and the first two windows have none.
 */
export async function why(x: DiagnosticRun, task: ExtraTask): Promise<DiagnosticResult> {
  try {
    return { outcome: { kind: "why", why: await whyOf(x, task) } };
  } catch (error) {
    if (error instanceof PartFailed) return { failure: error.failure };
    throw error;
  }
}

async function whyOf(x: DiagnosticRun, task: ExtraTask): Promise<WhyRecord> {
  const { cell } = task;
  const windowMs = whyWindowMs(cell);
  const measureIn = (opened: OpenedCell) => cleanWindowOf(opened, windowMs);
  const plain = await onServer(x.bench, task, async (server) => {
    await warm(x.bench, server, cell);
    const atRate = await inCell(x, server, cell, measureIn);
    const faster = await inCell(x, server, { ...cell, spec: cellAtRate(cell.spec, heldOutTimes) }, measureIn);
    const systemCalls = await inCell(x, server, cell, (opened) => callsIn(x, server, opened, windowMs));
    return { atRate, faster, systemCalls };
  });
  const inside = await insideOf(x, task);
  const { atRate, faster, systemCalls } = plain;
  const deliveries = atRate.ledger.delivered;
  const { server } = atRate;
  const cost =
    server === null || deliveries === 0
      ? null
      : {
          cpuNs: server.cpuNs / deliveries,
          voluntarySwitches: server.voluntarySwitches / deliveries,
          involuntarySwitches: server.involuntarySwitches / deliveries,
        };
  return {
    windowMs: atRate.windowMs,
    deliveriesHz: atRate.metrics.deliveriesHz ?? 0,
    measured: tailOf(atRate),
    heldOut: { times: heldOutTimes, measured: tailOf(faster) },
    disturbed: [atRate, faster].filter((m) => qualityFlagOf(m) !== null).length,
    cost,
    systemCalls,
    inside,
    model: cost === null ? [] : await modelOf(cell, cost.cpuNs),
  };
}

const tailOf = ({ metrics: { latencyNsP50, latencyNsP90, latencyNsP99 } }: Measurement): Tail3 | null =>
  latencyNsP50 === undefined || latencyNsP90 === undefined || latencyNsP99 === undefined
    ? null
    : { p50: latencyNsP50, p90: latencyNsP90, p99: latencyNsP99 };

async function onServer<T>(
  bench: DiagnosticRun["bench"],
  { candidate }: ExtraTask,
  use: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const started = await bench.start(candidate);
  if ("failure" in started) throw new PartFailed(started.failure);
  try {
    return await use(started.server);
  } finally {
    await started.server.stop();
  }
}

/** Opens the cell, replays a stretch that is not looked at, so that what was sent to warm the server is accounted for, and closes it. */
async function inCell<T>(
  { bench }: Pick<DiagnosticRun, "bench">,
  server: RunningServer,
  cell: PlannedCell,
  use: (cell: OpenedCell) => Promise<T>,
): Promise<T> {
  const opened = await bench.open(server, cell);
  if ("failure" in opened) throw new PartFailed(opened.failure);
  await windowOf(opened.cell, cell.spec.windowMs);
  const found = await use(opened.cell);
  await opened.cell.close();
  return found;
}

/** Windows of warming at most, their length by that of the trial's, and what a delivery must cost by the one before for a further one. */
const warming = { most: 6, lengthShare: 0.5, costShare: 0.97 } as const;

/**
 * Sends at the held-out rate until a delivery costs no less from window to window: what is compiled on the way would be taken for the
 * price of a delivery, and a model would carry that to every rate.
 */
async function warm(bench: DiagnosticRun["bench"], server: RunningServer, cell: PlannedCell): Promise<void> {
  const opened = await bench.open(server, { ...cell, spec: cellAtRate(cell.spec, heldOutTimes) });
  if ("failure" in opened) throw new PartFailed(opened.failure);
  let before = Number.POSITIVE_INFINITY;
  for (let i = 0; i < warming.most; i += 1) {
    const { metrics, spent } = await windowOf(opened.cell, warming.lengthShare * whyWindowMs(cell));
    const cost = metrics.cpuNsPerMessage ?? before;
    if (spent === true || cost > warming.costShare * before) break;
    before = cost;
  }
  await opened.cell.close();
}

async function windowOf(cell: OpenedCell, windowMs: number): Promise<Measurement> {
  const outcome = await cell.window({ windowMs, stretch: 0, waitMs: 0 });
  if ("failure" in outcome) throw new PartFailed(outcome.failure);
  return outcome.measurement;
}

/** Windows that are tried for one that nobody disturbs. */
const triesMax = 3;

/** A window that others did not disturb, where there is one. */
async function cleanWindowOf(cell: OpenedCell, windowMs: number): Promise<Measurement> {
  for (let left = triesMax - 1; ; left -= 1) {
    const measurement = await windowOf(cell, windowMs);
    if (left === 0 || measurement.spent === true || qualityFlagOf(measurement) === null) return measurement;
  }
}

async function callsIn(
  { children, serverCores }: Pick<DiagnosticRun, "children" | "serverCores">,
  { pid }: RunningServer,
  cell: OpenedCell,
  windowMs: number,
): Promise<SystemCalls | { notMeasured: NotMeasuredCode }> {
  const strace = thisHost.which("strace");
  if (strace === null) return { notMeasured: "no-strace" };
  if (pid == null) return { notMeasured: "process-unknown" };
  const pids = sampleTree(pid).map((one) => one.pid);
  let deliveries = 0;
  const counted = await countCalls({ program: strace, cores: serverCores }, pids, children, async () => {
    const { ledger, warmUp } = await windowOf(cell, windowMs);
    // The window's lead is sent under strace too.
    deliveries = ledger.delivered + (warmUp?.delivered ?? 0);
  });
  if ("notMeasured" in counted) return counted;
  return deliveries === 0 ? { notMeasured: "nothing-delivered" } : { deliveries, ...counted };
}

/** What the runtime reports on itself, on a server that a program of ours is loaded into. */
async function insideOf(
  x: DiagnosticRun,
  task: ExtraTask,
): Promise<InsideFigures | { notMeasured: NotMeasuredCode }> {
  if (task.candidate.launch.kind !== "program") return { notMeasured: "own-server" };
  const link = new InsideLink();
  try {
    const bench = await x.benchWithin(task.candidate, link.port);
    if (bench === null) return { notMeasured: "runtime-tells-nothing" };
    return await onServer(bench, task, async (server) => {
      await warm(bench, server, task.cell);
      return await inCell({ bench }, server, task.cell, async (cell) => {
        if (!(await link.start())) return { notMeasured: "no-answer" as const };
        await windowOf(cell, whyWindowMs(task.cell));
        return (await link.stop()) ?? { notMeasured: "no-answer" as const };
      });
    });
  } finally {
    link.close();
  }
}

/** The schedule that the windows replay, faster and faster, through Lindley's queue. */
async function modelOf(cell: PlannedCell, serviceNs: number): Promise<QueueAt[]> {
  const { spec } = cell;
  const windowMs = whyWindowMs(cell);
  const { arrivals } = await measuring[spec.workload].phases();
  if (arrivals === undefined) return [];
  const made: QueueAt[] = [];
  for (const times of modelledTimes) {
    const { dueNs, countedFromNs } = await arrivals(cellAtRate(spec, times), { windowMs, stretch: 0 });
    made.push({ times, ...queueOf(dueNs, { fromNs: countedFromNs, lengthNs: windowMs * 1e6 }, serviceNs) });
  }
  return made;
}

/** How long deliveries take through one server that serves each for as long, and how busy it is. */
export function queueOf(
  dueNs: Float64Array,
  { fromNs, lengthNs }: { readonly fromNs: number; readonly lengthNs: number },
  serviceNs: number,
): Pick<QueueAt, "utilisation" | "queue"> {
  const spent = ascending([...sojourns(dueNs, serviceNs)].filter((_, n) => dueNs[n]! >= fromNs));
  const at = (share: number) => spent[Math.max(0, Math.ceil(share * spent.length) - 1)] ?? 0;
  return {
    utilisation: (spent.length * serviceNs) / lengthNs,
    queue: { p50: at(0.5), p90: at(0.9), p99: at(0.99) },
  };
}
