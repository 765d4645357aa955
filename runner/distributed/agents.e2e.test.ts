import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Queue, QueueEvents, Worker } from "bullmq";
import type { AgentFacts } from "../../schemas/agent.ts";
import type { CellSpec } from "../../schemas/cell.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { measureOne } from "../fixtures/measure-one.ts";
import { startPlainServer } from "../fixtures/plain-server.ts";
import { LoadClient, type LoadGenerator, type Trial } from "../load-client.ts";
import { Children } from "../process/children.ts";
import type { Server } from "../process/supervise.ts";
import { ShardedLoad, ShardLost } from "../shards/sharded-load.ts";
import { AgentFleet } from "./agent-fleet.ts";
import { Cluster } from "./fixtures/cluster.ts";
import { helloQueue, prefix, protocol, queueOf } from "./redis.ts";
import { connectionTo } from "./redis-url.ts";

setDefaultTimeout(60_000);

const root = join(import.meta.dir, "..", "..");
const children = new Children();
const alone = new LoadClient(children, null);
const cluster = new Cluster("a secret");
const joined: string[] = [];
const said: string[] = [];
let server: Server;
let fleet: AgentFleet;
let load: ShardedLoad;

const gather = (wanted: number, more: Partial<Parameters<typeof AgentFleet.gather>[0]> = {}) =>
  AgentFleet.gather({
    ...{ url: cluster.url, wanted, stopping: () => false, gatherMs: 20_000 },
    say: (line) => said.push(line),
    onShort: (line) => said.push(line),
    onJoin: ({ name }: AgentFacts) => joined.push(name),
    ...more,
  });

async function take(wanted: number): Promise<void> {
  fleet = await gather(wanted);
  load = new ShardedLoad(fleet);
}

beforeAll(async () => {
  server = await startPlainServer(children);
  await cluster.startRedis();
  await Promise.all(["one", "two", "three"].map((name) => cluster.startAgent(name)));
  await take(3);
});
afterAll(async () => {
  await fleet.close();
  expect(await cluster.close()).toEqual([0, 0, 0, 0]);
  await alone.stop();
  await server.stop(2_000);
  await children.close();
  expect(children.pids).toEqual([]);
});

function requestOf(cell: CellSpec): Trial {
  return {
    ...{
      port: server.ready.port,
      endpoint: builtInEndpoint,
      serverPid: server.pid,
      helperCores: [],
      cores: [],
    },
    ...{ cell, connectTimeoutMs: 5_000, drainTimeoutMs: 10_000 },
  };
}

const measured = (by: LoadGenerator, cell: CellSpec, during?: () => void) =>
  measureOne(by, requestOf(cell), server.lost, during);

const times = { warmupMs: 20, windowMs: 100 };
const stream = { workload: "fanout", codec: "json", broadcast: "send", rateHz: 200 } as const;
const fanout: CellSpec = { ...stream, subscribers: 7, ...times };
const intact = { gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };

describe("three agents", () => {
  test("deliver, account for and cost what one process does", async () => {
    const [one, three] = [await measured(alone, fanout), await measured(load, fanout)];
    expect(three.ledger).toEqual(one.ledger);
    expect(three.ledger).toEqual({ due: 140, delivered: 140, ...intact });
    expect([three.sent, three.events]).toEqual([one.sent, one.events]);
    // Processes that are timed by the clock of Redis may not be known well enough for more than round trips.
    const hasMetric = (name: string) => three.shards?.latencyOf === "all" || !/^(first|last|skew)/.test(name);
    expect(Object.keys(three.metrics).sort()).toEqual(Object.keys(one.metrics).filter(hasMetric).sort());
    expect(three.warmUp).toMatchObject(intact);
    expect(three.shards).toMatchObject({ count: 3 });
    expect(three.server?.cpuNs).toBeGreaterThan(0);
    // Clocks of processes on one machine differ by nothing: what is told of them has to hold that.
    expect(three.shards?.clockBoundNs).toBeGreaterThan(0);
    expect(three.shards?.clockBoundNs).toBeLessThan(20e6);
  });

  test("echo as one process does", async () => {
    const echo: CellSpec = {
      workload: "echo",
      codec: "sbe",
      bytes: null,
      connections: 6,
      window: 8,
      ...times,
    };
    const three = await measured(load, echo);
    expect(three.ledger).toMatchObject({ due: three.sent, ...intact });
    expect(three.histograms.latency?.total).toBe(three.events);
    expect(three.metrics.cpuNsPerMessage).toBeGreaterThan(0);
  });
});

describe("a cell that one agent measures whole", () => {
  const at = { codec: "json", warmupMs: 20 } as const;
  const whole: CellSpec[] = [
    { ...at, workload: "echo", bytes: null, connections: 1, window: 1, windowMs: 200 },
    { ...at, workload: "flood", broadcast: "send", subscribers: 5, times: 2, windowMs: 200 },
    { ...at, workload: "recovery", cause: "cut", subscribers: 10, rateHz: 100, windowMs: 400 },
    {
      ...{ ...at, workload: "slow-consumer", broadcast: "send", subscribers: 4, slow: 1 },
      ...{ rateHz: 200, bookBytes: 2_000, windowMs: 800 },
    },
  ];
  test.each(whole.map((cell) => [cell.workload, cell] as const))(
    "comes with what the server used: %s",
    async (_, cell) => {
      const [one, by] = [await measured(alone, cell), await measured(load, cell)];
      expect(by.shards).toBeUndefined();
      expect(by.unattributed).toBeUndefined();
      expect(Object.keys(by.metrics).sort()).toEqual(Object.keys(one.metrics).sort());
      expect(by.server?.cpuNs).toBeGreaterThan(0);
      expect(by.server?.rssBytesConnected).toBeGreaterThan(0);
      // The interval holds the request's way beside the window; what the server does in that is little.
      const ratio = (by.metrics.cpuNsPerMessage ?? 0) / (one.metrics.cpuNsPerMessage ?? 1);
      expect(ratio).toBeGreaterThan(0.25);
      expect(ratio).toBeLessThan(4);
    },
  );

  test("says so where it has no one interval to look at: a search", async () => {
    const m = await measured(load, {
      ...{ ...at, workload: "capacity", broadcast: "send", seek: "rate", subscribers: 2, rateHz: 500 },
      ...{ limit: { percentile: "latencyNsP99", maxNs: 50e6 }, probeMs: 30, windowMs: 400 },
    });
    expect([m.server, m.unattributed?.code]).toEqual([null, "listener-unseen"]);
    expect(m.capacity).toBeDefined();
  });
});

test("a job that is no request is refused by name, and its agent lives", async () => {
  const redis = { connection: connectionTo(cluster.url), prefix };
  const queue = new Queue(queueOf("two"), redis);
  const events = new QueueEvents(queueOf("two"), redis);
  await events.waitUntilReady();
  const run = "0";
  const probe = ["/bin/sh", "-c", "exit"];
  const codec = { workload: "codec", codec: "json", operation: "parse", message: "trade", ...times } as const;
  const opening = { type: "open", id: "x", ...requestOf(codec) };
  const steering = "\u001b[2J";
  const hostile: unknown[] = [
    { type: "claim", protocol, run, [steering]: 1 },
    { type: "claim", protocol, run: steering },
    "{}",
    { type: "cell", protocol, run, limitMs: 1, request: { type: "open", id: "../../etc", port: 99999 } },
    { type: "cell", protocol, run, limitMs: 1e300, request: { type: "quit" } },
    { type: "cell", protocol, run, limitMs: 900, request: { ...opening, probe } },
    { type: "claim", protocol: "of another version", run },
    { __proto__: { type: "claim" }, constructor: 1 },
  ];
  for (const data of hostile) {
    const job = await queue.add("claim", data, { removeOnFail: { age: 5 } });
    expect(job.waitUntilFinished(events, 10_000)).rejects.toThrow(/^two: /);
    await job.waitUntilFinished(events, 10_000).catch(() => undefined);
  }
  // What it says of them steers no terminal.
  expect(await cluster.agent("two").line("refused a job")).not.toMatch(/\p{Cc}/u);
  // Another run's request does it no harm.
  const busy = await queue.add("claim", { type: "claim", protocol, run });
  expect(await busy.waitUntilFinished(events, 10_000)).toMatchObject({ type: "busy" });
  await Promise.all([queue.close(), events.close()]);
  expect((await measured(load, fanout)).ledger).toMatchObject(intact);
});

test("an agent that is killed voids the window, which one that comes late helps to repeat", async () => {
  const before = joined.length;
  const late = cluster.startAgent("late");
  const m = await measured(load, { ...fanout, windowMs: 600 }, () => {
    setTimeout(() => void cluster.kill("one"), 250);
  });
  await late;
  expect(m.shards).toMatchObject({ count: 3, repeated: 1 });
  expect(m.ledger).toEqual({ due: 840, delivered: 840, ...intact });
  expect(joined.slice(before)).toEqual(["late"]);
  expect(said).toContain("the agent one is lost");
});

test("a Redis that is restarted empty voids the window, and the run goes on", async () => {
  const m = await measured(load, { ...fanout, windowMs: 600 }, () => {
    setTimeout(async () => {
      await cluster.stopRedis();
      await cluster.startRedis();
    }, 300);
  });
  expect(m.ledger).toEqual({ due: 840, delivered: 840, ...intact });
  expect(m.shards?.count).toBe(3);
});

test("an agent that is slow is waited for, and nothing is lost or counted twice", async () => {
  const slow = cluster.agent("two").process;
  const m = await measured(load, fanout, () => {
    slow.kill("SIGSTOP");
    setTimeout(() => slow.kill("SIGCONT"), 1_500);
  });
  expect(m.ledger).toEqual({ due: 140, delivered: 140, ...intact });
  expect(m.shards?.count).toBe(3);
});

/** What one process may have open here: the server of the test has every connection of it. */
const filesMax = Number(/Max open files\s+\S+\s+(\d+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
const subscribers = filesMax > 10_500 ? 10_000 : 400;

test(`four agents hold ${subscribers} connections, of the ${filesMax} files that are allowed`, async () => {
  await Promise.all([fleet.close(), cluster.startAgent("four")]);
  await take(4);
  const m = await measured(load, { ...stream, subscribers, rateHz: 20, warmupMs: 0, windowMs: 100 });
  expect(m.shards?.count).toBe(4);
  expect(m.ledger).toEqual({ due: 2 * subscribers, delivered: 2 * subscribers, ...intact });
  expect(m.metrics.rssBytesPerConnection).toBeGreaterThan(0);
});

describe("what is reported to a user", () => {
  // Announcements are taken by one runner or by the other: this one has its Redis to itself.
  const other = new Cluster("a secret");
  beforeAll(() => other.startRedis());
  afterAll(async () => void (await other.close()));

  test("of an agent of another version, by its name", async () => {
    const queue = new Queue(helloQueue, { connection: connectionTo(other.url), prefix });
    const host = { cpu: "c", cores: 1, memoryBytes: 1, system: "s", core: null };
    const hello = { name: "old-host-7", role: "load", toolVersion: "0.0.1", protocol: "0", host };
    await queue.add("hello", hello);
    // One that has been killed since is no reason to refuse a run.
    const without = gather(1, { url: other.url, gatherMs: 1_000 });
    expect(without).rejects.toThrow(/^--agents: must be as many as there are, got 1 and 0 came /);
    await without.catch(() => undefined);
    const old = new Worker(queueOf("old-host-7"), async () => null, {
      connection: connectionTo(other.url),
      prefix,
    });
    await old.waitUntilReady();
    await queue.add("hello", hello);
    await queue.close();
    const outcome = gather(1, { url: other.url });
    expect(outcome).rejects.toThrow(/^--agents: the agent old-host-7 is of tickbench 0\.0\.1/);
    await outcome.catch(() => undefined);
    await old.close();
  });

  test("of an agent that says twice that it is here: it is one", async () => {
    await other.startAgent("twice");
    const queue = new Queue(helloQueue, { connection: connectionTo(other.url), prefix });
    const host = { cpu: "c", cores: 1, memoryBytes: 1, system: "s", core: null };
    const facts = { name: "twice", role: "load", toolVersion: "0.0.1", protocol, host };
    // It does so until it is taken in, which takes long on a busy machine.
    const again = setInterval(() => void queue.add("hello", facts, { removeOnComplete: true }), 10);
    const outcome = gather(2, { url: other.url, gatherMs: 3_000 });
    expect(outcome).rejects.toThrow(/^--agents: must be as many as there are, got 2 and 1 came /);
    await outcome.catch(() => undefined);
    clearInterval(again);
    await Promise.all([queue.close(), other.kill("twice")]);
  });

  test("of an agent whose name another one has, which goes on", async () => {
    await other.startAgent("taken");
    const argv = ["runner/agent.ts", "--redis", other.url, "--name", "taken"];
    const second = Bun.spawn([process.execPath, ...argv], { cwd: root, stdout: "ignore", stderr: "pipe" });
    expect(await new Response(second.stderr).text()).toMatch(
      /^--name: must be one that no other agent has, got taken, which serves already from 127\.0\.0\.1:\d+\n$/,
    );
    expect(await second.exited).toBe(2);
    // Another role is no other name.
    await other.startAgent("by-itself", [], "server");
    await Promise.all([other.kill("taken"), other.kill("by-itself")]);
    // One that has died leaves its name.
    await other.startAgent("taken");
    await other.kill("taken");
  });

  test("of an agent that is lost and that none replaces: the run ends with what it has", async () => {
    await other.startAgent("only");
    const short: string[] = [];
    const alone = await gather(1, { url: other.url, onShort: (line) => short.push(line), gatherMs: 4_000 });
    await other.kill("only");
    const lost = await alone.links().then(
      () => null,
      (error: unknown) => error,
    );
    expect(lost).toBeInstanceOf(ShardLost);
    expect(short).toEqual([
      expect.stringMatching(/^no agent came within 4 s in place of one that was lost; .* --resume /),
    ]);
    // Whatever else wants an agent is not made to wait again.
    await other.startAgent("too-late");
    expect(alone.links()).rejects.toThrow(short[0] ?? "");
    await alone.links().catch(() => undefined);
    expect(short).toHaveLength(1);
    await alone.close();
    await other.kill("too-late");
  });

  test("of too few agents, with the command that starts one, and without the password", async () => {
    const outcome = gather(1, { url: other.url, gatherMs: 300 });
    expect(outcome).rejects.toThrow(
      /^--agents: .* got 1 and 0 came .*runner\/agent\.ts --redis redis:\/\/…@127/,
    );
    await outcome.catch(() => undefined);
  });

  test("of a Redis that refuses, or is not there", async () => {
    const wrong = cluster.url.replace("a secret", "wrong");
    for (const url of [
      wrong,
      "redis://127.0.0.1:1",
      "http://127.0.0.1",
      "redis://127.0.0.1/db",
      `${cluster.url}/99`,
    ]) {
      const outcome = gather(1, { url });
      expect(outcome).rejects.toThrow(/^--redis: must be /);
      await outcome.catch(() => undefined);
    }
  });
});
