import { expect, test } from "bun:test";
import type { RunEvent } from "../../schemas/event.ts";
import { ProgressMeter } from "./progress.ts";

const at = "2026-03-04T09:30:00.000Z";
const started = (candidate: string) => ({ type: "server-started", at, candidate, round: 0 }) as RunEvent;
const measured = (candidate: string, cell: string) =>
  ({
    type: "window-finished",
    at,
    candidate,
    cell,
    counted: true,
    doubt: null,
    measurement: { windowMs: 100 },
  }) as RunEvent;

test("the candidate is the one that is measured, and not the one that was started last", () => {
  const meter = new ProgressMeter();
  const events = [started("node/ws"), measured("node/ws", "a"), started("bun/ws"), measured("bun/ws", "a")];
  for (const [id, event] of [...events, measured("node/ws", "b")].entries()) meter.see(event, id);
  expect(meter.at(Date.parse(at))).toMatchObject({
    candidate: "node/ws",
    cell: "b",
    windows: { counted: 3, discarded: 0 },
  });
});
