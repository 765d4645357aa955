import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import type { ServerWebSocket } from "bun";
import { parseControl } from "../../schemas/control.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { openCell as openSpec } from "../calibrate/cells.ts";
import { openCell } from "./index.ts";
import { polled } from "./sides.ts";

type Socket = ServerWebSocket<{ readonly path: string }>;

/** Histograms keep their counts in these. */
function arraysKept(): number {
  Bun.gc(true);
  const { Float64Array: kept = 0 } = heapStats().objectTypeCounts;
  return kept;
}

/** A server that hands on what is published, and a cell open on it. */
async function opened() {
  const subscribers = new Set<Socket>();
  let last: string | Buffer = "";
  const server = Bun.serve<{ path: string }>({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, bun) {
      const data = { path: new URL(request.url).pathname };
      return bun.upgrade(request, { data }) ? undefined : new Response();
    },
    websocket: {
      message(ws, message) {
        if (ws.data.path === "/publish") {
          last = message;
          for (const subscriber of subscribers) subscriber.send(message);
          return;
        }
        const request = parseControl(String(message));
        if (!("error" in request)) ws.send(JSON.stringify({ result: null, id: request.id }));
        subscribers.add(ws);
      },
    },
  });
  const cell = await openCell({
    cell: openSpec(1_000, 100, 0),
    port: server.port ?? 0,
    endpoint: builtInEndpoint,
    serverPid: null,
    ...{ helperCores: [], cores: [], connectTimeoutMs: 5_000, drainTimeoutMs: 200, enter: () => undefined },
  });
  return {
    cell,
    sendAgain: () => {
      for (const subscriber of subscribers) subscriber.send(last);
    },
    close: async () => {
      cell.close();
      await server.stop(true);
    },
  };
}

const asked = { windowMs: 100, stretch: 0, waitMs: 0 };

test("a window's histograms go with it", async () => {
  // The collector keeps what it finds on the stack by chance, which may be all that one window has, but not six.
  const sides: Awaited<ReturnType<typeof opened>>[] = [];
  try {
    for (let at = 0; at < 6; at += 1) sides.push(await opened());
    const before = arraysKept();
    for (const { cell } of sides) expect((await cell.window(asked)).slices).toHaveLength(20);
    // Each had eight of its own.
    await polled(() => arraysKept() - before < 24, 1_000);
    expect(arraysKept() - before).toBeLessThan(24);
  } finally {
    for (const side of sides) await side.close();
  }
});

test("what comes behind a window is the next window's all the same", async () => {
  const side = await opened();
  try {
    const measured = await side.cell.window(asked);
    expect(measured.ledger).toMatchObject({ due: 100, delivered: 100, duplicates: 0 });
    side.sendAgain();
    await Bun.sleep(20);
    const next = await side.cell.window(asked);
    expect(next.warmUp).toMatchObject({ duplicates: 1 });
    expect(next.ledger).toMatchObject({ due: 100, delivered: 100, duplicates: 0 });
  } finally {
    await side.close();
  }
});
