import { formatBytes } from "../../reports/format.ts";
import type { EventOf, RunEvent } from "../../schemas/event.ts";
import type { HostFacts } from "../../schemas/report.ts";
import { UsageError } from "../cli/usage-error.ts";
import { extraTasks } from "../plan/extras.ts";
import { tasksOf } from "../plan/schedule.ts";
import type { RunStarted } from "./event-log.ts";

/** A record as it is read back. */
export interface Recorded {
  readonly started: RunStarted;
  readonly events: readonly RunEvent[];
}

/**
 * Whether nothing is left to measure: the run came to its end, or was cut behind its last trial. What it gave up on its way to
 * its end is not tried again.
 */
export function isComplete({ started, events }: Recorded): boolean {
  if (events.some((e) => e.type === "run-finished" && !e.interrupted)) return true;
  const missing = events.flatMap((e) => (e.type === "candidate-unavailable" ? [e.candidate] : []));
  const unavailable = new Set(missing);
  const left = tasksOf(started.plan, events, unavailable).length;
  return left + extraTasks(started.plan, events, unavailable).length === 0;
}

/** The event that a run lacks which was cut behind its last trial; null where it has ended in full. */
export function missingEnd({ events }: Recorded): EventOf<"run-finished"> | null {
  if (events.some((e) => e.type === "run-finished" && !e.interrupted)) return null;
  const begun = events.findLast((e) => e.type === "run-started" || e.type === "run-resumed");
  const last = events.at(-1);
  // Its time is recorded already where an interrupt ended it.
  const isClosed = last?.type === "run-finished" || begun === undefined || last === undefined;
  const durationMs = isClosed ? 0 : Math.max(0, Date.parse(last.at) - Date.parse(begun.at));
  return { type: "run-finished", at: last?.at ?? "", durationMs, interrupted: false };
}

/** What a figure may depend on, as it is now. */
export interface Setting {
  readonly host: HostFacts;
  readonly toolVersion: string;
  /** Versions of each candidate's runtime and framework; null where they are not known. */
  readonly versions: Readonly<
    Record<string, { readonly runtime: string | null; readonly framework: string | null }>
  >;
}

/**
 * Refuses to resume a run on another machine or with other programs: its rounds would be of two kinds, and the report's
 * facts true of one. What is patched (the tool, the kernel) is let through, and the report keeps the rounds apart. Throws
 * UsageError with each difference, old and new.
 */
export function judgeResume(record: Recorded, now: Setting): void {
  const { host } = record.started;
  const facts: [what: string, old: string, now: string][] = [
    ["CPU", host.cpu, now.host.cpu],
    ["cores", `${host.cores}`, `${now.host.cores}`],
    ["memory", ...memories(host, now.host)],
    ["memory limit", bytes(host.memoryLimitBytes), bytes(now.host.memoryLimitBytes)],
    ["CPU quota", quota(host.cpuQuotaCores), quota(now.host.cpuQuotaCores)],
    ["cores allowed", host.cpuset ?? now.host.cpuset ?? "", now.host.cpuset ?? host.cpuset ?? ""],
    ["virtualised", host.virtualised ?? "no", now.host.virtualised ?? "no"],
    ["system", host.os, now.host.os],
    ["kernel", ...unlessPatched(host.kernel, now.host.kernel)],
    ["tickbench", ...unlessPatched(record.started.toolVersion, now.toolVersion)],
    ...record.events.flatMap((e) => (e.type === "server-started" ? programs(e, now) : [])),
  ];
  const differing = facts.filter(([, before, after]) => before !== after);
  const changes = [...new Set(differing.map(([what, before, after]) => `${what} ${before} → ${after}`))];
  if (changes.length === 0) return;
  throw new UsageError(
    `--resume: must continue on the machine where the run began, since its rounds are compared, got ${changes.join("; ")}; resume it there, or start a new run`,
  );
}

function programs(
  { candidate, ready }: EventOf<"server-started">,
  { versions }: Setting,
): [string, string, string][] {
  const now = versions[candidate];
  if (ready === null || now === undefined) return [];
  const { runtime, framework } = ready;
  return [
    [`${candidate}: ${runtime.name}`, runtime.version, now.runtime ?? runtime.version],
    [`${candidate}: ${framework.name}`, framework.version, now.framework ?? framework.version],
  ];
}

/** Both versions, or one of them twice where they differ in their patch alone. */
function unlessPatched(before: string, after: string): [string, string] {
  const line = (version: string) => /^\d+\.\d+/.exec(version)?.[0] ?? version;
  return line(before) === line(after) ? [after, after] : [before, after];
}

/** A kernel keeps a little of the memory for itself, and not always as much. */
function memories(before: HostFacts, after: HostFacts): [string, string] {
  const [a, b] = [before.memoryBytes, after.memoryBytes];
  return Math.abs(a - b) <= 0.02 * a ? ["", ""] : [formatBytes(a), formatBytes(b)];
}

const bytes = (count: number | null): string => (count === null ? "none" : formatBytes(count));
const quota = (cores: number | null): string => (cores === null ? "none" : `${cores} cores`);
