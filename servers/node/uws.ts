import { endpointOf, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import type { Peer, Session } from "../gateway/peer.ts";
import { loadUws, type UwsSocket } from "../gateway/uws.ts";

interface Data {
  readonly isEcho: boolean;
  readonly session: Session;
}

const uws = loadUws();
const app = boot("node/uws", {
  framework: { name: "uWebSockets.js", version: uws.version },
  utf8Validation: true,
  backlog: null,
});

const peerOf = (ws: UwsSocket<Data>): Peer => ({
  copiesOnSend: true,
  send: (data, isText) => void ws.send(data, !isText, app.settings.DEFLATE),
  bufferedBytes: () => ws.getBufferedAmount(),
  batch: (fill) => void ws.cork(fill),
  coalesce: (fill) => void ws.cork(fill),
  close: (code, reason) => ws.end(code, reason),
  terminate: () => ws.close(),
  topics: {
    join: (topic) => void ws.subscribe(topic),
    leave: (topic) => void ws.unsubscribe(topic),
    // A socket that is subscribed to nothing cannot publish.
    publish: (topic, data) =>
      void server.publish(topic, data, typeof data !== "string", app.settings.DEFLATE),
  },
});

const { TLS_CERT_FILE: cert_file_name, TLS_KEY_FILE: key_file_name, DEFLATE } = app.settings;
const server = app.secure.tls === undefined ? uws.App() : uws.SSLApp({ cert_file_name, key_file_name });
server.get("/health", (response) => {
  response.writeHeader("Content-Type", "application/json").end(JSON.stringify(app.health()));
});
server.ws<Data>("/:endpoint", {
  compression: DEFLATE ? uws.SHARED_COMPRESSOR : 0,
  maxPayloadLength: app.settings.MAX_PAYLOAD_BYTES,
  maxBackpressure: app.settings.BACKPRESSURE_LIMIT_BYTES,
  closeOnBackpressureLimit: app.settings.SLOW_CONSUMER === "disconnect",
  idleTimeout: 0,
  upgrade(response, request, context) {
    const endpoint = endpointOf(request.getUrl());
    const session = app.gateway.admit(endpoint, Object.fromEntries(new URLSearchParams(request.getQuery())));
    if (session instanceof Refusal) {
      response.writeStatus(`${session.status} Refused`).end(session.message);
      return;
    }
    const [key = "", protocol = "", extensions = ""] = ["key", "protocol", "extensions"].map((name) =>
      request.getHeader(`sec-websocket-${name}`),
    );
    response.upgrade<Data>({ isEcho: endpoint === "echo", session }, key, protocol, extensions, context);
  },
  open: (ws) => ws.getUserData().session.opened(peerOf(ws)),
  message(ws, message, isBinary) {
    const { isEcho, session } = ws.getUserData();
    if (isEcho) ws.send(message, isBinary, DEFLATE);
    // The bytes are gone when this returns, and a subscriber may be owed them for longer: both of these copy.
    else if (isBinary) session.received(Buffer.from(message.slice(0)), false);
    else session.received(Buffer.from(message).toString(), true);
  },
  drain: (ws) => ws.getUserData().session.drained(),
  close: (ws) => ws.getUserData().session.closed(),
});
server.any("/*", (response, request) => {
  response.writeStatus(endpointOf(request.getUrl()) ? "426 Upgrade Required" : "404 Not Found").end();
});

server.listen(hostname, app.settings.PORT, (socket) => {
  // All that uWebSockets.js says of a failure is that it did.
  if (socket === false) throw Object.assign(new Error("cannot listen"), { code: "EADDRINUSE" });
  app.ready(uws.us_socket_local_port(socket), async () => uws.us_listen_socket_close(socket));
});
