import { afterAll, expect, test } from "bun:test";
import { selfSignedCertificate } from "../process/certificate.ts";
import { connectAll } from "./connect-all.ts";
import type { Connection, ConnectionSink } from "./connection.ts";
import { intakeOf, runtimeIntake } from "./direct.ts";
import { opcodes } from "./frame.ts";
import { acceptOf } from "./handshake.ts";

const host = "127.0.0.1";
type Peer = Bun.Socket<{ head: string; isUpgraded: boolean }>;

/** A server that answers the upgrade and then plays `script`: `begins` once, `data` with all that comes. */
function scripted(script: { begins?(socket: Peer): void; data?(socket: Peer, chunk: Uint8Array): void }) {
  const sockets: Peer[] = [];
  const server = Bun.listen<{ head: string; isUpgraded: boolean }>({
    hostname: host,
    port: 0,
    socket: {
      open(socket) {
        socket.data = { head: "", isUpgraded: false };
        sockets.push(socket);
      },
      data(socket, chunk) {
        if (socket.data.isUpgraded) {
          script.data?.(socket, chunk);
          return;
        }
        socket.data.head += chunk.toString("latin1");
        if (!socket.data.head.endsWith("\r\n\r\n")) return;
        socket.data.isUpgraded = true;
        const key = /Sec-WebSocket-Key: (\S+)/.exec(socket.data.head)?.[1] ?? "";
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
        );
        script.begins?.(socket);
      },
    },
  });
  open.push(server);
  return { port: server.port, sockets };
}

const open: { stop(closeAll: boolean): void }[] = [];
afterAll(() => {
  for (const server of open) server.stop(true);
});

/** Keeps what came, and whether it was lent meanwhile. */
class Seen implements ConnectionSink {
  readonly texts: string[] = [];
  readonly lent: boolean[] = [];
  connection: Connection | undefined;
  onText: ((text: string) => void) | undefined;

  message(_opcode: number, buffer: { bytes: Uint8Array }, start: number, end: number): void {
    const text = Buffer.from(buffer.bytes.subarray(start, end)).toString();
    this.texts.push(text);
    this.lent.push(this.connection?.isLent ?? false);
    this.onText?.(text);
  }
}

async function connected(port: number, count = 1, more: { ca?: string } = {}) {
  const sinks = Array.from({ length: count }, () => new Seen());
  const target = { host, port, path: "/", ...more };
  const connections = await connectAll(count, target, (index) => sinks[index]!, { timeoutMs: 5_000 });
  for (const [index, sink] of sinks.entries()) sink.connection = connections[index]!;
  return { connections, sinks, connection: connections[0]!, sink: sinks[0]! };
}

const text = (of: string): Uint8Array => Buffer.concat([Buffer.from([0x81, of.length]), Buffer.from(of)]);

test("what comes meanwhile is read here, and by the runtime before and after", async () => {
  const { port, sockets } = scripted({ data: (socket) => void socket.write(text("answer")) });
  const { connection, sink } = await connected(port);
  const came = (count: number) =>
    new Promise<void>((resolve) => {
      sink.onText = () => sink.texts.length === count && resolve();
    });
  const first = came(1);
  sockets[0]!.write(text("before"));
  await first;
  const intake = intakeOf([connection]);
  connection.sendText("ask");
  await intake.during(30);
  intake.close();
  const last = came(3);
  connection.sendText("ask again");
  await last;
  expect(sink.texts).toEqual(["before", "answer", "answer"]);
  expect(sink.lent).toEqual([false, true, false]);
  connection.terminate();
});

test("a timer and other connections of the process have their turn", async () => {
  const { port } = scripted({ data: (socket) => void socket.write(text("answer")) });
  const { connections, sinks } = await connected(port, 2);
  const intake = intakeOf(connections.slice(0, 1));
  // Each answer asks for the next one: there is always something to read.
  sinks[0]!.onText = () => connections[0]!.sendText("ask");
  connections[0]!.sendText("ask");
  connections[1]!.sendText("ask");
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
  }, 5);
  await intake.during(100);
  clearInterval(ticking);
  intake.close();
  expect(ticks).toBeGreaterThan(1);
  expect(sinks[0]!.texts.length).toBeGreaterThan(10);
  expect(sinks[1]!.texts).toEqual(["answer"]);
  for (const connection of connections) connection.terminate();
});

/** A connection whose server reads nothing until `resume`, and what it has written beyond what the sockets take. */
async function owing(written: "by the runtime" | "here") {
  const got: Uint8Array[] = [];
  const { port, sockets } = scripted({ data: (_socket, chunk) => void got.push(chunk.slice()) });
  const { connection } = await connected(port);
  const lent = written === "here" ? intakeOf([connection]) : null;
  sockets[0]!.pause();
  const sent = Uint8Array.from({ length: 16 * 1024 * 1024 }, (_, i) => i % 251);
  connection.write(sent, 0, sent.length);
  expect(connection.bufferedBytes).toBeGreaterThan(0);
  const intake = lent ?? intakeOf([connection]);
  return {
    connection,
    intake,
    resume: () => sockets[0]!.resume(),
    came: async (waited: () => Promise<void>) => {
      const bytes = () => got.reduce((sum, { length }) => sum + length, 0);
      for (let i = 0; i < 1_000 && bytes() < sent.length; i += 1) await waited();
      return Buffer.concat(got).equals(sent);
    },
  };
}

for (const written of ["by the runtime", "here"] as const) {
  test(`what a full socket did not take, written ${written}, goes on here in order`, async () => {
    const { connection, intake, resume, came } = await owing(written);
    resume();
    expect(await came(() => intake.during(2))).toBe(true);
    expect(connection.isLent).toBe(true);
    expect(connection.bufferedBytes).toBe(0);
    intake.close();
    connection.terminate();
  });
}

test("what is more than one look takes is read on, and the others have their turn", async () => {
  const message = Buffer.alloc(65_536 + 10, "x");
  message[0] = 0x81;
  message[1] = 127;
  message.writeBigUInt64BE(65_536n, 2);
  const all = Buffer.concat(Array.from({ length: 32 }, () => message));
  const written: number[] = [];
  const { port } = scripted({ data: (socket) => void written.push(socket.write(all)) });
  const { connections, sinks } = await connected(port, 2);
  for (const connection of connections) connection.sendText("ask");
  // It lies in the kernel's queues before anybody looks.
  for (const connection of connections) connection.pause();
  await Bun.sleep(20);
  const intake = intakeOf(connections);
  await intake.during(30);
  const whole = written.map((bytes) => Math.floor(bytes / message.length));
  expect(whole.every((messages) => messages > 2)).toBe(true);
  expect(sinks.map(({ texts }) => texts.length).sort()).toEqual(whole.sort());
  expect(connections.every(({ isLent }) => isLent)).toBe(true);
  intake.close();
  for (const connection of connections) connection.terminate();
});

test("what is left at the end the runtime sends", async () => {
  const { connection, intake, resume, came } = await owing("here");
  intake.close();
  resume();
  expect(await came(() => Bun.sleep(1))).toBe(true);
  connection.terminate();
});

test("a server that closes is answered, and one that ends or cuts is told, while it is read here", async () => {
  const endings: [string, (socket: Peer) => void, code: number, clean: boolean][] = [
    [
      "closes",
      (socket) => socket.end(Buffer.concat([text("last"), Buffer.from([0x88, 2, 3, 232])])),
      1000,
      true,
    ],
    ["ends", (socket) => socket.end(text("last")), 1006, false],
    ["cuts", (socket) => socket.terminate(), 1006, false],
  ];
  for (const [name, end, code, clean] of endings) {
    const { port } = scripted({ data: end });
    const { connection, sink } = await connected(port);
    const intake = intakeOf([connection]);
    connection.sendText("ask");
    await intake.during(30);
    expect({ name, ended: connection.isClosed }).toEqual({ name, ended: true });
    expect(await connection.closed).toMatchObject({ code, clean });
    expect(sink.texts).toEqual(name === "cuts" ? [] : ["last"]);
    intake.close();
  }
});

test("a broken rule ends the connection with its code", async () => {
  const seen: number[] = [];
  const { port } = scripted({
    data(socket, chunk) {
      seen.push(chunk[0]! & 0x0f);
      if ((chunk[0]! & 0x0f) === opcodes.text) socket.write(Buffer.from([0xf1, 0]));
    },
  });
  const { connection } = await connected(port);
  const intake = intakeOf([connection]);
  connection.sendText("ask");
  await intake.during(30);
  expect(seen).toEqual([opcodes.text, opcodes.close]);
  intake.close();
  connection.terminate();
});

test("one that another one's message cut is left alone", async () => {
  const { port } = scripted({ data: (socket) => void socket.write(text("answer")) });
  const { connections, sinks } = await connected(port, 2);
  const intake = intakeOf(connections);
  for (const [index, sink] of sinks.entries()) sink.onText = () => connections[1 - index]!.terminate();
  for (const connection of connections) connection.sendText("ask");
  await intake.during(30);
  expect(connections.filter((connection) => connection.isClosed)).toHaveLength(1);
  intake.close();
  for (const connection of connections) connection.terminate();
});

test("over TLS the runtime goes on", async () => {
  const { cert, keyFile } = await selfSignedCertificate();
  const server = Bun.serve({
    hostname: host,
    port: 0,
    tls: { cert, key: Bun.file(keyFile) },
    fetch: (request, bun) => (bun.upgrade(request) ? undefined : new Response()),
    websocket: { message: (ws, message) => void ws.send(message) },
  });
  open.push(server);
  const { connection, sink } = await connected(server.port!, 1, { ca: cert });
  const plain = await connected(scripted({}).port);
  // One of them is enough: it would be read once a millisecond.
  const intake = intakeOf([plain.connection, connection]);
  expect(intake).toBe(runtimeIntake);
  connection.sendText("ask");
  await intake.during(50);
  intake.close();
  expect(sink.texts).toEqual(["ask"]);
  expect(sink.lent).toEqual([false]);
  connection.terminate();
  plain.connection.terminate();
});
