import { expect, test } from "bun:test";
import type { EventOf } from "../../schemas/event.ts";
import { inventedMeasurement } from "../fixtures/invented.ts";
import { figuresByStretch } from "./stretches.ts";

/** A counted window of one stretch with a p99 in µs; the long one is stretch 9. */
function windowOf(stretch: number, p99Us: number, heldNs = 0): EventOf<"window-finished"> {
  const measurement = inventedMeasurement({
    sent: 100,
    metrics: { latencyNsP99: p99Us * 1e3 },
    ledger: { due: 100, delivered: 100, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 },
  });
  return {
    type: "window-finished",
    at: "2026-01-02T03:04:05.000Z",
    candidate: "any",
    cell: "any",
    round: 0,
    kind: stretch === 9 ? "long" : "typical",
    window: stretch,
    attempt: 1,
    ageMs: 0,
    waitMs: 0,
    measurement: {
      ...measurement,
      cores: [{ core: 0, elapsedNs: 1e8, busyNs: 1e8, foreignNs: heldNs, stealNs: 0, heldNs }],
      feedStretch: {
        ...{ stretch, draw: 0, fromNs: 0, lengthNs: 1e8, messages: 100, meanHz: 1, sourceHz: 1 },
        ...{ crowding: 1, sourceCrowding: 1 },
      },
    },
    doubt: null,
    counted: true,
  };
}

const p99Us = (visits: Parameters<typeof figuresByStretch>[0]) =>
  figuresByStretch(visits).map(({ latencyNsP99 = 0 }) => Math.round(latencyNsP99 / 1e3));

test("a long window that others held up has no part in the tail, and one that they did not has", () => {
  const visits = (heldNs: number) => [
    [windowOf(0, 100), windowOf(1, 200), windowOf(9, 400)],
    [windowOf(0, 100), windowOf(1, 200), windowOf(9, 1600, heldNs)],
  ];
  expect(p99Us(visits(0.6e6))).toEqual([141, 141]);
  const [plain = 0, slow = 0] = p99Us(visits(0.5e6));
  expect(slow).toBeGreaterThan(plain);
});
