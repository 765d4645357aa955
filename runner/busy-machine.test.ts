import { describe, expect, test } from "bun:test";
import { judgeMachine, tooBusy } from "./busy-machine.ts";

const busy = [{ pid: 42, name: "backup", core: 1, cpuNs: 4e8, cpuPct: 97.3 }];

describe("judgeMachine", () => {
  test("a quiet machine is taken as it is", () => {
    expect(judgeMachine([], false)).toBeNull();
  });

  test("a busy one is refused with the names", () => {
    expect(() => judgeMachine(busy, false)).toThrow("the machine is busy: backup (pid 42, 97 % of core 1)");
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
