import type { ServerWebSocket } from "bun";
import { Elysia } from "elysia";
import type { ElysiaWS } from "elysia/ws";
import { endpointOf, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import type { Peer, Session } from "../gateway/peer.ts";
import { packageVersions } from "../gateway/version.ts";

const server = boot("bun/elysia", {
  framework: { name: "elysia", version: packageVersions("elysia") },
  utf8Validation: true,
  backlog: null,
});

/** What is used of an `ElysiaWS`, whose full type differs from route to route. */
type Socket = Pick<
  ElysiaWS,
  "raw" | "send" | "publish" | "subscribe" | "unsubscribe" | "cork" | "close" | "terminate"
>;

function peerOf(ws: Socket): Peer {
  // Elysia wraps the runtime's socket and leaves its count of unsent bytes out.
  const raw = ws.raw as unknown as ServerWebSocket;
  return {
    copiesOnSend: true,
    send: (data) => void ws.send(data, server.settings.DEFLATE),
    bufferedBytes: () => raw.getBufferedAmount(),
    batch: (fill) => ws.cork(fill),
    coalesce: (fill) => void ws.cork(fill),
    close: (code, reason) => ws.close(code, reason),
    terminate: () => ws.terminate(),
    topics: {
      join: (topic) => ws.subscribe(topic),
      leave: (topic) => ws.unsubscribe(topic),
      publish: (topic, data) => void ws.publish(topic, data, server.settings.DEFLATE),
    },
  };
}

/** Elysia has parsed what looks like JSON or a number by the time a handler sees it. */
function receive(session: Session, message: unknown): void {
  if (typeof message === "string") session.received(message, true);
  else if (Buffer.isBuffer(message)) session.received(message as Buffer<ArrayBuffer>, false);
  else session.parsed(message);
}

const app = new Elysia({
  serve: { hostname, reusePort: server.reusePort, ...server.secure },
  websocket: {
    idleTimeout: 0,
    perMessageDeflate: server.settings.DEFLATE,
    maxPayloadLength: server.settings.MAX_PAYLOAD_BYTES,
    backpressureLimit: server.settings.BACKPRESSURE_LIMIT_BYTES,
    closeOnBackpressureLimit: server.settings.SLOW_CONSUMER === "disconnect",
  },
})
  .get("/health", () => server.health())
  .resolve(({ path, query, status }) => {
    const session = server.gateway.admit(endpointOf(path), query);
    return session instanceof Refusal ? status(session.status, session.message) : { session };
  })
  .ws("/echo", {
    open: (ws) => ws.data.session.opened(peerOf(ws)),
    message(ws, message) {
      ws.send(message, server.settings.DEFLATE);
    },
    close: (ws) => ws.data.session.closed(),
  });

for (const path of ["/push", "/feed", "/publish"] as const) {
  app.ws(path, {
    open: (ws) => ws.data.session.opened(peerOf(ws)),
    message: (ws, message) => receive(ws.data.session, message),
    drain: (ws) => ws.data.session.drained(),
    close: (ws) => ws.data.session.closed(),
  });
}

app.listen(server.settings.PORT);
server.ready(app.server!.port!, () => app.stop(), app.server!);
