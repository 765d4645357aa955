import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { encodeJson } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { connectAll } from "./connect-all.ts";
import { EchoLoop } from "./echo-loop.ts";
import { jsonShape, type MessageShape, rawShape, sbeShape } from "./shape.ts";

const noSink = { message(): void {} };

async function loopOn(port: number, connections: number, window: number, shape = rawShape(64, 1)) {
  const target = { host: "127.0.0.1", port, path: "/echo" };
  const open = await connectAll(connections, target, () => noSink, { timeoutMs: 10_000 });
  return { open, loop: new EchoLoop(open, { shapeOf: () => shape, window }) };
}

type Reply = (message: string | Buffer<ArrayBuffer>) => void;

/** An echo server that treats each of its messages as `answer` says. */
function faulty(answer: (message: string | Buffer<ArrayBuffer>, count: number, reply: Reply) => void) {
  let count = 0;
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response()),
    websocket: { message: (ws, message) => answer(message, count++, (reply) => void ws.send(reply)) },
  });
}

test("every echo of a plain server is accounted for, run after run", async () => {
  const server = faulty((message, _count, reply) => reply(message));
  const { open, loop } = await loopOn(server.port!, 4, 8);
  for (const run of [await loop.run(50, 5_000), await loop.run(50, 5_000)]) {
    const { sent, delivered, ledger, latency, drained } = run;
    expect(drained).toBe(true);
    expect(ledger).toEqual({ due: sent, delivered: sent, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 });
    expect(latency.total).toBe(sent);
    expect(delivered).toBeLessThanOrEqual(sent);
    // Each of the messages still in flight when the window closed is one that it did not deliver.
    expect(sent - delivered).toBeLessThanOrEqual(4 * 8);
  }
  for (const connection of open) await connection.close();
  await server.stop(true);
});

const every = 50;
const faults: [name: string, answer: Parameters<typeof faulty>[0], counted: string, rule?: string][] = [
  ["drops", (message, n, reply) => n % every !== 7 && reply(message), "gaps"],
  [
    "doubles",
    (message, n, reply) => {
      reply(message);
      if (n % every === 7) reply(message);
    },
    "duplicates",
  ],
  [
    "spoils a byte",
    (message, n, reply) => {
      const copy = Buffer.from(message as Buffer);
      if (n % every === 7) copy[33]! ^= 1;
      reply(copy);
    },
    "corrupt",
    "bytes",
  ],
  ["answers in text", (message, n, reply) => reply(n % every === 7 ? "text" : message), "corrupt", "opcode"],
  [
    "cuts a byte off",
    (message, n, reply) => reply(n % every === 7 ? Buffer.from(message as Buffer).subarray(1) : message),
    "corrupt",
    "length",
  ],
];

for (const [name, answer, counted, rule] of faults) {
  test(`a server that ${name} one message in ${every}: the ledger counts exactly that`, async () => {
    let seen = 0;
    const server = faulty((message, n, reply) => {
      if (n % every === 7) seen += 1;
      answer(message, n, reply);
    });
    const { open, loop } = await loopOn(server.port!, 1, 400);
    const { ledger, sent } = await loop.run(30, 200);
    expect(seen).toBeGreaterThan(0);
    const clean = { due: sent, delivered: sent, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
    const lost = counted === "duplicates" ? {} : { gaps: seen, delivered: sent - seen };
    expect(ledger).toMatchObject({ ...clean, ...lost, [counted]: seen });
    if (rule !== undefined) expect(ledger.corruptBy).toEqual({ [rule]: seen });
    open[0]!.terminate();
    await server.stop(true);
  });
}

test("a server that swaps neighbours: one reorder each and no gap", async () => {
  let held: string | Buffer<ArrayBuffer> | undefined;
  let swaps = 0;
  const server = faulty((message, n, reply) => {
    if (n % every === 7) {
      held = Buffer.from(message as Buffer);
      return;
    }
    reply(message);
    if (held === undefined) return;
    reply(held);
    held = undefined;
    swaps += 1;
  });
  const { open, loop } = await loopOn(server.port!, 1, 40);
  const { ledger, sent } = await loop.run(30, 200);
  // The last may be held back for want of a neighbour.
  const lost = held === undefined ? 0 : 1;
  expect(swaps).toBeGreaterThan(0);
  expect(ledger).toEqual({
    due: sent,
    delivered: sent - lost,
    gaps: lost,
    duplicates: 0,
    reorders: swaps,
    corrupt: 0,
  });
  open[0]!.terminate();
  await server.stop(true);
});

test("a server that falls silent ends the run within the drain's bound", async () => {
  const server = faulty((message, n, reply) => n < 10 && reply(message));
  const { open, loop } = await loopOn(server.port!, 1, 4);
  expect(await loop.run(20, 20)).toMatchObject({
    drained: false,
    delivered: 10,
    ledger: { due: 14, gaps: 4 },
  });
  open[0]!.terminate();
  await server.stop(true);
});

/** The first line of a child's stdout. */
async function firstLine(child: Subprocess<"ignore", "pipe", "inherit">): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout) {
    text += Buffer.from(chunk).toString();
    if (text.includes("\n")) return text;
  }
  throw new Error(`the child ended with ${child.exitCode} and wrote ${JSON.stringify(text)}`);
}

const root = join(import.meta.dir, "../..");
const node = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
const wsEcho = `const { WebSocketServer } = require("ws");
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => console.log(server.address().port));
server.on("connection", (ws) => ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary })));`;

test.skipIf(!(await Bun.file(node).exists()))("the ws package on Node echoes every codec", async () => {
  const child = Bun.spawn([node, "-e", wsEcho], {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const port = Number(await firstLine(child));
    const shapes: MessageShape[] = [
      rawShape(70_000, 3),
      jsonShape(encodeJson(typicalQuote, 0)),
      sbeShape(encodeSbe(typicalQuote, 0)),
    ];
    for (const shape of shapes) {
      const { open, loop } = await loopOn(port, 3, 5, shape);
      const { sent, ledger, drained } = await loop.run(20, 5_000);
      expect(drained).toBe(true);
      expect(sent).toBeGreaterThanOrEqual(15);
      expect(ledger).toEqual({ due: sent, delivered: sent, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 });
      for (const connection of open) expect((await connection.close()).clean).toBe(true);
    }
  } finally {
    child.kill();
    await child.exited;
  }
});
