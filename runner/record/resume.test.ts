import { describe, expect, test } from "bun:test";
import type { RunEvent } from "../../schemas/event.ts";
import type { HostFacts } from "../../schemas/report.ts";
import { partsOf } from "../analysis/parts.ts";
import { planFrom } from "../fixtures/planned.ts";
import type { RunStarted } from "./event-log.ts";
import { isComplete, judgeResume, missingEnd, type Setting } from "./resume.ts";

const host: HostFacts = {
  cpu: "A",
  cores: 4,
  os: "Debian",
  kernel: "6.1.7-amd64",
  memoryBytes: 8 * 2 ** 30,
  governor: null,
  virtualised: null,
  cpuQuotaCores: null,
  memoryLimitBytes: null,
  cpuset: "0-3",
  pinning: { pinned: false, how: "-", serverCores: [], loadCores: [] },
};
const second = (n: number) => `2026-01-02T03:04:0${n}.000Z`;

function startedWith(argv: string): RunStarted {
  const plan = planFrom(...argv.split(" "));
  return {
    type: "run-started",
    eventVersion: 2,
    runId: "r",
    argv: [],
    clockResolutionNs: 1,
    at: second(0),
    toolVersion: "0.4.1",
    host,
    plan,
  };
}

const started = startedWith("--candidates bun/serve --workloads push/json* --rounds 1 --profile smoke");
const ready = {
  runtime: { name: "bun", version: "1.4.5" },
  framework: { name: "bun", version: "1.4.5" },
};
const server = {
  type: "server-started",
  at: second(1),
  candidate: "bun/serve",
  round: 0,
  startupNs: 1,
  ready,
};
const events = [started, server as never] as RunEvent[];
const now: Setting = {
  host,
  toolVersion: "0.4.1",
  versions: { "bun/serve": { runtime: "1.4.5", framework: "1.4.5" } },
};
const usageError = (change: Partial<Setting>) => {
  try {
    judgeResume({ started, events }, { ...now, ...change });
  } catch (error) {
    return (error as Error).message;
  }
  return null;
};

describe("going on with a run", () => {
  test("in the same place is free, and so is a patch of the tool or the kernel, or a little memory", () => {
    expect(usageError({})).toBeNull();
    expect(usageError({ toolVersion: "0.4.9" })).toBeNull();
    expect(
      usageError({ host: { ...host, kernel: "6.1.9-amd64", memoryBytes: host.memoryBytes - 5e6 } }),
    ).toBeNull();
  });

  const changed: [what: string, change: Partial<Setting>][] = [
    ["CPU A → B", { host: { ...host, cpu: "B" } }],
    ["cores 4 → 8", { host: { ...host, cores: 8 } }],
    ["memory 8.00 GiB → 4.00 GiB", { host: { ...host, memoryBytes: 4 * 2 ** 30 } }],
    ["memory limit none → 2.00 GiB", { host: { ...host, memoryLimitBytes: 2 ** 31 } }],
    ["CPU quota none → 1.5 cores", { host: { ...host, cpuQuotaCores: 1.5 } }],
    ["cores allowed 0-3 → 0-1", { host: { ...host, cpuset: "0-1" } }],
    ["kernel 6.1.7-amd64 → 6.2.0", { host: { ...host, kernel: "6.2.0" } }],
    ["virtualised no → KVM", { host: { ...host, virtualised: "KVM" } }],
    ["tickbench 0.4.1 → 0.5.0", { toolVersion: "0.5.0" }],
    ["bun/serve: bun 1.4.5 → 1.4.6", { versions: { "bun/serve": { runtime: "1.4.6", framework: null } } }],
  ];
  test.each(changed)("is refused for %s", (what, change) => {
    expect(usageError(change)).toContain(`got ${what}; resume it there, or start a new run`);
  });

  test("tells each difference once", () => {
    expect(usageError({ toolVersion: "1.0.0", host: { ...host, cpu: "B" } })).toContain(
      "CPU A → B; tickbench 0.4.1 → 1.0.0;",
    );
  });
});

const trial = (round: number, candidate: string, at: string): RunEvent =>
  ({ type: "trial-finished", at, candidate, cell: started.plan.cells[0]?.id, round }) as never;
const ceiling = {
  type: "ceiling-measured",
  round: 0,
  cell: started.plan.cells[0]?.id,
  at: second(2),
} as never;
const measured = [
  ...events,
  ceiling,
  trial(0, "bun/serve", second(3)),
  trial(0, "bun/serve#2", second(4)),
] as RunEvent[];
const end = (interrupted: boolean): RunEvent => ({
  type: "run-finished",
  at: second(5),
  durationMs: 9,
  interrupted,
});

describe("what is left to measure", () => {
  test("is nothing behind the end, or behind the last trial", () => {
    expect(isComplete({ started, events })).toBe(false);
    expect(isComplete({ started, events: measured.slice(0, -1) })).toBe(false);
    expect(isComplete({ started, events: measured })).toBe(true);
    expect(isComplete({ started, events: [...measured, end(true)] })).toBe(true);
    expect(isComplete({ started, events: [...events, end(false)] })).toBe(true);
    expect(isComplete({ started, events: [...events, end(true)] })).toBe(false);
  });

  test("the end that a cut run lacks takes its time from the record, once", () => {
    expect(missingEnd({ started, events: measured })).toEqual({
      type: "run-finished",
      at: second(4),
      durationMs: 4000,
      interrupted: false,
    });
    expect(missingEnd({ started, events: [...measured, end(true)] })?.durationMs).toBe(0);
    expect(missingEnd({ started, events: [...measured, end(false)] })).toBeNull();
  });
});

test("the parts of a run are named by their rounds, those that measured nothing left out", () => {
  const resumed = (toolVersion: string): RunEvent => ({
    type: "run-resumed",
    at: second(6),
    host,
    toolVersion,
  });
  const whole = [
    started,
    trial(0, "a", second(1)),
    trial(1, "a", second(1)),
    resumed("0.4.2"),
    resumed("0.4.3"),
    trial(1, "b", second(7)),
    trial(4, "a", second(7)),
    { type: "run-resumed", at: second(8) } as RunEvent,
    trial(5, "a", second(9)),
  ];
  expect(partsOf(started, whole)).toMatchObject([
    { fromRound: 0, toRound: 1, toolVersion: "0.4.1", kernel: "6.1.7-amd64" },
    { fromRound: 1, toRound: 4, toolVersion: "0.4.3" },
    { fromRound: 5, toRound: 5, toolVersion: "unknown" },
  ]);
});
