import { expect, test } from "bun:test";
import type { EventOf } from "../../schemas/event.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { Plan } from "../../schemas/plan.ts";
import { loadSpreadOf } from "./load-spread.ts";

const plan = { load: { on: "hosts", processes: 3 } } as Plan;

const agent = {
  ...{ name: "far-1", role: "load" as const, toolVersion: "1" },
  host: { cpu: "a core", cores: 4, memoryBytes: 8, system: "a system", core: 2 },
};

const window = (shards: Partial<Measurement["shards"]> | undefined, counted = true) =>
  ({
    type: "window-finished",
    counted,
    measurement:
      shards === undefined
        ? {}
        : { shards: { count: 3, startSkewNs: 0, clockBoundNs: 0, latencyOf: "all", ...shards } },
  }) as EventOf<"window-finished">;

test("the worst of the windows that count speaks for the run", () => {
  const events = [
    window({ startSkewNs: 5, clockBoundNs: 70 }),
    window({ startSkewNs: 9, clockBoundNs: 40, repeated: 2, latencyOf: "publisher" }),
    window({ startSkewNs: 99, clockBoundNs: 99 }, false),
    window(undefined),
    { type: "agent-joined", at: "2026-01-01T00:00:00Z", agent: { ...agent, protocol: "p" } } as const,
  ];
  expect(loadSpreadOf(plan, events)).toEqual({
    ...{ on: "hosts", processes: 3, windows: 2, repeated: 2, roundTripWindows: 1 },
    ...{ startSkewNsMax: 9, clockBoundNsMax: 70, agents: [agent] },
  });
  expect(loadSpreadOf(plan, [])).toMatchObject({ windows: 0, startSkewNsMax: null, clockBoundNsMax: null });
  expect(loadSpreadOf({} as Plan, events)).toBeUndefined();
});
