import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../../reports/json.ts";
import { type ProcStat, readProc, statOf } from "../../runner/process/procfs.ts";
import { allProcesses, descendants } from "../../runner/process/tree.ts";
import { readEventLog } from "../../runner/record/event-log.ts";
import { exitCodes } from "../../schemas/exit-codes.ts";
import type { Report } from "../../schemas/report.ts";
import { createRandom, type Random } from "../../stats/random.ts";

const root = join(import.meta.dir, "..", "..");
const lookMs = 10;
/** Longest that a command may take with whatever is done to it, on a machine that others use. */
const patienceMs = 180_000;
/** Longest that what a command started may outlive it: the watchdog and the kernel need a moment. */
const orphanMs = 10_000;

const { done, usage, candidateFailed, interrupted } = exitCodes;
const killed = 128 + 9;

/** What goes wrong in one run. */
interface Fault {
  readonly name: string;
  /** Exit codes that are right for it. A fault that comes too late meets a finished run. */
  readonly codes: readonly number[];
  /** Those of the run when it is gone on with; the fault is over by then, unless it is the server's own. */
  readonly resumed: readonly number[];
  /** Added to the command. */
  readonly argv?: readonly string[];
  /** Put before the command, in place of the runtime. */
  readonly before?: readonly string[];
  /** Done to the running command, once its record has `lines` lines and `delayMs` have passed. */
  act?(runner: number): Promise<void> | void;
  /** Undoes what was done outside the command. */
  end?(): void;
  /** Makes the place that the run is written to. */
  place?(folder: string): void;
}

const roles = { server: /\/servers\/|\.cache\/tickbench/, load: /load\/worker/ } as const;
type Role = keyof typeof roles;

const commandLine = (pid: number): string => readProc(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ") ?? "";

/** A process of that role below the runner; null where the run ends before there is one. */
async function processOf(runner: number, role: Role): Promise<number | null> {
  for (;;) {
    const found = descendants(runner).find(({ pid }) => roles[role].test(commandLine(pid)));
    if (found !== undefined) return found.pid;
    if (statOf(runner) === null) return null;
    await Bun.sleep(lookMs);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

const anyEnd = [done, candidateFailed];
const own = (name: string, file: string, ...args: string[]): string[] => [
  "--candidate",
  `${name}=${process.execPath} ${root}/runner/calibrate/servers/${file} ${args.join(" ")}`,
];

function signalled(_random: Random, role: Role, name: "SIGKILL" | "SIGSTOP"): Fault {
  return {
    name: `${name} to the ${role}`,
    codes: anyEnd,
    resumed: anyEnd,
    act: async (runner) => {
      const pid = await processOf(runner, role);
      if (pid !== null) signal(pid, name);
    },
  };
}

function slowed(random: Random, role: Role): Fault {
  const forMs = 50 + random.below(1500);
  return {
    name: `${role} held for ${forMs} ms`,
    codes: anyEnd,
    resumed: anyEnd,
    act: async (runner) => {
      const pid = await processOf(runner, role);
      if (pid === null) return;
      signal(pid, "SIGSTOP");
      await Bun.sleep(forMs);
      signal(pid, "SIGCONT");
    },
  };
}

const ended = (name: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGKILL"): Fault => ({
  name: `${name} to the runner`,
  codes: [done, name === "SIGKILL" ? killed : interrupted],
  resumed: anyEnd,
  act: (runner) => signal(runner, name),
});

/** A small file system for the run, which grows when it is gone on with. */
function fullDisk(random: Random): Fault {
  const kib = 4 + random.below(400);
  let at: string | null = null;
  const mount = (...argv: string[]) => Bun.spawnSync(["mount", ...argv], { stderr: "inherit" });
  return {
    name: `a disk of ${kib} KiB`,
    codes: [done, usage],
    resumed: anyEnd,
    place: (folder) => {
      mkdirSync(folder);
      if (mount("-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", folder).success) at = folder;
    },
    end: () => {
      if (at !== null) mount("-o", "remount,size=64m", at);
    },
  };
}

function takenPort(): Fault {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  return {
    name: "a port that is taken",
    codes: [usage, candidateFailed],
    resumed: [...anyEnd, usage],
    argv: ["--port", String(server.port)],
    end: () => server.stop(true),
  };
}

function faultOf(random: Random): Fault {
  const role = random.below(3) === 0 ? "load" : "server";
  const descriptors = 16 + random.below(80);
  const jumpMs = (random.below(2) === 0 ? -1 : 1) * (1 + random.below(86_400_000));
  const every = 3 + random.below(5000);
  const faults: readonly (() => Fault)[] = [
    () => signalled(random, role, "SIGKILL"),
    () => signalled(random, role, "SIGKILL"),
    () => signalled(random, role, "SIGSTOP"),
    () => slowed(random, role),
    () => ended("SIGINT"),
    () => ended("SIGTERM"),
    () => ended("SIGHUP"),
    () => ended("SIGKILL"),
    () => ended("SIGKILL"),
    () => ({
      name: "a server that leaks",
      codes: anyEnd,
      resumed: anyEnd,
      argv: own("leaks", "leak.ts", "50000000"),
    }),
    () => {
      const kind = (["drop", "double", "swap", "corrupt"] as const)[random.below(4)] ?? "drop";
      const argv = own("faulty", "faulty.ts", kind, String(every));
      return { name: `a server that does ${kind}`, codes: anyEnd, resumed: anyEnd, argv };
    },
    () => fullDisk(random),
    () => fullDisk(random),
    () => ({
      name: `${descriptors} descriptors`,
      codes: [done, usage, candidateFailed],
      resumed: anyEnd,
      before: ["sh", "-c", `ulimit -n ${descriptors}; exec "$0" "$@"`],
    }),
    takenPort,
    () => ({
      name: `a clock that jumps by ${jumpMs} ms`,
      codes: anyEnd,
      resumed: anyEnd,
      before: ["env", `TICKBENCH_CHAOS_JUMP_MS=${jumpMs}`],
    }),
  ];
  return faults[random.below(faults.length)]!();
}

interface Ended {
  readonly code: number;
  readonly stderr: string;
  /** What was below the command and outlived it. */
  readonly orphans: readonly string[];
}

/** Runs a command to its end, and kills what it leaves. */
async function run(
  argv: readonly string[],
  fault: Pick<Fault, "before" | "act">,
  record: string,
  after: { lines: number; delayMs: number },
): Promise<Ended> {
  const preload = ["--preload", join(import.meta.dir, "fixtures", "clock-jump.ts")];
  const command = [process.execPath, ...preload, join(root, "runner", "compare.ts"), ...argv];
  const child = Bun.spawn([...(fault.before ?? []), ...command], {
    cwd: root,
    env: process.env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const stderr = new Response(child.stderr).text();
  const below = new Map<string, ProcStat>();
  let acted = fault.act === undefined;
  let isOver = false;
  const patience = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const exited = child.exited.finally(() => {
    isOver = true;
  });
  const acting: Promise<void>[] = [];
  while (!isOver) {
    for (const each of descendants(child.pid)) below.set(`${each.pid} ${each.startTicks}`, each);
    if (!acted && linesOf(record) >= after.lines) {
      acted = true;
      acting.push(Bun.sleep(after.delayMs).then(() => fault.act?.(child.pid)));
    }
    await Bun.sleep(lookMs);
  }
  await Promise.all(acting);
  clearTimeout(patience);
  const left = await outliving([...below.values()]);
  const orphans = left.map(({ pid }) => commandLine(pid));
  for (const { pid } of left) signal(pid, "SIGKILL");
  return { code: await exited, stderr: await stderr, orphans };
}

async function outliving(seen: readonly ProcStat[]): Promise<ProcStat[]> {
  const deadline = performance.now() + orphanMs;
  for (;;) {
    const now = new Map(allProcesses().map((each) => [each.pid, each]));
    const left = seen.filter(({ pid, startTicks }) => {
      const found = now.get(pid);
      return found?.startTicks === startTicks && found.state !== "Z";
    });
    if (left.length === 0 || performance.now() > deadline) return left;
    await Bun.sleep(lookMs);
  }
}

/** Runs of a folder: what `--out` got. */
const runsIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => /^\d{8}T/.test(name)) : [];

function linesOf(folder: string): number {
  const [name] = runsIn(folder);
  const file = join(folder, name ?? "", "events.ndjson");
  return name !== undefined && existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf("\n") + 1);

/** What is wrong with what a command left: half files, a report that does not parse, output of a crash. */
function leftWrong(folder: string, { code, stderr, orphans }: Ended, codes: readonly number[]): string[] {
  const wrong: string[] = [];
  if (!codes.includes(code))
    wrong.push(`exit code ${code}, not one of ${codes.join(", ")}: ${stderr.trim()}`);
  if (/^\s+at .+:\d+/m.test(stderr)) wrong.push(`a stack: ${stderr.trim()}`);
  if (code === usage && stderr.trim().split("\n").length > 3)
    wrong.push(`more than a line: ${stderr.trim()}`);
  if (orphans.length > 0) wrong.push(`left running: ${orphans.join("; ")}`);
  // Whoever kills the runner, or leaves it no room, may leave a draft under its own name; never half a file under the file's.
  for (const name of runsIn(folder)) {
    const report = reportIn(join(folder, name), wrong);
    if (code === done && report === null) wrong.push("no report");
  }
  return wrong;
}

function reportIn(folder: string, wrong: string[]): Report | null {
  const file = join(folder, "report.json");
  if (!existsSync(file)) return null;
  try {
    return parseReport(readFileSync(file, "utf8"), file);
  } catch (error) {
    wrong.push(`report.json: ${String(error)}`);
    return null;
  }
}

/** Goes on with a run, and says what is wrong with what comes of it. */
async function goneOn(folder: string, fault: Fault): Promise<string[]> {
  const [name] = runsIn(folder);
  if (name === undefined) return [];
  const at = join(folder, name);
  const record = join(at, "events.ndjson");
  const before = existsSync(record) ? wholeLines(readFileSync(record, "utf8")) : "";
  // A run that was cut before its first line has nothing to go on with.
  if (before === "") return [];
  const again = await run(["--resume", at, "--quiet", "--force"], {}, folder, { lines: 0, delayMs: 0 });
  const wrong = leftWrong(folder, again, fault.resumed).map((each) => `resumed: ${each}`);
  const after = readFileSync(record, "utf8");
  if (!after.startsWith(before)) wrong.push("resumed: the record lost what it had");
  if (again.code === usage) return wrong;
  const { events, torn } = readEventLog(at);
  if (torn) wrong.push("resumed: half a line in the record");
  if (!events.some(({ type }) => type === "run-finished")) wrong.push("resumed: the run has no end");
  const report = reportIn(at, wrong);
  if (report?.run.interrupted !== false) wrong.push("resumed: no report of the whole run");
  if (report !== null) {
    const counted = events.filter((e) => e.type === "window-finished" && e.counted).length;
    const rounds = report.results.reduce((sum, { rounds: n }) => sum + n, 0);
    if (rounds > 0 && counted === 0) wrong.push("resumed: figures without a window");
  }
  return wrong;
}

/** What one seed did, and what was wrong with what came of it. */
export interface Chaos {
  readonly seed: number;
  readonly fault: string;
  readonly wrong: readonly string[];
}

/** A short run with one fault, drawn from the seed with the phase that it comes in; then it is gone on with. */
export async function chaos(seed: number): Promise<Chaos> {
  const random = createRandom(seed);
  const fault = faultOf(random);
  const after = { lines: 1 + random.below(14), delayMs: random.below(400) };
  const folder = mkdtempSync(join(tmpdir(), "tickbench-chaos-"));
  const out = join(folder, "out");
  try {
    fault.place?.(out);
    const how = "--profile smoke --rounds 1 --force --keep-disturbed --quiet --candidates bun/serve,node/ws";
    const argv = [...how.split(" "), "--workloads", "push/json*", "--out", out, ...(fault.argv ?? [])];
    const first = await run(argv, fault, out, after);
    const wrong = leftWrong(out, first, fault.codes);
    fault.end?.();
    wrong.push(...(await goneOn(out, fault)));
    return { seed, fault: `${fault.name}, after ${after.lines} lines and ${after.delayMs} ms`, wrong };
  } finally {
    fault.end?.();
    if (fault.place !== undefined) Bun.spawnSync(["umount", out], { stderr: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  }
}
