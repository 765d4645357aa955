import { afterEach, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { CutProxy } from "./cut-proxy.ts";

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** A server that sends back what it gets, in front of which a proxy stands. */
async function proxied(): Promise<{ proxy: CutProxy; accepted: Socket[] }> {
  const accepted: Socket[] = [];
  const server: Server = createServer((socket) => {
    accepted.push(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const proxy = new CutProxy({ host: "127.0.0.1", port });
  ended.push(() => {
    proxy.close();
    server.close();
  });
  return { proxy, accepted };
}

function dial(port: number): {
  socket: Socket;
  closed: Promise<void>;
  read: (bytes: number) => Promise<Buffer>;
} {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  const chunks: Buffer[] = [];
  let wake: () => void = () => undefined;
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    wake();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const read = async (bytes: number) => {
    while (Buffer.concat(chunks).length < bytes) await new Promise<void>((resolve) => (wake = resolve));
    return Buffer.concat(chunks);
  };
  return { socket, closed, read };
}

test("it forwards megabytes both ways unchanged, and goes on after a cut", async () => {
  const { proxy, accepted } = await proxied();
  const sent = Buffer.alloc(3_000_000).map((_, i) => i % 251);
  const first = dial(proxy.port);
  first.socket.write(sent);
  expect((await first.read(sent.length)).equals(sent)).toBe(true);
  const atServer = new Promise<void>((resolve) => accepted[0]!.once("close", () => resolve()));
  proxy.cut();
  await Promise.all([first.closed, atServer]);
  const second = dial(proxy.port);
  second.socket.write("again");
  expect((await second.read(5)).toString()).toBe("again");
});

test("an end of either side reaches the other, with what was sent before it", async () => {
  const { proxy, accepted } = await proxied();
  const client = dial(proxy.port);
  client.socket.write("one");
  await client.read(3);
  accepted[0]!.end("two");
  expect((await client.read(6)).toString()).toBe("onetwo");
  await client.closed;
});

test("a server that is not there closes the client's connection", async () => {
  const proxy = new CutProxy({ host: "127.0.0.1", port: 1 });
  ended.push(() => proxy.close());
  await dial(proxy.port).closed;
});
