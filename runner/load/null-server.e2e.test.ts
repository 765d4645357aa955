import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { encodeJson } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { readyLine } from "../../schemas/ready.ts";
import { connectAll } from "./connect-all.ts";
import { Connection } from "./connection.ts";
import { EchoLoop } from "./echo-loop.ts";
import { opcodes } from "./frame.ts";
import { ExactCheck, FirstMessageCheck } from "./payload.ts";
import { runPush } from "./push-loop.ts";
import { jsonShape, type MessageShape, rawShape, sbeShape } from "./shape.ts";

const noSink = { message(): void {} };
const child = Bun.spawn([process.execPath, join(import.meta.dir, "null-server.ts")], {
  stdin: "ignore",
  stdout: "pipe",
  stderr: "inherit",
  env: { ...process.env, PORT: "0" },
});
let port = 0;

beforeAll(async () => {
  for await (const chunk of child.stdout) {
    port = readyLine.parse(JSON.parse(Buffer.from(chunk).toString())).port;
    return;
  }
});
afterAll(async () => {
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
});

const open = (path: string, count: number) =>
  connectAll(count, { host: "127.0.0.1", port, path }, () => noSink, { timeoutMs: 10_000 });

const echoes: [name: string, shape: MessageShape, window: number][] = [
  ["raw", rawShape(64, 7), 32],
  ["raw of 100,000 bytes", rawShape(100_000, 7), 3],
  ["json", jsonShape(encodeJson(typicalQuote, 0)), 32],
  ["sbe", sbeShape(encodeSbe(typicalQuote, 0)), 1],
];

for (const [name, shape, window] of echoes) {
  test(`echo, ${name}: the very messages that were sent, run after run`, async () => {
    const connections = await open("/echo", 3);
    const loop = new EchoLoop(connections, { shapeOf: () => shape, window });
    for (let run = 0; run < 2; run++) {
      const { sent, ledger, drained } = await loop.run(20, 5_000);
      expect(drained).toBe(true);
      expect(ledger).toEqual({ due: sent, delivered: sent, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 });
    }
    for (const connection of connections)
      expect(await connection.close()).toMatchObject({ code: 1005, clean: true });
  });
}

for (const codec of ["raw", "json", "sbe"] as const) {
  test(`push, ${codec}: batch after batch, each complete and in order`, async () => {
    const shapeOf = (_opcode: number, message: Uint8Array): MessageShape => {
      if (codec === "raw") return rawShape(300, 5);
      return codec === "json" ? jsonShape(Buffer.from(message).toString()) : sbeShape(message);
    };
    const connections = await open("/push", 2);
    const result = await runPush(
      connections,
      {
        request: { count: 3_000, bytes: 300, codec, seed: 5 },
        batchNs: [0, Number.POSITIVE_INFINITY],
        checkOf: () => new FirstMessageCheck(shapeOf),
      },
      30,
      10_000,
    );
    const { due, delivered } = result.ledger;
    expect(result.drained).toBe(true);
    expect(due % 3_000).toBe(0);
    expect(due).toBeGreaterThanOrEqual(2 * 2 * 3_000);
    expect(result.ledger).toEqual({ due, delivered: due, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 });
    expect(result.latency.total).toBe(delivered);
    for (const connection of connections) expect((await connection.close()).clean).toBe(true);
  });
}

test("push: a payload other than the one expected is corrupt", async () => {
  const connections = await open("/push", 1);
  const checkOf = () => new ExactCheck(rawShape(64, 2));
  const request = { count: 10, bytes: 64, codec: "raw", seed: 1 } as const;
  const { ledger } = await runPush(connections, { request, checkOf }, 1, 5_000);
  expect(ledger).toMatchObject({ delivered: 0, gaps: ledger.due, corrupt: ledger.due });
  connections[0]!.terminate();
});

test("push: what the server will not do leaves gaps within the bound", async () => {
  const connections = await open("/push", 1);
  const request = { count: 10, bytes: 1, codec: "raw", seed: 1 } as const;
  const result = await runPush(
    connections,
    { request, checkOf: () => new ExactCheck(rawShape(8, 1)) },
    5,
    20,
  );
  expect(result).toMatchObject({ drained: false, delivered: 0, ledger: { due: 20, gaps: 20 } });
});

test("another path, or a request that is no upgrade, is refused", async () => {
  await expect(open("/nowhere", 1)).rejects.toThrow("404");
  expect((await fetch(`http://127.0.0.1:${port}/echo`)).status).toBe(404);
});

test("a client that begins with a control frame on /echo is closed", async () => {
  const connection = await Connection.open({ host: "127.0.0.1", port, path: "/echo" }, noSink);
  connection.send(opcodes.ping, Buffer.from("x"));
  expect((await connection.closed).code).toBe(1005);
});
