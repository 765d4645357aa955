import { expect, test } from "bun:test";
import fc from "fast-check";
import { receiversOf } from "../../schemas/cell.ts";
import { splitCell } from "./split.ts";

const times = { warmupMs: 0, windowMs: 100 };
const fanout = (subscribers: number) =>
  ({ workload: "fanout", codec: "json", broadcast: "send", subscribers, rateHz: 100, ...times }) as const;

test("every connection is held once, by as many processes as there are, as evenly as it goes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5000 }),
      fc.integer({ min: 2, max: 128 }),
      (connections, processes) => {
        const splits = splitCell(fanout(connections), processes);
        const own = splits.map(({ cell }) => receiversOf(cell));
        expect(splits).toHaveLength(Math.min(connections, processes));
        expect(own.reduce((sum, one) => sum + one, 0)).toBe(connections);
        expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1);
        for (const [i, { shard }] of splits.entries()) {
          const connectionsBefore = own.slice(0, i).reduce((sum, one) => sum + one, 0);
          expect(shard).toEqual({ index: i, of: splits.length, connectionsBefore });
        }
      },
    ),
    { numRuns: 100, seed: 17 },
  );
});

test("what opens no connection is one process's to measure", () => {
  const codec = { workload: "codec", codec: "json", operation: "parse", message: "trade", ...times } as const;
  for (const processes of [1, 4])
    expect(splitCell(codec, processes, true)).toEqual([{ cell: codec, shard: null }]);
});

test("one message in flight is never split, and what one process holds is one shard where it is to keep in step", () => {
  const trip = { workload: "echo", codec: "raw", bytes: 64, connections: 1, window: 1, ...times } as const;
  for (const processes of [1, 4])
    expect(splitCell(trip, processes, true)).toEqual([{ cell: trip, shard: null }]);
  const whole = { index: 0, of: 1, connectionsBefore: 0 };
  expect(splitCell(fanout(1), 4)).toEqual([{ cell: fanout(1), shard: whole }]);
  expect(splitCell(fanout(9), 1, true)).toEqual([{ cell: fanout(9), shard: whole }]);
  expect(splitCell(fanout(9), 1)).toEqual([{ cell: fanout(9), shard: null }]);
});
