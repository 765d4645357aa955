import type { ServerWebSocket } from "bun";
import { endpointOf, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import type { Data, Peer, Session } from "../gateway/peer.ts";

interface Socket {
  readonly isEcho: boolean;
  readonly session: Session;
}

const app = boot("bun/serve", {
  framework: { name: "bun", version: Bun.version },
  utf8Validation: true,
  backlog: null,
});

function peerOf(ws: ServerWebSocket<Socket>): Peer {
  return {
    copiesOnSend: true,
    send: (data) => void ws.send(data, app.settings.DEFLATE),
    bufferedBytes: () => ws.getBufferedAmount(),
    batch: (fill) => ws.cork(fill),
    coalesce: (fill) => void ws.cork(fill),
    close: (code, reason) => ws.close(code, reason),
    terminate: () => ws.terminate(),
    topics: {
      join: (topic) => ws.subscribe(topic),
      leave: (topic) => ws.unsubscribe(topic),
      publish: (topic, data: Data) => void server.publish(topic, data, app.settings.DEFLATE),
    },
  };
}

const server = Bun.serve<Socket>({
  hostname,
  port: app.settings.PORT,
  reusePort: app.reusePort,
  ...app.secure,
  routes: { "/health": () => Response.json(app.health()) },
  fetch(request, bun) {
    const url = new URL(request.url);
    const endpoint = endpointOf(url.pathname);
    const session = app.gateway.admit(endpoint, Object.fromEntries(url.searchParams));
    if (session instanceof Refusal) return new Response(session.message, { status: session.status });
    if (bun.upgrade(request, { data: { isEcho: endpoint === "echo", session } })) return undefined;
    return new Response("Upgrade Required", { status: 426, headers: { Upgrade: "websocket" } });
  },
  websocket: {
    idleTimeout: 0,
    perMessageDeflate: app.settings.DEFLATE,
    maxPayloadLength: app.settings.MAX_PAYLOAD_BYTES,
    backpressureLimit: app.settings.BACKPRESSURE_LIMIT_BYTES,
    closeOnBackpressureLimit: app.settings.SLOW_CONSUMER === "disconnect",
    open(ws) {
      ws.data.session.opened(peerOf(ws));
    },
    message(ws, message) {
      if (ws.data.isEcho) ws.send(message, app.settings.DEFLATE);
      else ws.data.session.received(message, typeof message === "string");
    },
    drain(ws) {
      ws.data.session.drained();
    },
    close(ws) {
      ws.data.session.closed();
    },
  },
});

app.ready(server.port!, () => server.stop(), server);
