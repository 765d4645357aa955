import cluster, { type Worker } from "node:cluster";
import type { ReadyLine } from "../../schemas/ready.ts";
import { fail, whenAskedToEnd } from "./life.ts";
import { readSettings } from "./settings.ts";
import { fromWorker } from "./siblings.ts";

/**
 * Runs a candidate's program (the first argument, the others are its own) in SERVER_CORES processes that share one port: Node's
 * cluster hands connections out in turn, Bun's processes share the socket by SO_REUSEPORT. It prints one ready line when all
 * listen, passes on what a publisher sends to one of them, and ends with them.
 */
process.on("uncaughtException", fail);
const { SERVER_CORES: processes } = readSettings(process.env);
const [exec = "", ...args] = process.argv.slice(2);
const workers: Worker[] = [];
let ending = false;

cluster.setupPrimary({ exec, args, serialization: "advanced" });
whenAskedToEnd(() => {
  ending = true;
  for (const { process: child } of workers) child.kill("SIGTERM");
});

const first = await startWorker({});
// Each of Node's asks for the port that was given, and its cluster knows it for the same; each of Bun's binds the one that is taken.
const port = process.versions.bun === undefined ? {} : { PORT: `${first.port}` };
await Promise.all(Array.from({ length: processes - 1 }, () => startWorker(port)));
process.stdout.write(`${JSON.stringify(first)}\n`);

/** Resolves with its ready line. A process that ends unasked ends the server. */
function startWorker(env: Readonly<Record<string, string>>): Promise<ReadyLine> {
  return new Promise((resolve) => {
    const worker = cluster.fork(env);
    workers.push(worker);
    worker.on("message", (message: unknown) => {
      const parsed = fromWorker.parse(message);
      if ("ready" in parsed) resolve(parsed.ready);
      else for (const other of workers) if (other !== worker) other.send(parsed.forward);
    });
    worker.on("exit", (code: number | null, signal: string | null) => ended(worker, code, signal));
  });
}

function ended(worker: Worker, code: number | null, signal: string | null): void {
  workers.splice(workers.indexOf(worker), 1);
  if (ending) {
    if (code !== 0) process.exitCode = 1;
    if (workers.length === 0) process.exit();
    return;
  }
  process.stderr.write(`a process of the server ended with ${signal ?? `code ${code}`}\n`);
  for (const { process: child } of workers) child.kill("SIGKILL");
  process.exit(code === 2 ? 2 : 1);
}
