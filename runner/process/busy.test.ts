import { expect, test } from "bun:test";
import { busyProcesses, type ProcessesSnapshot, readProcesses } from "./busy.ts";

const snapshot = (atNs: number, processes: readonly (readonly [number, string, number, number])[]) =>
  ({
    atNs,
    processes: new Map(
      processes.map(([pid, name, startTicks, cpuNs]) => [pid, { name, startTicks, core: 1, cpuNs }]),
    ),
  }) satisfies ProcessesSnapshot;

test("names the busiest that are not our own", () => {
  const before = snapshot(0, [
    [1, "init", 0, 500],
    [2, "load", 1, 0],
    [3, "backup", 2, 100],
    [4, "old", 3, 9000],
  ]);
  const after = snapshot(1000, [
    [1, "init", 0, 500],
    [2, "load", 1, 990],
    [3, "backup", 2, 350],
    [4, "new", 4, 40],
    [5, "cron", 5, 10],
  ]);
  expect(busyProcesses(before, after, new Set([2]), 2)).toEqual([
    { pid: 3, name: "backup", core: 1, cpuNs: 250, cpuPct: 25 },
    { pid: 4, name: "new", core: 1, cpuNs: 40, cpuPct: 4 },
  ]);
});

test.skipIf(process.platform !== "linux")("sees a real process at work", () => {
  const before = readProcesses();
  const until = performance.now() + 20;
  while (performance.now() < until) Math.sqrt(until);
  const all = busyProcesses(before, readProcesses(), new Set(), 1000);
  expect(all.find((each) => each.pid === process.pid)?.cpuNs).toBeGreaterThan(0);
});
