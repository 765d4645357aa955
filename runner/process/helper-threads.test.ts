import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { quietHelperThreads } from "./helper-threads.ts";

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
    const undo = quietHelperThreads();
    const during = policies();
    undo();
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
