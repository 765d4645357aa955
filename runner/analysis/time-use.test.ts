import { expect, test } from "bun:test";
import type { RunEvent } from "../../schemas/event.ts";
import { inventedMeasurement } from "../fixtures/invented.ts";
import { timeUse } from "./time-use.ts";

const at = "2026-03-04T09:30:00.000Z";
const where = { at, candidate: "a", cell: "c", round: 0 };
const none = { due: 0, delivered: 0, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
const measurement = inventedMeasurement({ sent: 0, metrics: {}, ledger: none });
const window = (counted: boolean): RunEvent => ({
  type: "window-finished",
  ...where,
  kind: "typical",
  window: 0,
  attempt: 1,
  ageMs: 1,
  waitMs: 10,
  measurement,
  doubt: null,
  counted,
});

test("every part of a run's time has its share, and the rest is other", () => {
  const events: RunEvent[] = [
    window(true),
    window(true),
    window(false),
    { type: "trial-finished", ...where, warmUp: { connectMs: 20, warmUpMs: 50 }, tookMs: 500, missing: 0 },
    { type: "server-stopped", at, candidate: "a", round: 0, startMs: 60, stopMs: 40 },
    {
      ...{ type: "extra-failed", at, candidate: "a", cell: "c", kind: "soak", phase: "start", reason: "no" },
      tookMs: 150,
    },
    { type: "ceiling-measured", at, round: 0, cell: "c", ceilingHz: 1, tookMs: 100 },
  ];
  const { measuringShare, timeShares } = timeUse(events, 1000);
  expect(measuringShare).toBe(0.2);
  expect(timeShares).toEqual({
    measuring: 0.2,
    discarded: 0.1,
    waiting: 0.03,
    warmUp: 0.05,
    connecting: 0.02,
    servers: 0.1,
    ceilings: 0.1,
    extras: 0.15,
    other: 0.25,
  });
});

test("a run without a length has no shares", () => {
  expect(timeUse([window(true)], 0)).toEqual({ measuringShare: null, timeShares: null });
});
