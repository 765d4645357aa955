import type { RunWarning } from "../schemas/report.ts";
import { type BusyProcess, busyProcesses, readProcesses } from "./proc/busy.ts";
import { UsageError } from "./usage.ts";

/** Share of one core that a foreign process may use before the machine counts as busy, in percent. */
const cpuPctMax = 15;
/** Share of one core that all of them may use together: many small ones take a core as well as one does. */
const corePctMax = 30;
/** Processes that are named. */
const most = 3;
/** How long one look takes, and how many are taken before a machine counts as busy. */
const lookMs = 400;
const looks = 5;

/**
 * Foreign processes that use more CPU than a measurement can bear, busiest first. What is over within two seconds (the
 * installation that came before this run, say) is waited for: a machine counts as busy when every look finds one.
 */
export async function findBusyProcesses(own: ReadonlySet<number>): Promise<BusyProcess[]> {
  let busy: BusyProcess[] = [];
  for (let look = 0; look < looks; look += 1) {
    const before = readProcesses();
    await Bun.sleep(lookMs);
    busy = tooBusy(busyProcesses(before, readProcesses(), own, Infinity));
    if (busy.length === 0) break;
  }
  return busy;
}

/** Those that are too busy by themselves, or else those of a core that they keep busy together; the busiest of them. */
export function tooBusy(busiestFirst: readonly BusyProcess[]): BusyProcess[] {
  const alone = busiestFirst.filter((p) => p.cpuPct > cpuPctMax);
  const cores = Map.groupBy(busiestFirst, (p) => p.core);
  const crowded = (core: number) =>
    (cores.get(core) ?? []).reduce((sum, p) => sum + p.cpuPct, 0) > corePctMax;
  const together = busiestFirst.filter((p) => crowded(p.core));
  return (alone.length > 0 ? alone : together).slice(0, most);
}

/** Refuses a busy machine, or with `force` gives the warning that the report will carry. */
export function judgeMachine(busy: readonly BusyProcess[], force: boolean): RunWarning | null {
  if (busy.length === 0) return null;
  const names = busy
    .map((p) => `${p.name} (pid ${p.pid}, ${Math.round(p.cpuPct)} % of core ${p.core})`)
    .join(", ");
  if (!force) {
    throw new UsageError(
      `the machine is busy: ${names}; figures taken beside it would be worth little. End it, or use --force`,
    );
  }
  return {
    code: "machine-was-busy",
    cause: `started with --force on a busy machine: ${names}`,
    nextStep: "end these processes and repeat before deciding anything",
  };
}
