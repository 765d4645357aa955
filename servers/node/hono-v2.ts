import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createAdaptorServer,
  upgradeWebSocket,
  type WebSocketLike,
  type WebSocketServerLike,
} from "@hono/node-server-v2";
import { Hono } from "hono";
import type { WSContext } from "hono/ws";
import { type WebSocket, WebSocketServer } from "ws";
import { endpoints, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import { corked } from "../gateway/cork.ts";
import { adaptorOptions, messageOptions } from "../gateway/node-server.ts";
import type { Peer, Session } from "../gateway/peer.ts";
import { packageVersions } from "../gateway/version.ts";
import { backlog } from "../manifest.ts";

const server = boot("node/hono-v2", {
  framework: { name: "hono", version: packageVersions("hono", "@hono/node-server-v2", "ws") },
  utf8Validation: true,
  backlog,
});

function peerOf(ws: WSContext<WebSocketLike>): Peer {
  // Hono's context tells neither what is unsent nor when it is flushed; `raw` is a socket of the server given below.
  const raw = ws.raw as WebSocket;
  return {
    copiesOnSend: false,
    send: (data, isText, flushed) =>
      flushed ? raw.send(data, { binary: !isText }, flushed) : ws.send(data, server.sending),
    bufferedBytes: () => raw.bufferedAmount,
    batch: (fill) => fill(),
    coalesce: (fill) => corked(raw, fill),
    close: (code, reason) => ws.close(code, reason),
    terminate: () => raw.terminate(),
  };
}

const app = new Hono<{ Variables: { session: Session } }>();

app.get("/health", (c) => c.json(server.health()));

for (const endpoint of endpoints) {
  app.get(
    `/${endpoint}`,
    async (c, next) => {
      const session = server.gateway.admit(endpoint, c.req.query());
      if (session instanceof Refusal) return c.text(session.message, session.status);
      c.set("session", session);
      return next();
    },
    upgradeWebSocket((c) => {
      const session: Session = c.get("session");
      return {
        onOpen: (_event, ws) => session.opened(peerOf(ws)),
        onMessage({ data }, ws) {
          if (endpoint === "echo") ws.send(data as string | ArrayBuffer, server.sending);
          else if (typeof data === "string") session.received(data, true);
          else session.received(Buffer.from(data as ArrayBuffer), false);
        },
        onClose: () => session.closed(),
      };
    }),
    (c) => c.text("Upgrade Required", 426),
  );
}

const wss = new WebSocketServer({ noServer: true, ...messageOptions(server.settings) });
// The types of the two packages differ in whether an absent option may be undefined.
const websocket = { server: wss as WebSocketServerLike };
const http = createAdaptorServer({ fetch: app.fetch, websocket, ...adaptorOptions(server.secure) }) as Server;
http.listen(server.settings.PORT, hostname, backlog, () => {
  const { port } = http.address() as AddressInfo;
  server.ready(port, () => new Promise((resolve) => http.close(resolve)));
});
