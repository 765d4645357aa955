import { formatDuration } from "../../reports/format.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { UsageError } from "../cli/usage-error.ts";
import { type BusyProcess, busyProcesses, readProcesses } from "../process/busy.ts";
import { type CoreUsage, coreUsage, readCores } from "../process/cores.ts";

/** Share of one core that a foreign process may use before the machine counts as busy, in percent. */
const cpuPctMax = 15;
/** Share of one core that all of them may use together: many small ones take a core as well as one does. */
const corePctMax = 30;
/** Processes that are named. */
const namedMax = 3;
/** How long one look takes, and how many are taken before a machine counts as busy. */
const lookMs = 400;
const looks = 5;

/** Who keeps a machine busy. */
export interface BusyMachine {
  /** Foreign processes that use more CPU than a measurement can bear, busiest first. */
  readonly processes: readonly BusyProcess[];
  /** CPU time of the run's cores that is more than it can bear and that no process in sight has used; null where there is none. */
  readonly unseen: UnseenTime | null;
}

/** Of processes that ended within the look, as a compiler's do, or that belong to another container. */
export interface UnseenTime {
  readonly cores: readonly number[];
  /** 100 is one whole core. */
  readonly cpuPct: number;
}

/**
 * Looks for what others do to `cores`. What is over within two seconds (the installation that came before this run, say) is
 * waited for: a machine counts as busy when every look finds it so.
 */
export async function findBusy(ownPids: ReadonlySet<number>, cores: readonly number[]): Promise<BusyMachine> {
  let busy: BusyMachine = { processes: [], unseen: null };
  for (let look = 0; look < looks; look += 1) {
    // The processes' look holds the cores' within it, so that no time in sight counts as unseen.
    const [before, coresBefore] = [readProcesses(), readCores()];
    await Bun.sleep(lookMs);
    const [coresAfter, after] = [readCores(), readProcesses()];
    const seen = busyProcesses(before, after, new Set(), Infinity);
    const usage = coresBefore === null || coresAfter === null ? [] : coreUsage(coresBefore, coresAfter);
    busy = {
      processes: tooBusy(seen.filter(({ pid }) => !ownPids.has(pid))),
      unseen: unseenTime(
        // Some sandboxes show counters that stay at 0, which show nothing.
        usage.filter(({ core }) => cores.includes(core) && coresAfter?.cores.get(core)?.idleNs !== 0),
        seen,
      ),
    };
    if (busy.processes.length === 0 && busy.unseen === null) break;
  }
  return busy;
}

/** How a busy machine is waited for. */
export interface Patience {
  /** Longest wait in ms; 0 looks once. */
  readonly waitMs: number;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Takes a line a look: who is busy, and for how long it is waited. */
  readonly report: (line: string) => void;
}

/** Looks until the machine is quiet or the patience is at its end, and gives what the last look found. */
export async function awaitQuiet(
  look: () => Promise<BusyMachine>,
  { waitMs, now, report }: Patience,
): Promise<BusyMachine> {
  const beganAt = now();
  for (;;) {
    const busy = await look();
    const waitedMs = now() - beganAt;
    const names = namesOf(busy);
    if (names.length === 0 || waitedMs >= waitMs) return busy;
    report(
      `waiting for a quiet machine, ${formatDuration(waitedMs)} of ${formatDuration(waitMs)}: ${names.join(", ")}`,
    );
  }
}

const namesOf = (busy: BusyMachine): string[] => [
  ...busy.processes.map(processText),
  ...(busy.unseen === null ? [] : [unseenText(busy.unseen)]),
];

/** The time that cores certainly worked, less that of every process that was last seen on one of them. */
export function unseenTime(usage: readonly CoreUsage[], seen: readonly BusyProcess[]): UnseenTime | null {
  const cores = usage.map(({ core }) => core);
  const [elapsedNs = 1] = usage.map((core) => core.elapsedNs);
  const workedNs = usage.reduce((sum, core) => sum + core.busyNs - core.uncertaintyNs, 0);
  const ownedNs = seen.reduce((sum, p) => sum + (cores.includes(p.core) ? p.cpuNs : 0), 0);
  const cpuPct = (100 * (workedNs - ownedNs)) / elapsedNs;
  return cpuPct > corePctMax ? { cores, cpuPct } : null;
}

/** Those that are too busy by themselves, or else those of a core that they keep busy together; the busiest of them. */
export function tooBusy(busiestFirst: readonly BusyProcess[]): BusyProcess[] {
  const alone = busiestFirst.filter((p) => p.cpuPct > cpuPctMax);
  const cores = Map.groupBy(busiestFirst, (p) => p.core);
  const crowded = (core: number) =>
    (cores.get(core) ?? []).reduce((sum, p) => sum + p.cpuPct, 0) > corePctMax;
  const together = busiestFirst.filter((p) => crowded(p.core));
  return (alone.length > 0 ? alone : together).slice(0, namedMax);
}

/** Refuses a busy machine, or with `force` gives the warning that the report will carry. */
export function judgeMachine(busy: BusyMachine, force: boolean): RunWarning | null {
  const names = namesOf(busy);
  if (names.length === 0) return null;
  const who = names.join(", ");
  if (!force) {
    throw new UsageError(
      `the machine is busy: ${who}; figures would be unreliable. Close it, wait with --wait 60, or use --force`,
    );
  }
  return warning("machine-was-busy", `started with --force on a busy machine: ${who}`);
}

function processText({ name, pid, cpuPct, core }: BusyProcess): string {
  return `${name} (pid ${pid}, ${Math.round(cpuPct)} % of core ${core})`;
}

function unseenText({ cores, cpuPct }: UnseenTime): string {
  const where = cores.length === 1 ? `core ${cores[0]}` : `cores ${cores.join(", ")}`;
  return `short-lived processes, or processes that cannot be seen from here (${Math.round(cpuPct)} % of one core, on ${where})`;
}
