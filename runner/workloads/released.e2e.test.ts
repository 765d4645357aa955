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

test("a window's histograms go with it; what comes behind it is the next window's all the same", async () => {
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
  try {
    const asked = { windowMs: 100, stretch: 0, waitMs: 0 };
    const before = arraysKept();
    const measured = await cell.window(asked);
    expect(measured.ledger).toMatchObject({ due: 100, delivered: 100, duplicates: 0 });
    expect(measured.slices).toHaveLength(20);
    // It had eight of its own. What the collector finds on the stack by chance is gone a turn later.
    await polled(() => arraysKept() - before < 4, 1_000);
    expect(arraysKept() - before).toBeLessThan(4);
    for (const subscriber of subscribers) subscriber.send(last);
    await Bun.sleep(20);
    const next = await cell.window(asked);
    expect(next.warmUp).toMatchObject({ duplicates: 1 });
    expect(next.ledger).toMatchObject({ due: 100, delivered: 100, duplicates: 0 });
  } finally {
    cell.close();
    await server.stop(true);
  }
});
