import { expect, test } from "bun:test";
import type { CellSpec } from "../../schemas/cell.ts";
import { echoCell, openCell } from "../calibrate/cells.ts";
import { type Hooks, measureOn, type Socket } from "../fixtures/test-server.ts";

/** Measures a cell on a server that sends `messages` within the window, and from then on closes where it should send. */
async function measureDying(cell: CellSpec, messages: number) {
  let left = Infinity;
  const dying = (ws: Socket) => {
    left -= 1;
    if (left < 0) ws.close(1011, "out of memory");
    return left < 0;
  };
  const push = (ws: Socket, { count }: { count: number }) => {
    for (let n = 0; n < count; n += 1) {
      if (dying(ws)) return;
      const message = Buffer.alloc(8);
      message.writeUInt32LE(n, 0);
      ws.send(message);
    }
    ws.send(JSON.stringify({ done: true, count }));
  };
  const hooks: Hooks = {
    relay({ message, from, to }) {
      if (from.data.path === "/push") push(from, JSON.parse(String(message)) as { count: number });
      else for (const one of to) if (!dying(one)) one.send(message);
    },
  };
  return await measureOn(cell, hooks, {
    drainTimeoutMs: 200,
    enter: (phase) => {
      if (phase === "measure") left = messages;
    },
  });
}

const push = { workload: "push", codec: "raw", bytes: 8, count: 50, connections: 2, warmupMs: 0 } as const;

test.each<[name: string, cell: CellSpec, messages: number]>([
  ["a pipelined echo", echoCell(2, 16, 100, 0), 20],
  ["a push", { ...push, windowMs: 100 }, 20],
  ["an open loop", openCell(1_000, 100, 0), 20],
])("%s keeps how a connection ended that should not have", async (_, cell, messages) => {
  const measurement = await measureDying(cell, messages);
  expect(measurement.ledger.gaps).toBeGreaterThan(0);
  expect(measurement.earlyEnd).toMatchObject({ code: 1011, reason: "out of memory" });
});

test("nothing is reported where all connections live", async () => {
  expect(await measureDying(echoCell(2, 16, 20, 0), Infinity)).not.toHaveProperty("earlyEnd");
});
