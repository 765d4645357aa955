import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NotMeasuredCode, SystemCalls } from "../../schemas/why.ts";
import { startChild } from "../process/child.ts";
import type { Children } from "../process/children.ts";
import { childEnv } from "../process/env.ts";
import { readProc, statusNumber } from "../process/procfs.ts";

type Counted = Omit<SystemCalls, "deliveries">;

/** How long strace may take to hold every thread, and to let go of them and write what it has seen. */
const attachMs = 5_000;
const stopMs = 10_000;
/** A look whether all threads are held, in ms. */
const lookMs = 5;

/** Counts the system calls of processes while `during` runs; `program` is strace's path, which runs on `cores`. */
export async function countCalls(
  { program, cores }: { readonly program: string; readonly cores: readonly number[] | null },
  pids: readonly number[],
  children: Children,
  during: () => Promise<void>,
): Promise<Counted | { readonly notMeasured: NotMeasuredCode }> {
  const folder = mkdtempSync(join(tmpdir(), "tickbench-strace-"));
  const file = join(folder, "calls");
  try {
    const command = [program, "-f", "-qq", "-s", "0", "-e", "signal=none", "-o", file];
    const started = startChild(
      { command: [...command, ...pids.flatMap((pid) => ["-p", `${pid}`])], env: childEnv({}), cores },
      children,
      { onStdout: () => undefined },
    );
    if (!started.ok) return { notMeasured: "no-strace" };
    const { child } = started;
    let ended = false;
    void child.exited.then(() => {
      ended = true;
    });
    const endMs = performance.now() + attachMs;
    while (!ended && !pids.every((pid) => isHeld(pid, child.pid)) && performance.now() < endMs) {
      await Bun.sleep(lookMs);
    }
    const held = pids.every((pid) => isHeld(pid, child.pid));
    if (held) await during();
    await child.stop(stopMs);
    return held ? callsIn(readFileSync(file, "utf8")) : { notMeasured: "not-permitted" };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether all threads of a process are traced by one tracer. */
function isHeld(pid: number, tracer: number): boolean {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return false;
  }
  return threads.every((tid) => {
    const status = readProc(`/proc/${pid}/task/${tid}/status`);
    return status === null || statusNumber(status, "TracerPid") === tracer;
  });
}

/** Calls that put bytes on a socket, a pipe or a file. */
const writing = new Set(["write", "writev", "pwrite64", "pwritev", "send", "sendto", "sendmsg", "sendmmsg"]);
const topMax = 6;

/** `123 writev(20, […], 2) = 150`, or the halves of a call that another thread's came between. */
const whole = /^(?:\d+ +)?(\w+)\(.*= (-?\d+)/;
const begun = /^(?:\d+ +)?(\w+)\(.*<unfinished \.\.\.>$/;
const resumed = /^(?:\d+ +)?<\.\.\. (\w+) resumed>.*= (-?\d+)/;

/** What a log of strace holds. A call counts when it begins, and its bytes when it has ended. */
export function callsIn(log: string): Counted {
  const counts = new Map<string, number>();
  let bytes = 0;
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const took = (name: string, result: number) => {
    if (writing.has(name) && result > 0) bytes += result;
  };
  for (const line of log.split("\n")) {
    const late = resumed.exec(line);
    const early = late === null ? begun.exec(line) : null;
    const both = late === null && early === null ? whole.exec(line) : null;
    if (late !== null) took(late[1]!, Number(late[2]));
    if (early !== null) count(early[1]!);
    if (both !== null) {
      count(both[1]!);
      took(both[1]!, Number(both[2]));
    }
  }
  const all = [...counts].map(([name, calls]) => ({ name, calls }));
  return {
    calls: all.reduce((sum, { calls }) => sum + calls, 0),
    writes: all.reduce((sum, { name, calls }) => sum + (writing.has(name) ? calls : 0), 0),
    bytes,
    top: all.toSorted((a, b) => b.calls - a.calls || a.name.localeCompare(b.name, "en")).slice(0, topMax),
  };
}
