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

test("one message in flight is never split, and what one process holds keeps in step where another looks at the server", () => {
  const trip = { workload: "echo", codec: "raw", bytes: 64, connections: 1, window: 1, ...times } as const;
  const flood = {
    workload: "flood",
    codec: "json",
    broadcast: "send",
    subscribers: 10,
    times: 8,
    ...times,
  } as const;
  const only = { index: 0, of: 1, connectionsBefore: 0 };
  for (const processes of [1, 4]) {
    for (const cell of [trip, flood]) {
      expect(splitCell(cell, processes)).toEqual([{ cell, shard: null, isWhole: true }]);
      expect(splitCell(cell, processes, true)).toEqual([{ cell, shard: only, isWhole: true }]);
    }
  }
  expect(splitCell(fanout(1), 4)).toEqual([{ cell: fanout(1), shard: only }]);
  expect(splitCell(fanout(9), 1, true)).toEqual([{ cell: fanout(9), shard: only }]);
  expect(splitCell(fanout(9), 1)).toEqual([{ cell: fanout(9), shard: null }]);
});
