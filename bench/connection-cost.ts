/**
 * What a connection costs the load process and the server in memory: differences of RSS between 10,000 and 2,000 idle subscribers of a
 * fan-out cell, each in fresh processes, the median of five. `bun bench/connection-cost.ts` prints the two figures of docs/SCALE.md.
 * The kernel's own memory of a socket is in neither. It needs 10,500 open files.
 */
import { join } from "node:path";
import { LoadClient } from "../runner/load-client.ts";
import { Children } from "../runner/process/children.ts";
import { childEnv } from "../runner/process/env.ts";
import { sampleProcess } from "../runner/process/sample.ts";
import { startServer } from "../runner/process/supervise.ts";
import { builtInEndpoint } from "../schemas/endpoint.ts";
import { median } from "../stats/moments.ts";

const root = join(import.meta.dir, "..");
const [few, many] = [2_000, 10_000];
const rounds = 5;
const limitMs = 60_000;

function rssOf(pid: number): number {
  const result = sampleProcess(pid);
  if (!result.ok) throw new Error(`process ${pid} cannot be seen`);
  return result.sample.rssBytes;
}

async function held(subscribers: number) {
  const children = new Children();
  const load = new LoadClient(children, null);
  try {
    const env = childEnv({ PORT: "0", CANDIDATE: "bun/serve", SLOW_CONSUMER: "disconnect" });
    const command = [process.execPath, join(root, "servers/bun/serve.ts")];
    const started = await startServer({ command, cwd: root, env, cores: null }, children, {
      readyMs: 10_000,
    });
    if (!started.ok) throw new Error(started.failure.reason);
    const { server } = started;
    const { pid } = await load.ready();
    const cell = { workload: "fanout", codec: "json", broadcast: "send", subscribers, rateHz: 20 } as const;
    const request = {
      ...{
        port: server.ready.port,
        endpoint: builtInEndpoint,
        serverPid: server.pid,
        cores: [],
        helperCores: [],
      },
      ...{
        cell: { ...cell, warmupMs: 0, windowMs: 100 },
        connectTimeoutMs: limitMs,
        drainTimeoutMs: limitMs,
      },
    };
    const opened = await load.open(request, limitMs, server.lost);
    if ("failure" in opened) throw new Error(opened.failure.reason);
    const bytes = { load: rssOf(pid), server: rssOf(server.pid) };
    await opened.cell.close();
    await server.stop(2_000);
    return bytes;
  } finally {
    await load.stop();
    await children.close();
  }
}

const costs = { load: [] as number[], server: [] as number[] };
for (let round = 0; round < rounds; round += 1) {
  const [low, high] = [await held(few), await held(many)];
  for (const of of ["load", "server"] as const) costs[of].push((high[of] - low[of]) / (many - few));
}
for (const [of, all] of Object.entries(costs)) {
  const spread = `${Math.round(Math.min(...all))} to ${Math.round(Math.max(...all))}`;
  console.log(`${of}: ${Math.round(median(all))} bytes a connection (${spread} over ${rounds})`);
}
