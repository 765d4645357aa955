import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { CellSpec } from "../../schemas/cell.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import type { Measurement } from "../../schemas/load.ts";
import { median } from "../../stats/moments.ts";
import { measureOne } from "../fixtures/measure-one.ts";
import { LoadClient, type LoadGenerator, type Trial } from "../load-client.ts";
import { Children } from "../process/children.ts";
import { childEnv } from "../process/env.ts";
import { type Server, startServer } from "../process/supervise.ts";
import { ShardedLoad } from "../shards/sharded-load.ts";
import { AgentFleet } from "./agent-fleet.ts";
import { Cluster } from "./fixtures/cluster.ts";
import { LongWay } from "./fixtures/long-way.ts";
import { Network } from "./fixtures/network.ts";

setDefaultTimeout(60_000);

const network = Network.open();
const where =
  network === null ? "processes of one network, since none can be made here" : "network namespaces";
const address = network?.address ?? "127.0.0.1";
const children = new Children();
const alone = new LoadClient(children, null);
const cluster = new Cluster("a-secret", null, address);
const ways: LongWay[] = [];
let server: Server;
let fleet: AgentFleet;
let load: ShardedLoad;

async function take(wanted: number): Promise<void> {
  const idle = {
    say: () => undefined,
    onJoin: () => undefined,
    onShort: () => undefined,
    stopping: () => false,
  };
  fleet = await AgentFleet.gather({ ...idle, url: cluster.url, wanted, gatherMs: 20_000 });
  load = new ShardedLoad(fleet);
}

const startAgent = (name: string, url?: string) =>
  cluster.startAgent(name, network?.host().command, "load", url);

beforeAll(async () => {
  const settings = { PORT: "0", HOST: "0.0.0.0", CANDIDATE: "bun/serve", SLOW_CONSUMER: "disconnect" };
  const root = join(import.meta.dir, "..", "..");
  const command = [process.execPath, join(root, "servers/bun/serve.ts")];
  const spec = { command, cwd: root, env: childEnv(settings), cores: null };
  const started = await startServer(spec, children, { readyMs: 10_000 });
  if (!started.ok) throw new Error(started.failure.reason);
  server = started.server;
  await cluster.startRedis();
  await Promise.all(["one", "two", "three"].map((name) => startAgent(name)));
  await take(3);
});
afterAll(async () => {
  for (const way of ways) way.close();
  await fleet.close();
  expect(await cluster.close()).toEqual([0, 0, 0, 0]);
  await alone.stop();
  await server.stop(2_000);
  await children.close();
  network?.close();
});

async function longWay(delayMs: number, to = { hostname: "127.0.0.1", port: server.ready.port }) {
  const way = await LongWay.open(address, delayMs, to);
  ways.push(way);
  return way;
}

function measured(by: LoadGenerator, cell: CellSpec, port = server.ready.port, during?: () => void) {
  const request: Trial = {
    ...{ port, address, endpoint: builtInEndpoint, serverPid: server.pid, helperCores: [], cores: [] },
    ...{ cell, connectTimeoutMs: 5_000, drainTimeoutMs: 5_000 },
  };
  return measureOne(by, request, server.lost, during);
}

const fanout = (windowMs: number): CellSpec => ({
  ...{ workload: "fanout", codec: "json", broadcast: "send", subscribers: 9, rateHz: 500 },
  ...{ warmupMs: 20, windowMs },
});
const intact = { gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
const allOf = (windowMs: number) => {
  const due = 9 * (windowMs / 2);
  return { due, delivered: due, ...intact };
};

test(`three hosts deliver what one process does, at its cost within noise (${where})`, async () => {
  const costs: { one: number[]; three: number[] } = { one: [], three: [] };
  const cost = ({ ledger, metrics }: Measurement) => {
    expect(ledger).toEqual(allOf(200));
    return metrics.cpuNsPerMessage ?? Number.NaN;
  };
  for (let pair = 0; pair < 5; pair += 1) {
    costs.one.push(cost(await measured(alone, fanout(200))));
    costs.three.push(cost(await measured(load, fanout(200))));
  }
  // CPU time of windows this short moves by tens of percent; a message that is counted by each of the three is a third.
  expect(median(costs.three) / median(costs.one)).toBeWithin(1 / 2, 2);
});

test(`a long way is in every latency, and in no book (${where})`, async () => {
  const way = await longWay(10);
  const times = { warmupMs: 100, windowMs: 400 };
  const echo: CellSpec = {
    workload: "echo",
    codec: "json",
    bytes: null,
    connections: 6,
    window: 4,
    ...times,
  };
  const m = await measured(load, echo, way.port);
  expect(m.shards?.count).toBe(3);
  expect(m.ledger).toEqual({ due: m.sent, delivered: m.sent, ...intact });
  expect(m.metrics.latencyNsP50).toBeGreaterThan(20e6);
});

test(`what a lost segment holds up comes late, and is not missing (${where})`, async () => {
  const way = await longWay(0);
  const m = await measured(load, fanout(800), way.port, () => setTimeout(() => way.hold(300), 400));
  expect(m.ledger).toEqual(allOf(800));
  // A quarter of the window and more was held, for up to 300 ms.
  expect(m.metrics.latencyNsP99).toBeGreaterThan(150e6);
});

test(`what a way that is cut has swallowed is missing in the books, and the next cell is whole (${where})`, async () => {
  const way = await longWay(0);
  const { ledger } = await measured(load, fanout(800), way.port, () => setTimeout(() => way.cut(), 300));
  expect(ledger.gaps).toBeGreaterThan(0);
  expect(ledger.delivered + ledger.gaps).toBe(ledger.due);
  expect((await measured(load, fanout(200))).ledger).toEqual(allOf(200));
});

test(`an agent with a long way to Redis is not timed better than that (${where})`, async () => {
  const way = await longWay(5, { hostname: address, port: cluster.port });
  await Promise.all([
    fleet.close(),
    startAgent("far", cluster.url.replace(`:${cluster.port}`, `:${way.port}`)),
  ]);
  await take(4);
  const m = await measured(load, fanout(400));
  // It is asked over that way, too, and may begin late, which voids a window of a run.
  expect(m.ledger).toMatchObject({ due: allOf(400).due, duplicates: 0, reorders: 0, corrupt: 0 });
  expect(m.shards).toMatchObject({ count: 4, latencyOf: "publisher" });
  expect(m.shards?.clockBoundNs).toBeGreaterThan(4.9e6);
});
