import { afterAll, afterEach, expect, test } from "bun:test";
import { connectAll } from "./connect-all.ts";
import { Connection, type ConnectionOptions, type ConnectionSink } from "./connection.ts";
import { encodeClientFrames, opcodes } from "./frame.ts";
import { acceptOf } from "./handshake.ts";
import { randomMask } from "./mask.ts";
import { ProtocolError } from "./protocol-error.ts";

const host = "127.0.0.1";

/** Bun's own server: echoes, and on `/close` closes with 4001, on `/ping` pings before each echo. */
const bun = Bun.serve<string>({
  hostname: host,
  port: 0,
  fetch: (request, server) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/refuse") return new Response("no", { status: 403 });
    return server.upgrade(request, { data: pathname }) ? undefined : new Response("upgrade", { status: 426 });
  },
  websocket: {
    open(ws) {
      if (ws.data === "/close") ws.close(4001, "enough");
    },
    message(ws, message) {
      if (ws.data === "/ping") ws.ping("are you there");
      ws.send(message);
    },
    pong(ws, payload) {
      ws.send(`pong ${payload}`);
    },
  },
});

/** A server that answers the upgrade and then plays `script` on raw sockets. */
type Script = (socket: Bun.Socket<{ head: string }>, afterUpgrade: string | undefined) => void;
let script: Script = () => {};
const raw = Bun.listen<{ head: string }>({
  hostname: host,
  port: 0,
  socket: {
    open(socket) {
      socket.data = { head: "" };
    },
    data(socket, chunk) {
      if (socket.data.head.endsWith("\r\n\r\n")) {
        script(socket, chunk.toString("hex"));
        return;
      }
      socket.data.head += chunk.toString("latin1");
      const key = /Sec-WebSocket-Key: (\S+)/.exec(socket.data.head)?.[1] ?? "";
      socket.write(
        `HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
      );
      script(socket, undefined);
    },
  },
});

afterAll(async () => {
  raw.stop(true);
  await bun.stop(true);
});
afterEach(() => {
  script = () => {};
});

/** Collects messages, and waits for the n-th. */
class Inbox implements ConnectionSink {
  readonly messages: string[] = [];
  #waiting: { count: number; resolve: () => void } | undefined;

  message(opcode: number, buffer: { bytes: Uint8Array }, start: number, end: number): void {
    this.messages.push(`${opcode}:${Buffer.from(buffer.bytes.subarray(start, end)).toString("latin1")}`);
    if (this.#waiting !== undefined && this.messages.length >= this.#waiting.count) this.#waiting.resolve();
  }

  async until(count: number): Promise<string[]> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { count, resolve };
    if (this.messages.length < count) await promise;
    return this.messages;
  }
}

const toBun = (path = "/"): ConnectionOptions => ({ host, port: bun.port!, path });
const toRaw = (): ConnectionOptions => ({ host, port: raw.port, path: "/", closeTimeoutMs: 200 });

test("messages of every length class come back, text as text and binary as binary", async () => {
  const inbox = new Inbox();
  const connection = await Connection.open(toBun(), inbox);
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 1_048_576];
  for (const size of sizes) {
    connection.send(opcodes.text, Buffer.alloc(size, "t"));
    connection.send(opcodes.binary, Buffer.alloc(size, "b"));
  }
  const expected = sizes.flatMap((size) => [`1:${"t".repeat(size)}`, `2:${"b".repeat(size)}`]);
  expect(await inbox.until(expected.length)).toEqual(expected);
  expect(await connection.close(1000, "done")).toEqual({
    code: 1000,
    reason: "done",
    clean: true,
    error: undefined,
  });
});

test("what the socket does not take at once follows in order", async () => {
  const inbox = new Inbox();
  const connection = await Connection.open(toBun(), inbox);
  const payloads = Array.from({ length: 200 }, (_, n) =>
    Buffer.alloc(100_000, String.fromCharCode(65 + (n % 26))),
  );
  const { bytes } = encodeClientFrames(opcodes.binary, payloads, randomMask);
  connection.write(bytes, 0, bytes.length);
  expect(connection.bufferedBytes).toBeGreaterThan(0);
  // The caller may use its buffer again at once.
  bytes.fill(0);
  connection.sendText("last");
  const messages = await inbox.until(201);
  expect(messages.slice(0, 200).map((text) => text.slice(0, 3) + text.length)).toEqual(
    payloads.map((_, n) => `2:${String.fromCharCode(65 + (n % 26))}100002`),
  );
  expect(messages[200]).toBe("1:last");
  expect(connection.bufferedBytes).toBe(0);
  connection.terminate();
  expect((await connection.closed).code).toBe(1006);
});

test("pings are answered with their payload, pongs are reported", async () => {
  const inbox = new Inbox();
  const connection = await Connection.open(toBun("/ping"), inbox);
  connection.sendText("hello");
  expect(await inbox.until(2)).toEqual(["1:hello", "1:pong are you there"]);
  const pong = Promise.withResolvers<string>();
  connection.onPong = (payload) => pong.resolve(Buffer.from(payload).toString());
  connection.send(opcodes.ping, Buffer.from("and you"));
  expect(await pong.promise).toBe("and you");
  await connection.close();
});

test("a close from the server is answered and told", async () => {
  const connection = await Connection.open(toBun("/close"), new Inbox());
  expect(await connection.closed).toEqual({ code: 4001, reason: "enough", clean: true, error: undefined });
  expect(connection.isOpen).toBe(false);
});

test("an end is told to the sink once, and to who asks for it afterwards", async () => {
  const lost = Promise.withResolvers<void>();
  let times = 0;
  const connection = await Connection.open(toBun("/close"), {
    message: () => {},
    lost: () => {
      times += 1;
      lost.resolve();
    },
  });
  expect(connection.protocol).toBe("");
  const seen: number[] = [];
  connection.watch(({ code }) => seen.push(code));
  await lost.promise;
  expect(connection.isClosed).toBe(true);
  connection.handleClose();
  expect(times).toBe(1);
  expect(seen).toEqual([4001]);
  connection.watch(({ code }) => seen.push(code));
  expect(seen).toEqual([4001, 4001]);
  expect(await connection.closed).toMatchObject({ code: 4001, clean: true });
});

test("a refused upgrade tells its status", async () => {
  await expect(Connection.open(toBun("/refuse"), new Inbox())).rejects.toMatchObject({
    name: "HandshakeError",
    status: 403,
  });
});

test("a port where nobody listens", async () => {
  const free = Bun.listen({ hostname: host, port: 0, socket: { data() {} } });
  const { port } = free;
  free.stop(true);
  await expect(Connection.open({ host, port, path: "/" }, new Inbox())).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
});

test("a server that never answers the upgrade", async () => {
  const silent = Bun.listen({ hostname: host, port: 0, socket: { data() {} } });
  const opening = Connection.open({ host, port: silent.port, path: "/", openTimeoutMs: 50 }, new Inbox());
  await expect(opening).rejects.toThrow("not open after 50 ms");
  silent.stop(true);
});

test("a server that ends during the upgrade", async () => {
  const hasty = Bun.listen({ hostname: host, port: 0, socket: { data: (socket) => void socket.end() } });
  await expect(Connection.open({ host, port: hasty.port, path: "/" }, new Inbox())).rejects.toThrow(
    "during the upgrade",
  );
  hasty.stop(true);
});

test("frames in the same packet as the upgrade's answer are not lost", async () => {
  script = (socket, frames) => {
    if (frames === undefined) socket.write(Buffer.from("8103616263", "hex"));
  };
  const inbox = new Inbox();
  const connection = await Connection.open(toRaw(), inbox);
  expect(await inbox.until(1)).toEqual(["1:abc"]);
  connection.terminate();
});

test("a broken rule closes with its code, and is the connection's error", async () => {
  const close = Promise.withResolvers<string>();
  script = (socket, frames) => {
    if (frames === undefined) socket.write(Buffer.from("c100", "hex"));
    else close.resolve(frames);
  };
  const connection = await Connection.open(toRaw(), new Inbox());
  const frame = Buffer.from(await close.promise, "hex");
  const [first, second] = [frame[6]! ^ frame[2]!, frame[7]! ^ frame[3]!];
  expect([frame[0], (first << 8) | second]).toEqual([0x88, 1002]);
  const info = await connection.closed;
  expect(info.error).toBeInstanceOf(ProtocolError);
  expect(info).toMatchObject({ code: 1006, clean: false });
});

test("a server that ignores the close is cut at the time limit", async () => {
  const connection = await Connection.open(toRaw(), new Inbox());
  expect(await connection.close()).toMatchObject({ code: 1006, clean: false });
});

test("a sink that throws ends its connection with its error", async () => {
  const sink: ConnectionSink = {
    message() {
      throw new Error("a fault of the sink");
    },
  };
  const connection = await Connection.open(toBun(), sink);
  connection.sendText("x");
  expect((await connection.closed).error?.message).toBe("a fault of the sink");
});

test("a server that vanishes", async () => {
  script = (socket) => void socket.terminate();
  const connection = await Connection.open(toRaw(), new Inbox()).catch((error: Error) => error);
  if (connection instanceof Connection) expect((await connection.closed).code).toBe(1006);
  else expect(connection).toBeInstanceOf(Error);
});

test("many connections open together", async () => {
  const inboxes = Array.from({ length: 300 }, () => new Inbox());
  const connections = await connectAll(300, toBun(), (i) => inboxes[i]!, { timeoutMs: 10_000 });
  for (const [i, connection] of connections.entries()) connection.sendText(`${i}`);
  for (const [i, inbox] of inboxes.entries()) expect(await inbox.until(1)).toEqual([`1:${i}`]);
  const ends = await Promise.all(connections.map((connection) => connection.close()));
  expect(ends.every(({ clean }) => clean)).toBe(true);
});

test("one refusal among many cuts the others and tells how many were open", async () => {
  const before = bun.pendingWebSockets;
  const attempt = connectAll(5, toBun("/refuse"), () => new Inbox(), { timeoutMs: 5_000, concurrency: 2 });
  await expect(attempt).rejects.toThrow("0 of 5 connections opened: the upgrade on /refuse was answered 403");
  expect(bun.pendingWebSockets).toBe(before);
});

test("connections whose frames are cut in turn do not take each other's bytes", async () => {
  const sockets: Bun.Socket<{ head: string }>[] = [];
  script = (socket, afterUpgrade) => {
    if (afterUpgrade === undefined) sockets.push(socket);
  };
  const inboxes = [new Inbox(), new Inbox(), new Inbox()];
  const connections: Connection[] = [];
  for (const inbox of inboxes)
    connections.push(await Connection.open({ host, port: raw.port, path: "/" }, inbox));
  const frames = ["first", "other", "third"].map((text) =>
    Buffer.from(`\x81\x05${text}\x81\x05again`, "latin1"),
  );
  for (let at = 0; at < frames[0]!.length; at += 3) {
    for (const [i, socket] of sockets.entries()) socket.write(frames[i]!.subarray(at, at + 3));
    await Bun.sleep(2);
  }
  await Promise.all(inboxes.map((inbox) => inbox.until(2)));
  expect(inboxes.map((inbox) => inbox.messages)).toEqual([
    ["1:first", "1:again"],
    ["1:other", "1:again"],
    ["1:third", "1:again"],
  ]);
  for (const connection of connections) connection.terminate();
});
