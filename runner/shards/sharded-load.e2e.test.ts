import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { CellSpec } from "../../schemas/cell.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { measureOne } from "../fixtures/measure-one.ts";
import { startPlainServer } from "../fixtures/plain-server.ts";
import { LoadClient } from "../load-client.ts";
import { Children } from "../process/children.ts";
import type { Server } from "../process/supervise.ts";
import { localFleet } from "./local-fleet.ts";
import { ShardedLoad } from "./sharded-load.ts";

setDefaultTimeout(60_000);

const children = new Children();
const clients = [new LoadClient(children, null), new LoadClient(children, null)] as const;
const load = new ShardedLoad(localFleet(clients, { pinned: false, reason: "a test" }));
let server: Server;

beforeAll(async () => {
  server = await startPlainServer(children);
  await load.ready();
});
afterAll(async () => {
  await load.stop();
  await server.stop(2_000);
  await children.close();
  expect(children.pids).toEqual([]);
});

const requestOf = (cell: CellSpec) => ({
  ...{
    port: server.ready.port,
    endpoint: builtInEndpoint,
    serverPid: server.pid,
    helperCores: [],
    cores: [],
  },
  ...{ cell, connectTimeoutMs: 5_000, drainTimeoutMs: 1_000 },
});
const open = (cell: CellSpec) => load.open(requestOf(cell), 20_000, server.lost);
const measured = (cell: CellSpec, windowMs = 80, during?: () => void) =>
  measureOne(load, requestOf(cell), server.lost, during, windowMs);

const times = { warmupMs: 20, windowMs: 80 };

describe("a cell whose connections two load processes share", () => {
  test("echoes as one: every message is in the books, in the histogram and in the rate", async () => {
    const m = await measured({
      workload: "echo",
      codec: "json",
      bytes: null,
      connections: 5,
      window: 8,
      ...times,
    });
    expect(m.ledger).toMatchObject({ gaps: 0, duplicates: 0, corrupt: 0, due: m.sent });
    expect(m.shards).toMatchObject({ count: 2, latencyOf: "all", clockBoundNs: 0 });
    expect(m.histograms.latency?.total).toBe(m.events);
    // Little's law over all five connections: rate × time of a message's cycle = messages in flight.
    const cycleNs = (m.metrics.latencyNsMean ?? 0) + (m.generator.turnaroundNsMean ?? 0);
    const inFlight = ((m.metrics.throughputHz ?? 0) * cycleNs) / 1e9;
    expect(Math.abs(inFlight - 40)).toBeLessThan(15);
    expect(m.server?.cpuNs).toBeGreaterThan(0);
    expect(m.metrics.rssBytesPerConnection).toBeDefined();
    expect(m.generator.busiestNs).toBeLessThan(m.generator.cpuNs);
  });

  test("is pushed to as one", async () => {
    const m = await measured({
      workload: "push",
      codec: "json",
      bytes: 146,
      connections: 3,
      count: 250,
      ...times,
    });
    expect(m.ledger).toMatchObject({ gaps: 0, duplicates: 0, corrupt: 0 });
    expect(m.metrics.throughputHz).toBeGreaterThan(1000);
  });

  test("is published to by one of them, and every subscriber of both has each message once", async () => {
    const m = await measured({
      ...{ workload: "fanout", codec: "json", broadcast: "send", subscribers: 7, rateHz: 500 },
      ...times,
    });
    expect(m.sent).toBe(40);
    expect(m.ledger).toEqual({ due: 280, delivered: 280, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 });
    expect(m.warmUp).toMatchObject({ gaps: 0, duplicates: 0, corrupt: 0 });
    expect(m.warmUp?.due).toBeGreaterThan(7 * 4);
    expect(m.shards?.latencyOf).toBe("all");
    expect(m.histograms.latency?.total).toBe(280);
    expect(m.histograms.first?.total).toBe(40);
    expect(m.metrics.lastLatencyNsP50).toBeGreaterThanOrEqual(m.metrics.firstLatencyNsP50 ?? 0);
    expect(m.slices.reduce((sum, slice) => sum + slice.count, 0)).toBe(280);
  });

  test("replays the same feed window after window", async () => {
    const feed = { source: "synthetic", preset: "burst", seed: 1, rate: 10, meanHz: null } as const;
    const opened = await open({
      ...{ workload: "feed", codec: "sbe", mode: "passthrough", broadcast: "send", subscribers: 4, feed },
      ...times,
    });
    if ("failure" in opened) throw new Error(opened.failure.reason);
    for (const stretch of [0, 1, 2]) {
      const outcome = await opened.cell.window({ windowMs: 80, stretch, waitMs: 3 }, 20_000);
      if ("failure" in outcome) throw new Error(outcome.failure.reason);
      const { ledger, sent, warmUp } = outcome.measurement;
      expect(ledger).toMatchObject({ due: 4 * sent, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 });
      expect(warmUp).toMatchObject({ gaps: 0, duplicates: 0, corrupt: 0 });
    }
    await opened.cell.close();
  });

  test("is one process's where one message is in flight", async () => {
    const m = await measured({
      workload: "echo",
      codec: "raw",
      bytes: 64,
      connections: 1,
      window: 1,
      ...times,
    });
    expect(m.shards).toBeUndefined();
  });
});

test("a load process that dies voids the window, which is had again", async () => {
  const cell = {
    workload: "fanout",
    codec: "json",
    broadcast: "send",
    subscribers: 4,
    rateHz: 500,
    ...times,
  } as const;
  for (const victim of clients) {
    const m = await measured(cell, 300, () => {
      setTimeout(() => process.kill(victim.pid ?? 0, "SIGKILL"), 120);
    });
    expect(m.shards).toMatchObject({ count: 2, repeated: 1 });
    expect(m.ledger).toMatchObject({ due: 600, delivered: 600, gaps: 0, duplicates: 0, corrupt: 0 });
  }
});

test("a server that does not serve a cell fails it, and the next cell is measured", async () => {
  const cell = { workload: "echo", codec: "raw", bytes: 64, connections: 4, window: 2, ...times } as const;
  const gone = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response("no", { status: 404 }),
  });
  const request = {
    port: gone.port ?? 0,
    endpoint: builtInEndpoint,
    serverPid: null,
    helperCores: [],
    cores: [],
    cell,
  };
  const limits = { connectTimeoutMs: 5_000, drainTimeoutMs: 1_000 };
  const opened = await load.open({ ...request, ...limits }, 20_000, server.lost);
  await gone.stop(true);
  expect(opened).toMatchObject({ failure: { phase: "connect", refused: { status: 404 } } });
  expect((await measured(cell)).ledger.gaps).toBe(0);
});

test("a load process lets the cell go on that is meant, and one that is closed while it waits costs it nothing", async () => {
  const [client] = clients;
  const cell = { workload: "echo", codec: "raw", bytes: 64, connections: 2, window: 2, ...times } as const;
  const shard = { index: 0, of: 2, connectionsBefore: 0 };
  const goOn = { type: "go-on", startAtNs: null, clockBoundNs: 0, warmUpSent: null } as const;
  const ask = (request: Parameters<typeof client.ask>[0]) => client.ask(request, 20_000, server.lost);
  const { pid } = await client.ready();
  expect(await ask({ type: "open", id: "a", ...requestOf(cell), shard })).toMatchObject({ type: "waiting" });
  // One that comes late is of a cell that was given up.
  expect(await ask({ ...goOn, id: "before" })).toEqual({
    failure: {
      ...{ phase: "measure", fault: "generator", code: "abandoned", stderr: [] },
      reason: "the cell was abandoned: it is no longer open in the load process",
    },
  });
  expect(await ask({ type: "close", id: "a" })).toMatchObject({ type: "closed", id: "a" });
  const steps = [await ask({ type: "open", id: "b", ...requestOf(cell), shard })];
  for (let i = 0; i < 2; i += 1) steps.push(await ask({ ...goOn, id: "b" }));
  expect(steps.map((step) => ("type" in step ? step.type : step.failure.reason))).toEqual([
    ...["waiting", "waiting", "opened"],
  ]);
  expect(await ask({ type: "close", id: "b" })).toMatchObject({ type: "closed" });
  expect(client.pid).toBe(pid);
});
