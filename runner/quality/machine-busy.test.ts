import { describe, expect, test } from "bun:test";
import { awaitQuiet, judgeMachine, tooBusy, unseenTime } from "./machine-busy.ts";

const backup = { pid: 42, name: "backup", core: 1, cpuNs: 4e8, cpuPct: 97.3 };
const busy = { processes: [backup], unseen: null };

describe("judgeMachine", () => {
  test("a quiet machine is taken as it is", () => {
    expect(judgeMachine({ processes: [], unseen: null }, false)).toBeNull();
  });

  test("a busy one is refused with the names", () => {
    expect(() => judgeMachine(busy, false)).toThrow("the machine is busy: backup (pid 42, 97 % of core 1)");
  });

  test("so is one whose processes nobody gets to see", () => {
    const unseen = { cores: [0, 1], cpuPct: 151 };
    expect(() => judgeMachine({ processes: [], unseen }, false)).toThrow(
      "the machine is busy: short-lived processes, or processes that cannot be seen from here (151 % of one core, on cores 0, 1); ",
    );
    expect(() => judgeMachine({ processes: [backup], unseen }, false)).toThrow("backup (pid 42");
  });

  test("--force goes on, and the report says so", () => {
    expect(judgeMachine(busy, true)).toMatchObject({ code: "machine-was-busy" });
  });
});

describe("tooBusy", () => {
  const taking = (cpuPct: number, core: number, pid: number) => {
    return { pid, name: `p${pid}`, core, cpuNs: cpuPct * 4e6, cpuPct };
  };

  test("one process from 15 % of a core on", () => {
    expect(tooBusy([taking(16, 0, 1), taking(14, 1, 2)]).map((p) => p.pid)).toEqual([1]);
    expect(tooBusy([taking(14, 0, 1), taking(14, 1, 2)])).toEqual([]);
  });

  test("many small ones that take a core between them, by the names of the busiest", () => {
    const crowd = Array.from({ length: 12 }, (_, pid) => taking(8, 1, pid));
    expect(tooBusy([taking(9, 0, 99), ...crowd]).map((p) => p.pid)).toEqual([0, 1, 2]);
    expect(tooBusy(crowd.slice(0, 3))).toEqual([]);
  });
});

describe("unseenTime", () => {
  const usage = (core: number, busyNs: number) => {
    return { core, elapsedNs: 400e6, busyNs, stealNs: 0, softIrqNs: 0, uncertaintyNs: 30e6 };
  };
  const taking = (core: number, cpuNs: number) => ({
    pid: core,
    name: "p",
    core,
    cpuNs,
    cpuPct: cpuNs / 4e6,
  });

  test("is what the cores worked beyond all that is in sight, and beyond what the counters may be off by", () => {
    expect(unseenTime([usage(0, 390e6), usage(1, 390e6)], [])).toEqual({ cores: [0, 1], cpuPct: 180 });
    expect(unseenTime([usage(0, 390e6)], [taking(0, 100e6), taking(3, 400e6)])?.cpuPct).toBe(65);
    expect(unseenTime([usage(0, 390e6)], [taking(0, 300e6)])).toBeNull();
  });

  test("is none where the cores rest, or cannot be read", () => {
    expect(unseenTime([usage(0, 20e6)], [])).toBeNull();
    expect(unseenTime([], [])).toBeNull();
  });
});

describe("awaitQuiet", () => {
  const quiet = { processes: [], unseen: null };
  const waiting = async (looks: (typeof busy | typeof quiet)[], waitMs: number) => {
    let at = 0;
    const told: string[] = [];
    const found = await awaitQuiet(
      async () => {
        at += 1_000;
        return looks.shift() ?? busy;
      },
      { waitMs, now: () => at, report: (line) => told.push(line) },
    );
    return { found, told };
  };

  test("ends with the first look that finds the machine quiet, and tells of each before it", async () => {
    const { found, told } = await waiting([busy, busy, quiet], 60_000);
    expect(found).toEqual(quiet);
    expect(told).toEqual([1, 2].map((s) => expect.stringContaining(`${s} s of 1 min 0 s: backup (pid 42`)));
  });

  test("gives up at the end of the wait, and without one after a look", async () => {
    expect((await waiting([], 3_000)).told).toHaveLength(2);
    expect((await waiting([busy], 0)).found).toEqual(busy);
  });
});
