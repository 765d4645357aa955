import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import type { RecoveryCell } from "../../schemas/workloads/recovery.ts";
import { LoadClient, type Trial } from "../load-client.ts";
import { Children } from "../process/children.ts";
import { childEnv } from "../process/env.ts";
import { RestartableServer } from "../process/restartable.ts";
import { candidateProcess } from "../process/server-process.ts";
import { startServer } from "../process/supervise.ts";

setDefaultTimeout(60_000);

const root = join(import.meta.dir, "../..");
const children = new Children();
const load = new LoadClient(children, null);
beforeAll(() => load.ready());
afterAll(async () => {
  await load.stop();
  await children.close();
});

const cell: RecoveryCell = {
  workload: "recovery",
  codec: "json",
  cause: "restart",
  subscribers: 5,
  rateHz: 100,
  warmupMs: 20,
  windowMs: 300,
};

async function start() {
  const spec = {
    command: [process.execPath, "servers/bun/serve.ts"],
    cwd: root,
    env: childEnv({ PORT: "0", CANDIDATE: "bun/serve" }),
    cores: null,
  };
  const started = await startServer(spec, children, { readyMs: 20_000 });
  return started.ok ? ({ ok: true, server: candidateProcess(started.server) } as const) : started;
}

type Start = ConstructorParameters<typeof RestartableServer>[1];

async function served(again: Start): Promise<RestartableServer> {
  const first = await start();
  if (!first.ok) throw new Error(first.failure.reason);
  return new RestartableServer(first.server, again);
}

/** Measures one window whose server may be started again. */
async function measured(server: RestartableServer, codec: RecoveryCell["codec"] = "json") {
  const request: Trial = {
    port: server.port,
    endpoint: builtInEndpoint,
    serverPid: server.pid,
    cores: [],
    helperCores: [],
    cell: { ...cell, codec },
    restarts: true,
    connectTimeoutMs: 10_000,
    drainTimeoutMs: 5_000,
  };
  const opened = await load.open(request, 30_000, server.lost, () => server.restart(5_000));
  if ("failure" in opened) throw new Error(opened.failure.reason);
  const outcome = await opened.cell.window({ windowMs: cell.windowMs, stretch: 0, waitMs: 0 }, 50_000);
  if ("measurement" in outcome) await opened.cell.close();
  return outcome;
}

test.each(["json", "sbe"] as const)(
  "%s: the server is another process in mid-window, every book is right again, and what fell due meanwhile is lost",
  async (codec) => {
    const server = await served(start);
    const before = { pid: server.pid, port: server.port };
    const outcome = await measured(server, codec);
    expect(await server.stop(5_000)).toBeNull();
    if ("failure" in outcome) throw new Error(outcome.failure.reason);
    const { recovery, ledger, spent, server: use } = outcome.measurement;
    expect(server.pid).not.toBe(before.pid);
    expect(server.port).not.toBe(before.port);
    expect(recovery?.bookNs).toHaveLength(cell.subscribers);
    // Whatever came from the old server on its way out makes no book right.
    const { stopNs = 0, startNs = 0 } = recovery?.restart ?? {};
    expect(Math.min(...(recovery?.bookNs ?? []))).toBeGreaterThan(stopNs + startNs);
    expect(recovery?.unsent).toBeGreaterThan(0);
    expect(recovery?.thinned).toBeUndefined();
    expect(ledger.gaps + ledger.duplicates + ledger.reorders + ledger.corrupt).toBe(0);
    expect(spent).toBeUndefined();
    // Of both processes: the second one's start alone takes more than the few milliseconds of serving.
    expect(use?.cpuNs).toBeGreaterThan(20e6);
  },
);

test("a server that does not come back is lost, with the reason", async () => {
  const failure = {
    phase: "start",
    kind: "exited",
    reason: "the process ended with exit code 3 before its ready line",
    exit: { code: 3, signal: null },
    stderrTail: [],
  } as const;
  const server = await served(() => Promise.resolve({ ok: false, failure }));
  const outcome = await measured(server);
  if (!("failure" in outcome)) throw new Error("it was measured");
  expect(outcome.failure.reason).toContain(failure.reason);
  // The next cell finds a load generator that is free.
  expect((await load.ready()).pid).toBeGreaterThan(0);
});
