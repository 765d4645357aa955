import { expect, test } from "bun:test";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { echoCell } from "../calibrate/cells.ts";
import { measureCell } from "./index.ts";

test("the loop turns while the one message in flight is under way: the generator never sleeps within a window", async () => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, bun) => (bun.upgrade(request) ? undefined : new Response()),
    // Far longer than a trip takes, so that a loop that sleeps would do so nearly all the time.
    websocket: { message: (ws, message) => void setTimeout(() => ws.send(message), 5) },
  });
  try {
    const { generator, elapsedNs } = await measureCell({
      cell: echoCell(1, 1, 100, 0),
      port: server.port ?? 0,
      endpoint: builtInEndpoint,
      serverPid: null,
      helperCores: [],
      cores: [],
      connectTimeoutMs: 5_000,
      drainTimeoutMs: 2_000,
      enter: () => undefined,
    });
    // Time for which it was ready and others had its core is none that it slept.
    expect((generator.cpuNs + (generator.waitNs ?? 0)) / elapsedNs).toBeGreaterThan(0.8);
  } finally {
    await server.stop(true);
  }
}, 30_000);
