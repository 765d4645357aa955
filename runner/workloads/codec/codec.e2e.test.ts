import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { builtInEndpoint } from "../../../schemas/endpoint.ts";
import type { CodecCell } from "../../../schemas/workloads/codec.ts";
import type { TrialContext } from "../context.ts";
import { open } from "../phases/codec.ts";
import { ProbeProcess } from "./probe-process.ts";

const probe = [process.execPath, join(import.meta.dir, "probe.ts")];

const contextOf = (cell: CodecCell): TrialContext<CodecCell> => ({
  cell,
  probe,
  port: 1,
  endpoint: builtInEndpoint,
  serverPid: null,
  cores: [],
  helperCores: [],
  connectTimeoutMs: 1000,
  drainTimeoutMs: 1000,
  enter: () => undefined,
});

const base = { workload: "codec", warmupMs: 10, windowMs: 30 } as const;

test("an operation is timed within a process of its own, the longer message taking longer", async () => {
  const meanOf = async (message: CodecCell["message"]) => {
    const cell = await open(contextOf({ ...base, codec: "json", operation: "parse", message }));
    const { metrics, ledger, events, server } = await cell.window({ windowMs: 30, stretch: 0, waitMs: 0 });
    cell.close();
    expect(ledger.delivered).toBe(ledger.due);
    expect(ledger.due).toBeGreaterThanOrEqual(64 * events);
    expect(metrics.operationNsP50 ?? 0).toBeGreaterThan(0);
    expect(server?.cpuNs ?? 0).toBeGreaterThan(1e6);
    return metrics.operationNsMean ?? 0;
  };
  expect(await meanOf("depthUpdate")).toBeGreaterThan(2 * (await meanOf("trade")));
}, 30_000);

test("every operation takes every kind of message, and the process ends when it is asked to", async () => {
  const one = new ProbeProcess(probe, []);
  for (const operation of ["parse", "stringify", "schema", "schema-safe", "decode", "encode"] as const) {
    for (const message of ["trade", "bookTicker", "depthSnapshot", "depthUpdate"] as const) {
      const { meanNs } = await one.ask({ operation, message, warmupMs: 0, windowMs: 1 });
      expect(meanNs).toBeGreaterThan(0);
    }
  }
  one.end();
  await Bun.sleep(0);
  while (existsSync(`/proc/${one.pid}/cmdline`)) await Bun.sleep(5);
}, 30_000);

test("a program that ends instead is reported with its last words", async () => {
  const broken = new ProbeProcess([process.execPath, "-e", "throw new Error('no such engine')"], []);
  const asked = broken.ask({ operation: "parse", message: "trade", warmupMs: 0, windowMs: 1 });
  await expect(asked).rejects.toThrow("no such engine");
  await expect(
    open({
      ...contextOf({ ...base, codec: "json", operation: "parse", message: "trade" }),
      probe: undefined,
    }),
  ).rejects.toThrow("this runtime has no codecs to time");
}, 30_000);
