import { expect, test } from "bun:test";
import type { ConnectionsMeasured } from "../../schemas/connections.ts";
import type { Measurement } from "../../schemas/load.ts";
import { connectionsOf } from "./connections.ts";

const all = (due: number) => ({ due, opened: due, refused: 0, reset: 0, timedOut: 0, wrong: 0 });

/** A window whose memory at rest is this after each cycle, with that many connections in all of them. */
function windowOf(cycled: readonly number[], turnover = 90_000): Measurement {
  const connections: ConnectionsMeasured = {
    ramp: { ...all(1_000), opened: 990, refused: 10 },
    storm: all(1_000),
    cycles: all(turnover),
    steps: [],
    perConnection: null,
    stormNs: [],
    restBytes: [50e6, 70e6, ...cycled],
    heldSockets: 0,
  };
  return { connections } as Measurement;
}

const leakOf = (...windows: Measurement[]) => connectionsOf(windows).connections?.leak;
const line = Array.from({ length: 30 }, (_, n) => 70e6 + n * 1e6);
/** A heap that rises and is collected every ten cycles. */
const saw = line.map((_, n) => 70e6 + (n % 10) * 5e6);

test("what rises from quarter to quarter without falling back is a leak, garbage that is collected is none", () => {
  expect(leakOf(windowOf(line))).toEqual({ reads: "grows", rising: 1, rounds: 1 });
  expect(leakOf(windowOf(saw))).toEqual({ reads: "steady", rising: 0, rounds: 1 });
  // A leak below the garbage's own ups and downs is found where it has outgrown them.
  expect(leakOf(windowOf(saw.map((bytes, n) => bytes + n * 5e6)))?.reads).toBe("grows");
  // A heap that has grown and stays.
  expect(leakOf(windowOf(line.map((bytes) => Math.min(bytes, 80e6))))?.reads).toBe("steady");
});

test("most of the rounds that can tell have to show it", () => {
  expect(leakOf(windowOf(line), windowOf(saw))).toEqual({ reads: "steady", rising: 1, rounds: 2 });
  expect(leakOf(windowOf(line), windowOf(line), windowOf(saw))?.reads).toBe("grows");
});

test("so few connections that a heap still grows say nothing", () => {
  expect(leakOf(windowOf(line, 60_000))).toEqual({ reads: "too-few", rising: 0, rounds: 0 });
});

test("every connection of all rounds and phases is accounted", () => {
  expect(connectionsOf([windowOf(line), windowOf(saw)]).connections?.fates).toEqual({
    ...all(184_000),
    opened: 183_980,
    refused: 20,
  });
  expect(connectionsOf([{} as Measurement])).toEqual({});
});
