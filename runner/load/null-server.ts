import type { Socket } from "bun";
import { z } from "zod";
import type { ReadyLine } from "../../schemas/ready.ts";
import { acceptOf } from "./handshake.ts";
import { NullEcho, NullFeed, NullPublish, NullPush, type NullSession } from "./null-session.ts";

// The null server: raw TCP, frames built ahead, nothing parsed that need not be. What the load generator receives
// from it is the generator's own ceiling.

/** Blocks written to one socket before others get their turn. */
const blocksPerTurn = 4;
const maxRequestBytes = 16_384;

interface State {
  head: string;
  session: NullSession | undefined;
  scheduled: boolean;
}

type NullSocket = Socket<State>;

function pump(socket: NullSocket): void {
  const { session } = socket.data;
  if (session === undefined) return;
  let budget = blocksPerTurn;
  let full = false;
  session.pump((bytes, at, length) => {
    if (budget-- === 0) return 0;
    const taken = socket.write(bytes, at, length);
    full = taken < length;
    return taken;
  });
  // A full socket goes on at its drain; one whose turn is over goes on after the others.
  if (budget < 0 && !full && !socket.data.scheduled) {
    socket.data.scheduled = true;
    setImmediate(() => {
      socket.data.scheduled = false;
      pump(socket);
    });
  }
}

/** Connections on `/feed`: each has all that is published. */
const feeds = new Map<NullSocket, NullFeed>();

function publish(frames: Uint8Array): void {
  for (const [socket, feed] of feeds) {
    feed.publish(frames);
    pump(socket);
  }
}

const sessions: Readonly<Record<string, (socket: NullSocket) => NullSession>> = {
  "/echo": () => new NullEcho(),
  "/push": () => new NullPush(),
  "/feed": (socket) => {
    const feed = new NullFeed();
    feeds.set(socket, feed);
    return feed;
  },
  "/publish": () => new NullPublish(publish),
};

/** Answers the upgrade request once it is whole; the session, or undefined to go on waiting. */
function upgrade(socket: NullSocket, chunk: Uint8Array): void {
  const state = socket.data;
  state.head += Buffer.from(chunk).toString("latin1");
  if (!state.head.includes("\r\n\r\n")) {
    if (state.head.length > maxRequestBytes) socket.terminate();
    return;
  }
  const path = /^GET (\/\w+)/.exec(state.head)?.[1];
  const key = /^sec-websocket-key:[ \t]*(\S+)/im.exec(state.head)?.[1];
  const session = path === undefined ? undefined : sessions[path]?.(socket);
  if (session === undefined || key === undefined) {
    socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return;
  }
  socket.setNoDelay(true);
  state.session = session;
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
  );
}

const server = Bun.listen<State>({
  hostname: process.env.HOST === "0.0.0.0" ? "0.0.0.0" : "127.0.0.1",
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .parse(process.env.PORT ?? 0),
  socket: {
    open(socket) {
      socket.data = { head: "", session: undefined, scheduled: false };
    },
    data(socket, chunk) {
      if (socket.data.session === undefined) {
        upgrade(socket, chunk);
        return;
      }
      if (socket.data.session.received(chunk)) pump(socket);
      // An empty close frame, and the socket's end behind it.
      else socket.end(Buffer.from([0x88, 0]));
    },
    drain: pump,
    close(socket) {
      feeds.delete(socket);
    },
    error(socket) {
      socket.terminate();
    },
  },
});

process.on("SIGTERM", () => {
  server.stop(true);
  process.exit(0);
});

const runtime = { name: "bun", version: Bun.version };
const ready: ReadyLine = {
  ready: true,
  port: server.port,
  candidate: "null-server",
  runtime,
  framework: runtime,
  options: {
    compression: false,
    maxPayloadBytes: 16 * 1024 * 1024,
    backpressureLimitBytes: 256 * 1024,
    slowConsumer: "disconnect",
    idleTimeoutSeconds: 0,
    noDelay: true,
    utf8Validation: false,
    backlog: null,
    broadcast: ["send"],
  },
};
console.log(JSON.stringify(ready));
