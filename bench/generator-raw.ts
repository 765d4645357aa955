import { connectAll } from "../runner/load/connect-all.ts";
import { EchoLoop } from "../runner/load/echo-loop.ts";
import { ExactCheck } from "../runner/load/payload.ts";
import { runPush } from "../runner/load/push-loop.ts";
import { rawShape } from "../runner/load/shape.ts";
import type { LedgerTotals } from "../schemas/load.ts";
import { cpuNsSince, type GeneratorResult, setupFromArgv } from "./generator-setup.ts";

// This project's generator, with all that it does in a trial: every byte of every message compared, a ledger for each
// connection, and each message in the histogram.

/** Messages that a connection asks for at a time. */
const batchMessages = 500_000;
const drainMs = 10_000;
const seed = 1;

const setup = setupFromArgv();
const shape = rawShape(setup.bytes, seed);
const connections = await connectAll(
  setup.connections,
  { host: "127.0.0.1", port: setup.port, path: `/${setup.mode}` },
  () => ({ message() {} }),
  { timeoutMs: 10_000 },
);

interface Window {
  delivered: number;
  elapsedNs: number;
  ledger: LedgerTotals;
  drained: boolean;
}

const loop =
  setup.mode === "echo"
    ? new EchoLoop(connections, { shapeOf: () => shape, window: setup.window })
    : undefined;
const run = (windowMs: number): Promise<Window> =>
  loop?.run(windowMs, drainMs) ??
  runPush(
    connections,
    {
      request: { count: batchMessages, bytes: setup.bytes, codec: "raw", seed },
      checkOf: () => new ExactCheck(shape),
    },
    windowMs,
    drainMs,
  );

await run(setup.warmupMs);
const cpu = process.cpuUsage();
const { delivered, elapsedNs, ledger, drained } = await run(setup.windowMs);
// What was under way when the window closed took its share too.
const cpuNs = (cpuNsSince(cpu) * delivered) / ledger.delivered;
const { gaps, duplicates, reorders, corrupt } = ledger;
const result: GeneratorResult = {
  messages: delivered,
  elapsedNs,
  cpuNs,
  faults: gaps + duplicates + reorders + corrupt + (drained ? 0 : 1),
};
console.log(JSON.stringify(result));
process.exit(0);
