import { STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { endpointOf, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import { createHttpServer, messageOptions } from "../gateway/node-server.ts";
import type { Peer, Session } from "../gateway/peer.ts";

const app = boot("bun/ws", {
  // Bun answers the import of "ws" with its own implementation, whatever is installed.
  framework: { name: "ws (Bun's own)", version: Bun.version },
  utf8Validation: true,
  backlog: null,
});

const peerOf = (ws: WebSocket): Peer => ({
  copiesOnSend: false,
  send: (data, isText, flushed) => ws.send(data, { binary: !isText }, flushed),
  bufferedBytes: () => ws.bufferedAmount,
  batch: (fill) => fill(),
  close: (code, reason) => ws.close(code, reason),
  terminate: () => ws.terminate(),
});

const server = createHttpServer(app.secure, (request, response) => {
  if (request.url === "/health") {
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(app.health()));
  } else {
    response.writeHead(endpointOf(request.url ?? "") ? 426 : 404).end();
  }
});
const wss = new WebSocketServer({ noServer: true, ...messageOptions(app.settings) });

server.on("upgrade", (request, socket, head) => {
  // Nobody else listens until the handshake: a reset by the client would end the process.
  socket.on("error", () => socket.destroy());
  const url = new URL(request.url ?? "/", "http://localhost");
  const endpoint = endpointOf(url.pathname);
  const session = app.gateway.admit(endpoint, Object.fromEntries(url.searchParams));
  if (session instanceof Refusal) {
    const { status, message } = session;
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: ${message.length}\r\n\r\n${message}`,
    );
    return;
  }
  wss.handleUpgrade(request, socket, head, (ws) => serve(ws, session, endpoint === "echo"));
});

function serve(ws: WebSocket, session: Session, isEcho: boolean): void {
  session.opened(peerOf(ws));
  ws.on("error", () => {});
  ws.on("close", () => session.closed());
  if (isEcho) ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
  else ws.on("message", (data, isBinary) => session.received(data as Buffer<ArrayBuffer>, !isBinary));
}

server.listen(app.settings.PORT, hostname, () => {
  const { port } = server.address() as AddressInfo;
  app.ready(port, () => new Promise((resolve) => server.close(resolve)));
});
