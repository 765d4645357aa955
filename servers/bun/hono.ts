import type { ServerWebSocket } from "bun";
import { Hono } from "hono";
import { type BunWebSocketData, upgradeWebSocket, websocket } from "hono/bun";
import type { WSContext, WSEvents } from "hono/ws";
import { endpoints, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import type { Peer, Session } from "../gateway/peer.ts";
import { packageVersions } from "../gateway/version.ts";

const server = boot("bun/hono", {
  framework: { name: "hono", version: packageVersions("hono") },
  utf8Validation: true,
  backlog: null,
});

/** Hono passes the runtime's drain on to nobody, but keeps the object of handlers with the socket. */
type Events = WSEvents<ServerWebSocket> & { onDrain(): void };

function peerOf(ws: WSContext<ServerWebSocket>): Peer {
  // Hono's context sends and closes; `raw` is its documented way to everything else.
  const raw = ws.raw!;
  return {
    copiesOnSend: true,
    send: (data) => ws.send(data, server.sending),
    bufferedBytes: () => raw.getBufferedAmount(),
    batch: (fill) => raw.cork(fill),
    coalesce: (fill) => void raw.cork(fill),
    close: (code, reason) => ws.close(code, reason),
    terminate: () => raw.terminate(),
    topics: {
      join: (topic) => raw.subscribe(topic),
      leave: (topic) => raw.unsubscribe(topic),
      publish: (topic, data) => void raw.publish(topic, data, server.settings.DEFLATE),
    },
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
    upgradeWebSocket((c): Events => {
      const session: Session = c.get("session");
      return {
        onOpen: (_event, ws) => session.opened(peerOf(ws)),
        onMessage({ data }, ws) {
          if (endpoint === "echo") ws.send(data as string | ArrayBuffer, server.sending);
          else if (typeof data === "string") session.received(data, true);
          else session.received(Buffer.from(data as ArrayBuffer), false);
        },
        onDrain: () => session.drained(),
        onClose: () => session.closed(),
      };
    }),
    (c) => c.text("Upgrade Required", 426),
  );
}

const bun = Bun.serve<BunWebSocketData>({
  ...{ hostname, port: server.settings.PORT, reusePort: server.reusePort, ...server.secure },
  fetch: (request, bun) => app.fetch(request, { server: bun }),
  websocket: {
    ...websocket,
    idleTimeout: 0,
    perMessageDeflate: server.settings.DEFLATE,
    maxPayloadLength: server.settings.MAX_PAYLOAD_BYTES,
    backpressureLimit: server.settings.BACKPRESSURE_LIMIT_BYTES,
    closeOnBackpressureLimit: server.settings.SLOW_CONSUMER === "disconnect",
    drain: (ws) => (ws.data.events as Events).onDrain(),
  },
});
server.ready(bun.port!, () => bun.stop(), bun);
