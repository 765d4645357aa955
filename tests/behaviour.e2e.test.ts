import { afterEach, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { Hono } from "hono";
import { upgradeWebSocket, websocket } from "hono/bun";

/** Rows of docs/BEHAVIOUR.md, held against the packages that the candidates run on: a new version that differs fails here. */

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

const listening = { hostname: "127.0.0.1", port: 0 };

function client(port: number | undefined): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  ended.push(() => socket.close());
  return socket;
}

/** Messages of a client until one that reads "end". */
const untilEnd = (socket: WebSocket): Promise<string[]> =>
  new Promise((done) => {
    const seen: string[] = [];
    socket.addEventListener("message", ({ data }) => {
      if (data === "end") done(seen);
      else seen.push(String(data));
    });
  });

test("publish and send to one socket of Bun keep the order of the calls, and open runs inside upgrade", async () => {
  const order: string[] = [];
  const server = Bun.serve({
    ...listening,
    fetch(request, bun) {
      bun.upgrade(request);
      order.push("upgraded");
      return undefined;
    },
    websocket: {
      open(socket) {
        order.push("opened");
        socket.subscribe("topic");
        setTimeout(() => {
          for (let i = 0; i < 100; i += 2) {
            server.publish("topic", String(i));
            socket.send(String(i + 1));
          }
          socket.send("end");
        });
      },
      message() {},
    },
  });
  ended.push(() => server.stop(true));
  expect(await untilEnd(client(server.port))).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  expect(order).toEqual(["opened", "upgraded"]);
});

test("a socket of Bun is out of its topics before its close handler runs", async () => {
  const closed = Promise.withResolvers<unknown>();
  const server = Bun.serve({
    ...listening,
    fetch: (request, bun) => (bun.upgrade(request) ? undefined : new Response(null, { status: 400 })),
    websocket: {
      open(socket) {
        socket.subscribe("topic");
        socket.close(1000);
      },
      message() {},
      close: (socket): void => closed.resolve([socket.subscriptions, server.subscriberCount("topic")]),
    },
  });
  ended.push(() => server.stop(true));
  client(server.port);
  expect(await closed.promise).toEqual([[], 0]);
});

test("Elysia reads a text like a number as one, and gives each call another object of one id", async () => {
  const seen: unknown[] = [];
  const sockets = new Set<unknown>();
  const ids = new Set<string>();
  const app = new Elysia().ws("/", {
    open(ws) {
      sockets.add(ws);
      ids.add(ws.id);
    },
    message(ws, message) {
      sockets.add(ws);
      ids.add(ws.id);
      seen.push(message);
      if (seen.length === 2) ws.send("end");
    },
  });
  app.listen(listening);
  ended.push(() => app.stop(true));
  const socket = client(app.server?.port);
  socket.addEventListener("open", () => {
    socket.send("1.10");
    socket.send("12345678901234567890");
  });
  await untilEnd(socket);
  expect(seen).toEqual([1.1, "12345678901234567890"]);
  expect([sockets.size, ids.size]).toEqual([3, 1]);
});

test("a context that is kept from Hono's onOpen on Bun stays open after the close", async () => {
  const closed = Promise.withResolvers<number>();
  let opened: { readonly readyState: number } | undefined;
  const app = new Hono().get(
    "/",
    upgradeWebSocket(() => ({
      onOpen(_, context) {
        opened = context;
        context.close(1000);
      },
      onClose: () => closed.resolve(opened?.readyState ?? -1),
    })),
  );
  const server = Bun.serve({ ...listening, fetch: app.fetch, websocket });
  ended.push(() => server.stop(true));
  client(server.port);
  expect(await closed.promise).toBe(WebSocket.OPEN);
});
