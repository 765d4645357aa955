import { describe, expect, test } from "bun:test";
import type { RunEvent } from "../../schemas/event.ts";
import { inventedMeasurement } from "../fixtures/invented.ts";
import { validRecord } from "./valid-record.ts";

const at = "2026-03-04T09:30:00.000Z";
const metrics = { latencyNsP50: 20_000, cpuNsPerMessage: 900, rssBytesPeak: 3e7, startupNs: 1e8 };

const ledger = { due: 1, delivered: 1, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };

const started = (candidate: string, round: number): RunEvent => ({
  ...{ type: "server-started", at, candidate, round, startupNs: 1e8, ready: null },
});
const trial = (candidate: string, round: number): RunEvent => ({
  ...{ type: "window-finished", at, candidate, cell: "echo/raw/64B/c1w1", round, window: 0, attempt: 1 },
  ...{ kind: "typical", ageMs: 1, waitMs: 0, doubt: null, counted: true },
  measurement: inventedMeasurement({ sent: 1, metrics, ledger }),
});
const doubted = (candidate: string, code: "listener-moved" | "left-its-core"): RunEvent => ({
  ...{ type: "visit-doubted", at, candidate, code, reason: "so it was" },
});
const windowsOf = (events: readonly RunEvent[]) => events.filter((event) => event.type === "window-finished");

describe("what came to light at the end of a visit", () => {
  test("is held against all that was measured in it, and nothing else", () => {
    const events = [
      ...[started("a", 0), started("b", 0), trial("a", 0), trial("b", 0), doubted("a", "left-its-core")],
      ...[started("a", 1), trial("a", 1)],
    ];
    expect(
      windowsOf(validRecord(events)).map((t) => [t.candidate, t.round, t.doubt?.reason ?? null]),
    ).toEqual([
      ["a", 0, "so it was"],
      ["b", 0, null],
      ["a", 1, null],
    ]);
  });

  test("takes the server's own use out where another process listened at the end", () => {
    const [held] = windowsOf(validRecord([started("a", 0), trial("a", 0), doubted("a", "listener-moved")]));
    expect(held?.counted).toBe(true);
    expect(held?.measurement.unattributed).toEqual({ code: "listener-moved", reason: "so it was" });
    expect(Object.keys(held?.measurement.metrics ?? {}).sort()).toEqual(["latencyNsP50", "startupNs"]);
  });

  test("is held once, however often it is asked for", () => {
    const events = [started("a", 0), trial("a", 0), doubted("a", "left-its-core")];
    expect(validRecord(validRecord(events))).toEqual([...validRecord(events)]);
  });
});
