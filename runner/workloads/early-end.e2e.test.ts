import { expect, test } from "bun:test";
import type { ServerWebSocket } from "bun";
import type { CellSpec } from "../../schemas/cell.ts";
import { parseControl } from "../../schemas/control.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { echoCell, openCell } from "../calibrate/cells.ts";
import { measureCell } from "./index.ts";

type Socket = ServerWebSocket<{ readonly path: string }>;

/** Measures a cell on a server that sends `messages` within the window, and from then on closes where it should send. */
async function measureOn(cell: CellSpec, messages: number) {
  const subscribers = new Set<Socket>();
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
  const server = Bun.serve<{ path: string }>({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, bun) {
      const data = { path: new URL(request.url).pathname };
      return bun.upgrade(request, { data }) ? undefined : new Response();
    },
    websocket: {
      message(ws, message) {
        if (ws.data.path === "/push") push(ws, JSON.parse(String(message)) as { count: number });
        else if (ws.data.path === "/feed") {
          const request = parseControl(String(message));
          if (!("error" in request)) ws.send(JSON.stringify({ result: null, id: request.id }));
          subscribers.add(ws);
        } else if (ws.data.path === "/publish") {
          for (const subscriber of subscribers) if (!dying(subscriber)) subscriber.send(message);
        } else if (!dying(ws)) ws.send(message);
      },
    },
  });
  try {
    return await measureCell({
      cell,
      port: server.port ?? 0,
      endpoint: builtInEndpoint,
      serverPid: null,
      helperCores: [],
      cores: [],
      connectTimeoutMs: 5_000,
      drainTimeoutMs: 200,
      enter: (phase) => {
        if (phase === "measure") left = messages;
      },
    });
  } finally {
    await server.stop(true);
  }
}

const push = { workload: "push", codec: "raw", bytes: 8, count: 50, connections: 2, warmupMs: 0 } as const;

test.each<[name: string, cell: CellSpec, messages: number]>([
  ["a pipelined echo", echoCell(2, 16, 100, 0), 20],
  ["a push", { ...push, windowMs: 100 }, 20],
  ["an open loop", openCell(1_000, 100, 0), 20],
])("%s keeps how a connection ended that should not have", async (_, cell, messages) => {
  const measurement = await measureOn(cell, messages);
  expect(measurement.ledger.gaps).toBeGreaterThan(0);
  expect(measurement.earlyEnd).toMatchObject({ code: 1011, reason: "out of memory" });
});

test("nothing is reported where all connections live", async () => {
  expect(await measureOn(echoCell(2, 16, 20, 0), Infinity)).not.toHaveProperty("earlyEnd");
});
