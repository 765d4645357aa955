/**
 * What a connection costs in memory: differences of RSS between 10,000 and 2,000 idle ones, each in fresh processes, of the load process
 * after a window of a fan-out cell and of an echo cell, of a process that holds bare sockets of the same runtime, and of the server.
 * `bun bench/connection-cost.ts` prints the table of docs/PERFORMANCE.md, medians of `--rounds` (default 5), and ends with 1 where the load
 * process needs more than 3 KiB a connection and more than 1.2 times the bare sockets. The kernel's own memory of a socket is in none
 * of them. It needs 10,500 open files.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LoadClient } from "../runner/load-client.ts";
import { Children } from "../runner/process/children.ts";
import { childEnv } from "../runner/process/env.ts";
import { quietRuntimeEnv } from "../runner/process/helper-threads.ts";
import { sampleProcess } from "../runner/process/sample.ts";
import { type Server, startServer } from "../runner/process/supervise.ts";
import type { CellSpec } from "../schemas/cell.ts";
import { builtInEndpoint } from "../schemas/endpoint.ts";
import { median } from "../stats/moments.ts";

const root = join(import.meta.dir, "..");
const [few, many] = [2_000, 10_000];
const limitMs = 60_000;
const windowMs = 100;
const enoughBytes = 3 * 1024;
const timesBareMax = 1.2;

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`--rounds: must be a whole number from 1 on, got ${values.rounds}`);
  process.exit(2);
}

function rssOf(pid: number): number {
  const result = sampleProcess(pid);
  if (!result.ok) throw new Error(`process ${pid} cannot be seen`);
  return result.sample.rssBytes;
}

const warmupMs = 0;
const cells = {
  "load process, subscribers": (connections: number): CellSpec => ({
    ...{ workload: "fanout", codec: "json", broadcast: "send", subscribers: connections, rateHz: 20 },
    ...{ warmupMs, windowMs },
  }),
  "load process, echo": (connections: number): CellSpec => ({
    ...{ workload: "echo", codec: "sbe", bytes: null, connections, window: 1 },
    ...{ warmupMs, windowMs },
  }),
} as const;
const bare = "bare sockets in Bun";
const ofServer = "server, `bun/serve`";
type Cell = keyof typeof cells;

/** RSS of the load process that has measured two windows of a cell of as many connections, which are still open; and of the server. */
async function ofLoad(cell: Cell, connections: number) {
  return withServer(async (server, children) => {
    const load = new LoadClient(children, null);
    try {
      const { pid } = await load.ready();
      const request = {
        ...{ port: server.ready.port, endpoint: builtInEndpoint, serverPid: server.pid },
        ...{ cores: [], helperCores: [], cell: cells[cell](connections) },
        ...{ connectTimeoutMs: limitMs, drainTimeoutMs: limitMs },
      };
      const opened = await load.open(request, limitMs, server.lost);
      if ("failure" in opened) throw new Error(opened.failure.reason);
      for (let window = 0; window < 2; window += 1) {
        const measured = await opened.cell.window({ windowMs, stretch: 0, waitMs: 0 }, limitMs);
        if ("failure" in measured) throw new Error(measured.failure.reason);
      }
      const bytes = { held: rssOf(pid), server: rssOf(server.pid) };
      await opened.cell.close();
      return bytes;
    } finally {
      await load.stop();
    }
  });
}

/** RSS of a process with as many bare sockets. */
async function ofBare(connections: number) {
  return withServer(async (server) => {
    const path = join(import.meta.dir, "fixtures", "bare-sockets.ts");
    const holder = Bun.spawn([process.execPath, path, `${server.ready.port}`, `${connections}`], {
      ...{ cwd: root, env: childEnv(quietRuntimeEnv), stdin: "pipe", stdout: "pipe", stderr: "inherit" },
    });
    try {
      const { done } = await holder.stdout.getReader().read();
      if (done) throw new Error("the bare sockets could not be opened");
      return { held: rssOf(holder.pid), server: rssOf(server.pid) };
    } finally {
      holder.stdin.end();
      await holder.exited;
    }
  });
}

async function withServer<Of>(measure: (server: Server, children: Children) => Promise<Of>): Promise<Of> {
  const children = new Children();
  try {
    const env = childEnv({ PORT: "0", CANDIDATE: "bun/serve", SLOW_CONSUMER: "disconnect" });
    const command = [process.execPath, join(root, "servers/bun/serve.ts")];
    const started = await startServer({ command, cwd: root, env, cores: null }, children, {
      readyMs: 10_000,
    });
    if (!started.ok) throw new Error(started.failure.reason);
    const found = await measure(started.server, children);
    await started.server.stop(2_000);
    return found;
  } finally {
    await children.close();
  }
}

const costs = new Map<string, number[]>();
const note = (of: string, low: number, high: number): void => {
  costs.set(of, [...(costs.get(of) ?? []), (high - low) / (many - few)]);
};
for (let round = 0; round < rounds; round += 1) {
  for (const cell of ["load process, subscribers", "load process, echo"] as const) {
    const [low, high] = [await ofLoad(cell, few), await ofLoad(cell, many)];
    note(cell, low.held, high.held);
    if (cell === "load process, subscribers") note(ofServer, low.server, high.server);
  }
  note(bare, (await ofBare(few)).held, (await ofBare(many)).held);
}

console.log(`${rounds} rounds, medians; Bun ${Bun.version}\n`);
console.log("| what | bytes a connection | lowest–highest | ÷ bare sockets |\n| --- | ---: | ---: | ---: |");
const bytesOf = (of: string): number => median(costs.get(of) ?? []);
for (const [of, all] of costs) {
  const spread = `${Math.round(Math.min(...all))}–${Math.round(Math.max(...all))}`;
  const times = of === ofServer ? "" : (bytesOf(of) / bytesOf(bare)).toFixed(2);
  console.log(`| ${of} | ${Math.round(bytesOf(of))} | ${spread} | ${times} |`);
}
console.log("");
for (const cell of Object.keys(cells)) {
  const bytes = bytesOf(cell);
  const holds = bytes <= enoughBytes || bytes <= timesBareMax * bytesOf(bare);
  console.log(
    `- ${holds ? "holds" : "**fails**"}: ${cell}, at most ${enoughBytes} bytes a connection or ${timesBareMax} times what a bare socket needs (${Math.round(bytes)}, ${(bytes / bytesOf(bare)).toFixed(2)} times)`,
  );
  if (!holds) process.exitCode = 1;
}
