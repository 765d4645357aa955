import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CommandError } from "../../reports/command-error.ts";
import { nearestCell } from "../../reports/decision/unmatched.ts";
import { formatBytes } from "../../reports/format.ts";
import { withoutBrowser } from "../../reports/forms.ts";
import { readPolicy } from "../../reports/policy-file.ts";
import { factsOf, feedOf } from "../../schemas/cell.ts";
import { matchesGlobs } from "../../schemas/glob.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { Policy } from "../../schemas/policy.ts";
import { backlog } from "../../servers/manifest.ts";
import { findCommands } from "../candidates/commands.ts";
import { takenBy } from "../candidates/custom/start.ts";
import { checkFeed, recordingLine, recordingOf } from "../feed/check.ts";
import { FeedError } from "../feed/error.ts";
import { folderFault } from "../process/cache-folder.ts";
import type { Read } from "../process/cgroup.ts";
import { readLimits } from "../process/limits.ts";
import { localPorts, portRangeFile } from "../process/ports.ts";
import { readProc } from "../process/procfs.ts";
import { unfit } from "../record/run-directory.ts";
import type { Options } from "./args.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Everything the user named that lies outside the command line is looked at before the first measurement, so that a
 * mistake costs seconds and not a run. The policy is looked at by `checkPolicy`; `writes` is whether a run's folder is needed.
 * Throws UsageError.
 */
export async function checkInputs(options: Options, plan: Plan, writes = true): Promise<void> {
  checkPort(options.port);
  if (writes) checkWritable(options);
  if (writes) await checkForms(options);
  await checkLoopback();
  checkRoom(plan, writes ? (options.resume ?? options.out) : null);
  // A version that is missing and cannot be fetched ends the run here.
  await findCommands(plan.candidates, (text) => {
    if (!options.quiet) process.stderr.write(`${text}\n`);
  });
  await checkFeeds(plan, (text) => {
    if (!options.quiet) process.stderr.write(`${text}\n`);
  });
}

/** Refuses a form that needs a browser where there is none, rather than after the run. */
async function checkForms({ reports }: Options): Promise<void> {
  const form = await withoutBrowser(reports);
  if (form === null) return;
  throw new UsageError(
    `--report: ${form}: needs a Chromium, found none on PATH; install one, set CHROMIUM_PATH to it, or leave ${form} out`,
  );
}

/** Prints what each capture is and what a run of the plan's feeds cannot show. Throws UsageError where a feed cannot be used. */
async function checkFeeds(plan: Plan, print: (text: string) => void): Promise<void> {
  const reported = new Set<string>();
  for (const { spec } of plan.cells) {
    const feed = feedOf(spec);
    if (feed === null) continue;
    try {
      const recording = await recordingOf(feed);
      if (recording !== null) reported.add(recordingLine(recording));
      for (const line of await checkFeed(feed, spec.windowMs)) reported.add(line);
    } catch (error) {
      if (error instanceof FeedError) throw new UsageError(`--feed: ${error.message}`);
      throw error;
    }
  }
  for (const line of reported) print(line);
}

/**
 * The policy that a run is to be decided by, and whether its requirements are on cells that the plan has: one on none, such as a
 * misspelt one, would end the run without an answer. Throws UsageError.
 */
export function checkPolicy(nameOrFile: string, { cells }: Plan): Policy {
  const policy = asUsageError(() => readPolicy(nameOrFile));
  const ids = cells.map(({ id }) => id);
  for (const [i, requirement] of policy.require.entries()) {
    if (requirement.kind === "codec") continue;
    const { cells: patterns } = requirement;
    if (ids.some((id) => matchesGlobs(id, patterns))) continue;
    throw new UsageError(
      `--policy: ${nameOrFile}: require[${i}].cells: must match a cell of this run, got ${patterns.join(", ")}; the nearest is ${nearestCell(patterns, ids)}, and plan lists all`,
    );
  }
  return policy;
}

/** Turns a mistake found by `reports/` into an error of this command. */
function asUsageError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof CommandError ? new UsageError(error.message) : error;
  }
}

/** A port that another process may share is taken all the same: some servers allow that, and connections go to either. */
function checkPort(port: number): void {
  if (port === 0) return;
  const taken = takenBy(["127.0.0.1", "::1"], port);
  if (taken !== null) {
    throw new UsageError(
      `--port: must be a free port, got ${port}: ${taken}; stop it, or leave --port out to use any free one`,
    );
  }
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => undefined } }).stop(true);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const why = { EADDRINUSE: "is in use", EACCES: "needs privileges that this user does not have" }[code];
    throw new UsageError(
      `--port: must be a free port, got ${port}, which ${why ?? `cannot be listened on (${code})`}; leave --port out to use any free one`,
    );
  }
}

/** Whether the run's folder can be made, or written on; nothing is made here. */
function checkWritable({ out, resume }: Options): void {
  const fault = folderFault(resume ?? out);
  if (fault === null) return;
  if (resume === null) throw unfit(out, fault);
  throw new UsageError(`--resume: must be a run's folder that can be written, got ${resume} (${fault})`);
}

/** Server and load meet on 127.0.0.1, which a separate network namespace may lack. */
async function checkLoopback(): Promise<void> {
  const socket = { data: () => undefined };
  try {
    // An interface that is down lets a server listen, and nobody in.
    const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket });
    try {
      (await Bun.connect({ hostname: "127.0.0.1", port: listener.port, socket })).end();
    } finally {
      listener.stop(true);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UsageError(
      `lo: must be up with 127.0.0.1, which server and load generator use, got ${code}; ip link set lo up`,
    );
  }
}

/** Files, pipes and libraries of a process beside its connections. */
const otherFiles = 64;
/** Room for a run's record and report, the histograms included. */
const roomBytesMin = 64 * 1024 * 1024;

/** What the system has too little of would show as a failure of the first server that needs it. Throws UsageError. */
export function checkRoom(
  { cells }: Pick<Plan, "cells">,
  folder: string | null,
  read: Read = readProc,
  freeBytes: (folder: string) => number | null = freeIn,
): void {
  const sizes = cells
    .map(({ id, spec }) => ({
      id,
      count: "subscribers" in spec ? spec.subscribers + 1 : "connections" in spec ? spec.connections : 0,
      manySources: factsOf(spec.workload).manySources === true,
    }))
    .toSorted((a, b) => b.count - a.count);
  const [largest] = sizes;
  if (largest !== undefined) checkOpenFiles(largest, read);
  const oneSource = sizes.find(({ manySources }) => !manySources);
  if (oneSource !== undefined) checkPorts(oneSource, read);
  const manySources = sizes.find((size) => size.manySources);
  if (manySources !== undefined) checkBacklog(manySources, read);
  if (folder === null) return;
  const free = freeBytes(folder);
  if (free !== null && free < roomBytesMin) {
    throw new UsageError(
      `--out: must have at least ${formatBytes(roomBytesMin)} free, got ${folder} with ${formatBytes(free)}; free some, or choose another folder`,
    );
  }
}

interface Size {
  readonly id: string;
  /** Connections that are open at once. */
  readonly count: number;
}

function checkOpenFiles({ id, count }: Size, read: Read): void {
  const { openFiles } = readLimits(read);
  const files = count + otherFiles;
  if (openFiles !== null && openFiles.value < files) {
    throw new UsageError(
      `ulimit -n: must allow ${files} open files for the ${count} connections of ${id}, got ${openFiles.value} (${openFiles.file}); ulimit -n ${files}, or leave the cell out with --workloads`,
    );
  }
}

function checkPorts({ id, count }: Size, read: Read): void {
  const range = localPorts(read);
  // Of both ends' connections, those of the trial before may not be gone yet.
  const ports = 2 * count;
  if (range !== null && range.last - range.first + 1 < ports) {
    throw new UsageError(
      `${portRangeFile}: must span at least ${ports} ports for the ${count} connections of ${id}, got ${range.first} to ${range.last}; sysctl net.ipv4.ip_local_port_range="32768 60999"`,
    );
  }
}

const somaxconnFile = "/proc/sys/net/core/somaxconn";

/** The kernel cuts every listener's backlog to this, and drops what comes beyond it while a server is busy. */
function checkBacklog({ id }: Size, read: Read): void {
  const somaxconn = Number.parseInt(read(somaxconnFile) ?? "", 10);
  if (somaxconn < backlog) {
    throw new UsageError(
      `${somaxconnFile}: must be at least ${backlog}, the backlog that candidates ask for, for the storm of ${id}, got ${somaxconn}; sysctl net.core.somaxconn=${backlog}, or leave the cell out with --workloads`,
    );
  }
}

/** Free bytes for this user, by the nearest folder that there is; null where the system does not report it. */
function freeIn(folder: string): number | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    try {
      const { bavail, bsize } = statfsSync(at);
      return bavail * bsize;
    } catch {
      if (at === dirname(at)) return null;
    }
  }
}
