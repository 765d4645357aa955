import { describe, expect, test } from "bun:test";
import type { Measurement } from "../../schemas/load.ts";
import { inventedMeasurement } from "../fixtures/invented.ts";
import { impossibleIn, withoutImpossible } from "./impossible.ts";

const ledger = { due: 100, delivered: 100, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
const figures = {
  latencyNsP50: 20_000,
  latencyNsP99: 90_000,
  throughputHz: 1e6,
  cpuNsPerMessage: 900,
  contextSwitchesPerMessage: 0,
  rssBytesPeak: 3e7,
  skewNsP99: 0,
};
const measured = (metrics: Measurement["metrics"], delivered = 100): Measurement =>
  inventedMeasurement({ sent: 100, metrics: { ...figures, ...metrics }, ledger: { ...ledger, delivered } });

const cell = "feed/json/passthrough/send/s10";

test("what a server can have is kept as it is", () => {
  const possible = measured({});
  expect(impossibleIn(cell, possible)).toEqual([]);
  expect(withoutImpossible(cell, possible)).toBe(possible);
});

describe("what no server can have is left out, with its kin", () => {
  test.each([
    ["no CPU time", { cpuNsPerMessage: 0 }, ["cpuNsPerMessage", "contextSwitchesPerMessage"]],
    ["next to none", { cpuNsPerMessage: 0.01 }, ["cpuNsPerMessage", "contextSwitchesPerMessage"]],
    ["no memory", { rssBytesPeak: 0 }, ["rssBytesPeak"]],
    ["a latency of nothing", { latencyNsP50: 0 }, ["latencyNsP50", "latencyNsP99"]],
  ])("%s", (_, metrics, gone) => {
    const kept = withoutImpossible(cell, measured(metrics)).metrics;
    const all = Object.keys(figures).filter((name) => !gone.includes(name));
    expect(Object.keys(kept).sort()).toEqual(all.sort());
    expect(impossibleIn(cell, measured(metrics))).toHaveLength(1);
  });
});

test("where nothing was delivered, nothing had to be paid for", () => {
  expect(impossibleIn(cell, measured({ cpuNsPerMessage: 0, latencyNsP50: 0 }, 0))).toEqual([]);
});

test("what a server pushes may be there with the first of it", () => {
  expect(impossibleIn("push/json/146B/c8", measured({ latencyNsP50: 0 }))).toEqual([]);
});
