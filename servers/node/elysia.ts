import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { node } from "@elysiajs/node";
import type { Peer as CrossPeer } from "crossws";
import { Elysia } from "elysia";
import type { ElysiaWS } from "elysia/ws";
import type { WebSocket } from "ws";
import { endpointOf, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import { corked } from "../gateway/cork.ts";
import type { Data, Peer } from "../gateway/peer.ts";
import { packageVersions } from "../gateway/version.ts";
import { backlog } from "../manifest.ts";

const server = boot("node/elysia", {
  framework: { name: "elysia", version: packageVersions("elysia", "@elysiajs/node", "crossws") },
  utf8Validation: true,
  backlog,
  // The adapter leaves no way to crossws's options, nor to those of ws below it.
  maxPayloadBytes: 100 * 1024 * 1024,
  idleTimeoutSeconds: 30,
});

/** What is used of an `ElysiaWS`, whose full type differs from route to route. */
type Socket = Pick<ElysiaWS, "raw" | "send" | "close" | "terminate">;
/** What is used of the HTTP server below the adapter. */
type Srvx = { ready(): Promise<unknown>; close(): Promise<void>; node: { server: Server } };

function peerOf(ws: Socket): Peer {
  // The adapter passes no drain on; `raw` is the peer of crossws, and that leads to the socket of ws.
  const raw = ws.raw as unknown as CrossPeer;
  const socket = raw.websocket as WebSocket;
  return {
    copiesOnSend: false,
    send(data, isText, flushed) {
      if (flushed === undefined) ws.send(data);
      else socket.send(data, { binary: !isText }, flushed);
    },
    bufferedBytes: () => raw.bufferedAmount,
    batch: (fill) => fill(),
    coalesce: (fill) => corked(socket, fill),
    close: (code, reason) => ws.close(code, reason),
    terminate: () => ws.terminate(),
  };
}

const app = new Elysia({ adapter: node() })
  .get("/health", () => server.health())
  .resolve(({ path, query, status }) => {
    const session = server.gateway.admit(endpointOf(path), query);
    return session instanceof Refusal ? status(session.status, session.message) : { session };
  })
  .ws("/echo", {
    open: (ws) => ws.data.session.opened(peerOf(ws)),
    message: (ws, message) => void ws.send(message),
    close: (ws) => ws.data.session.closed(),
  });
for (const path of ["/push", "/feed", "/publish"] as const) {
  app.ws(path, {
    open: (ws) => ws.data.session.opened(peerOf(ws)),
    message: (ws, message) => ws.data.session.received(message as Data, typeof message === "string"),
    close: (ws) => ws.data.session.closed(),
  });
}
// The adapter hands all of this to srvx. Elysia's types know the options and the server of Bun alone.
const options = {
  // To srvx this says whether the socket may be shared with the other processes of a cluster.
  ...{ port: server.settings.PORT, hostname, reusePort: server.reusePort, ...server.secure },
  gracefulShutdown: false,
  node: { backlog },
};
app.listen(options, async (started) => {
  const { raw } = started as unknown as { raw: Srvx };
  await raw.ready();
  // Nobody below listens to the socket until the handshake: a reset by the client would end the process.
  raw.node.server.on("upgrade", (_request, socket) => socket.on("error", () => socket.destroy()));
  const { port } = raw.node.server.address() as AddressInfo;
  server.ready(port, () => raw.close());
});
