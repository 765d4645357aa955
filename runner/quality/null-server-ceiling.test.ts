import { describe, expect, test } from "bun:test";
import type { CellSpec } from "../../schemas/cell.ts";
import type { PlannedCell } from "../../schemas/plan.ts";
import type { RunningServer } from "../experiment.ts";
import { inventedMeasurement } from "../fixtures/invented.ts";
import { type CeilingBench, Ceilings } from "./null-server-ceiling.ts";

const cell = (codec: "json" | "sbe"): PlannedCell => {
  const spec: CellSpec = {
    workload: "echo",
    codec,
    bytes: null,
    connections: 4,
    window: 128,
    warmupMs: 1,
    windowMs: 1,
  };
  return { id: codec, spec, windows: 1, longWindowMs: null, headline: [], everyRounds: 1 };
};
const cells = [cell("json"), cell("sbe")];
const whole = { due: 1, delivered: 1, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };

/** A generator whose messages cost `costNs(worker, look)`, where a look is one measurement of every cell. */
function benchOf(costNs: (worker: number, look: number) => number) {
  const calls: string[] = [];
  let worker = 0;
  let measured = 0;
  const server = { stop: async () => null } as unknown as RunningServer;
  const bench: CeilingBench = {
    start: async () => ({ server }),
    replaceGenerator: async () => {
      calls.push("replace");
      worker += 1;
    },
    open: async (_, { spec }) => {
      const look = Math.floor(measured / cells.length);
      measured += 1;
      if (spec.warmupMs > 1) calls.push("warm up");
      const one = inventedMeasurement({ sent: 1, metrics: { throughputHz: 1e7 }, ledger: whole });
      // A million messages in the window of 100 ms.
      const generator = { ...one.generator, cpuNs: costNs(worker, look) * 1e6 };
      return {
        cell: {
          warmUp: { connectMs: 0, warmUpMs: 0 },
          window: async () => ({ measurement: { ...one, generator } }),
          close: async () => undefined,
        },
      };
    },
  };
  return { bench, calls };
}

describe("looks at the generator's ceilings", () => {
  test("tell what a message costs it, and leave one alone that stays as fast as it was", async () => {
    const { bench, calls } = benchOf((_, look) => (look === 0 ? 50 : 57));
    const ceilings = new Ceilings(bench, () => false);
    for (const costNs of [50, 57]) {
      const { ceilings: seen, slowdown } = await ceilings.of(cells);
      expect([...seen]).toEqual(cells.map(({ id }) => [id, { ceilingHz: 1e7, costNs }]));
      expect(slowdown).toBeNull();
    }
    expect(calls).toEqual(["warm up", "warm up"]);
  });

  test("replace one that has slowed by more than 15 %, warm the next, and measure that", async () => {
    const { bench, calls } = benchOf((worker, look) => (worker === 0 && look > 0 ? 60 : 50));
    const ceilings = new Ceilings(bench, () => false);
    await ceilings.of(cells);
    const { ceilings: seen, slowdown } = await ceilings.of(cells);
    expect(slowdown).toBeCloseTo(1.2);
    expect([...seen.values()].map(({ costNs }) => costNs)).toEqual([50, 50]);
    expect(calls).toEqual(["warm up", "warm up", "replace", "warm up", "warm up"]);
    expect((await ceilings.of(cells)).slowdown).toBeNull();
  });

  test("take no single bad look for a slow generator", async () => {
    const { bench, calls } = benchOf((_, look) => (look === 1 ? 90 : 50));
    const ceilings = new Ceilings(bench, () => false);
    await ceilings.of(cells);
    const { ceilings: seen, slowdown } = await ceilings.of(cells);
    expect(slowdown).toBeNull();
    expect([...seen.values()].map(({ costNs }) => costNs)).toEqual([50, 50]);
    expect(calls).toEqual(["warm up", "warm up"]);
  });
});
