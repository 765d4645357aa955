import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { builtInEndpoint } from "../schemas/endpoint.ts";
import { echoCell } from "./calibrate/cells.ts";
import { type Hooks, sendOn, testServer } from "./fixtures/test-server.ts";
import { entry, LoadClient } from "./load-client.ts";
import { Children } from "./process/children.ts";
import type { Failure } from "./process/failure.ts";

setDefaultTimeout(30_000);

const children = new Children();
const load = new LoadClient(children, null);
afterEach(async () => {
  await load.stop();
  expect(children.pids).toEqual([]);
});

const requestOf = (port: number, connections: number) => ({
  ...{ port, endpoint: builtInEndpoint, serverPid: null, helperCores: [], cores: [] },
  ...{ cell: echoCell(connections, 1, 50, 0), connectTimeoutMs: 5_000, drainTimeoutMs: 5_000 },
});

/** One trial against a server that does with each message what `relay` does. */
async function trial(
  relay: NonNullable<Hooks["relay"]>,
  limitMs: number,
  { generator = load, connections = 1 } = {},
) {
  await using server = testServer({ relay });
  await generator.ready();
  const never = Promise.withResolvers<Failure>().promise;
  return await generator.measure(requestOf(server.port, connections), limitMs, never);
}

/** Sends the load generator a signal with the first message that it sends. */
const on = (signal: "SIGKILL" | "SIGSTOP") => () => void process.kill(load.pid ?? 0, signal);

describe("whose fault it is that a trial failed", () => {
  test("the generator's, where it is lost", async () => {
    expect(await trial(on("SIGKILL"), 20_000)).toMatchObject({
      failure: { fault: "generator", reason: expect.stringContaining("the load generator was lost") },
    });
  });

  test("the generator's, where it gives no sign of life; the next trial gets a new one", async () => {
    expect(await trial(on("SIGSTOP"), 300)).toMatchObject({
      failure: {
        fault: "generator",
        reason: "no result within 300 ms, and the load generator does not respond",
      },
    });
    expect(await trial(sendOn, 20_000)).toHaveProperty("measurement");
  });

  test("the generator's, where an error of its own is caught by nobody; the next trial gets a new one", async () => {
    const preload = join(import.meta.dir, "fixtures", "throwing-worker.ts");
    const throwing = new LoadClient(children, null, [process.execPath, "--preload", preload, entry]);
    await throwing.ready();
    const before = throwing.pid;
    expect(await trial(() => undefined, 20_000, { generator: throwing, connections: 2 })).toMatchObject({
      failure: {
        fault: "generator",
        code: "generator-error",
        reason: expect.stringMatching(/^the load generator failed: Error: planted/),
      },
    });
    expect(await trial(sendOn, 20_000, { generator: throwing })).toHaveProperty("measurement");
    expect(throwing.pid).not.toBe(before);
    await throwing.stop();
  });

  test("the server's, where the generator lives and waits for it", async () => {
    const outcome = await trial(() => undefined, 300);
    expect(outcome).toMatchObject({ failure: { phase: "verify", reason: "no result within 300 ms" } });
    expect("failure" in outcome && outcome.failure).not.toHaveProperty("fault");
  });
});

test("cells that are opened beside each other take turns, and the next one by itself closes them", async () => {
  let closed = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, bun) => (bun.upgrade(request) ? undefined : new Response()),
    websocket: {
      message: (ws, message) => void ws.send(message),
      close: () => {
        closed += 1;
      },
    },
  });
  const never = Promise.withResolvers<Failure>().promise;
  const open = async (connections: number, beside: boolean) => {
    const request = { ...requestOf(server.port ?? 0, connections), ...(beside ? { beside } : {}) };
    const outcome = await load.open(request, 20_000, never);
    if ("failure" in outcome) throw new Error(outcome.failure.reason);
    return outcome.cell;
  };
  const asked = { windowMs: 30, stretch: 0, waitMs: 0 };
  await load.ready();
  const first = await open(1, false);
  const second = await open(2, true);
  for (const cell of [first, second, second, first]) {
    const outcome = await cell.window(asked, 20_000);
    if ("failure" in outcome) throw new Error(outcome.failure.reason);
    const { ledger } = outcome.measurement;
    expect(ledger.delivered).toBeGreaterThan(0);
    expect(ledger).toMatchObject({ gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 });
  }
  expect(server.pendingWebSockets).toBe(3);
  const third = await open(1, false);
  // What was left open was closed; a cell that is gone is no fault of its server.
  while (closed < 3) await Bun.sleep(1);
  expect(await first.window(asked, 20_000)).toMatchObject({ failure: { fault: "generator" } });
  await third.close();
  await server.stop(true);
});
