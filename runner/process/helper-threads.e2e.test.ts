import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseCpuList } from "./cpulist.ts";
import { childEnv } from "./env.ts";
import { holdHelperThreads } from "./helper-threads.ts";

/** Scheduling policy of each thread: field 41 of /proc/<pid>/task/<tid>/stat (proc_pid_stat(5)). */
function policies(): Map<number, string> {
  return new Map(
    readdirSync("/proc/self/task").map((tid) => {
      const stat = readFileSync(`/proc/self/task/${tid}/stat`, "utf8");
      return [Number(tid), stat.slice(stat.lastIndexOf(")") + 2).split(" ")[38] ?? ""];
    }),
  );
}

test.skipIf(process.platform !== "linux")(
  "helpers yield to the main thread, and are themselves again after it",
  () => {
    const before = policies();
    const held = holdHelperThreads();
    const during = policies();
    held.release();
    const after = policies();
    expect(during.get(process.pid)).toBe("0");
    const helpers = [...before.keys()].filter(
      (tid) => tid !== process.pid && during.has(tid) && after.has(tid),
    );
    expect(helpers.length).toBeGreaterThan(0);
    for (const tid of helpers)
      expect([before.get(tid), during.get(tid), after.get(tid)]).toEqual(["0", "5", "0"]);
  },
);

/** Cores that each thread may use. */
function cores(): Map<number, readonly number[]> {
  return new Map(
    readdirSync("/proc/self/task").map((tid) => {
      const status = readFileSync(`/proc/self/task/${tid}/status`, "utf8");
      return [Number(tid), parseCpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "")];
    }),
  );
}

test.skipIf(process.platform !== "linux")("helpers are held on other cores, and go back to their own", () => {
  const before = cores();
  const own = before.get(process.pid) ?? [];
  const away = [own.at(-1) ?? 0];
  const held = holdHelperThreads(away);
  const during = cores();
  const classes = policies();
  const used = held.used();
  held.release();
  const after = cores();
  expect(used.cores).toEqual(away);
  expect(used.cpuNs).toBeGreaterThanOrEqual(0);
  expect(during.get(process.pid)).toEqual(own);
  const helpers = [...before.keys()].filter(
    (tid) => tid !== process.pid && during.has(tid) && after.has(tid),
  );
  expect(helpers.length).toBeGreaterThan(0);
  for (const tid of helpers) expect([during.get(tid), after.get(tid)]).toEqual([away, own]);
  // SCHED_BATCH: of the idle class, one that holds a lock would hold it for as long as the server there is busy.
  for (const tid of helpers) expect(classes.get(tid)).toBe("3");
});

test.skipIf(process.platform !== "linux")("a program starts itself anew, once, and stays what it was", () => {
  const program = `
    console.log(process.pid, process.env.BUN_GC_TIMER_DISABLE ?? "by the clock", process.argv.slice(2).join());
    require(${JSON.stringify(join(import.meta.dir, "helper-threads.ts"))}).restartQuietly({ pinned: true, server: [0], load: [1], runner: [1] });
    console.log("goes on");
  `;
  const file = join(mkdtempSync(join(tmpdir(), "tickbench-quiet-")), "program.cjs");
  writeFileSync(file, program);
  const { stdout, pid, exitCode } = Bun.spawnSync([process.execPath, "--smol", file, "a", "b c"], {
    env: childEnv({}),
  });
  rmSync(dirname(file), { recursive: true });
  const told = stdout.toString().trim().split("\n");
  expect([exitCode, told]).toEqual([0, [`${pid} by the clock a,b c`, `${pid} 1 a,b c`, "goes on"]]);
});
