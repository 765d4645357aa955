import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createNodeWebSocket } from "@hono/node-ws";
import { Hono } from "hono";
import type { WSContext } from "hono/ws";
import type { WebSocket } from "ws";
import { endpoints, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import { corked } from "../gateway/cork.ts";
import { adaptorOptions, messageOptions } from "../gateway/node-server.ts";
import type { Peer, Session } from "../gateway/peer.ts";
import { packageVersions } from "../gateway/version.ts";
import { backlog } from "../manifest.ts";

const server = boot("node/hono", {
  framework: {
    name: "hono",
    version: packageVersions("hono", "@hono/node-server", "@hono/node-ws", "ws"),
  },
  utf8Validation: true,
  backlog,
});

function peerOf(ws: WSContext<WebSocket>): Peer {
  // Hono's context tells neither what is unsent nor when it is flushed; `raw` is its documented way to both.
  const raw = ws.raw!;
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
const { injectWebSocket, upgradeWebSocket, wss } = createNodeWebSocket({ app });
Object.assign(wss.options, messageOptions(server.settings));

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

const http = createAdaptorServer({ fetch: app.fetch, ...adaptorOptions(server.secure) }) as Server;
// @hono/node-ws leaves the socket without a listener until the handshake: a reset would end the process.
http.on("upgrade", (_request, socket) => socket.on("error", () => socket.destroy()));
injectWebSocket(http);
http.listen(server.settings.PORT, hostname, backlog, () => {
  const { port } = http.address() as AddressInfo;
  server.ready(port, () => new Promise((resolve) => http.close(resolve)));
});
