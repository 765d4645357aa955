import type { AddressInfo } from "node:net";
import type { Peer as CrossPeer } from "crossws";
import crossws from "crossws/adapters/node";
import type { WebSocket } from "ws";
import { endpointOf, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import { corked } from "../gateway/cork.ts";
import { createHttpServer, messageOptions } from "../gateway/node-server.ts";
import type { Data, Peer, Session } from "../gateway/peer.ts";
import { packageVersions } from "../gateway/version.ts";
import { backlog } from "../manifest.ts";

const app = boot("node/crossws", {
  framework: { name: "crossws", version: packageVersions("crossws") },
  utf8Validation: true,
  backlog,
});

interface Socket extends CrossPeer {
  readonly context: { readonly session: Session; readonly isEcho: boolean };
}

const peerOf = (peer: Socket): Peer => ({
  copiesOnSend: false,
  send: (data) => void peer.send(data),
  bufferedBytes: () => peer.bufferedAmount,
  batch: (fill) => fill(),
  coalesce: (fill) => corked(peer.websocket as unknown as WebSocket, fill),
  close: (code, reason) => peer.close(code, reason),
  terminate: () => peer.terminate(),
});

const ws = crossws({
  idleTimeout: 0,
  serverOptions: messageOptions(app.settings),
  hooks: {
    upgrade({ url }) {
      const { pathname, searchParams } = new URL(url);
      const endpoint = endpointOf(pathname);
      const session = app.gateway.admit(endpoint, Object.fromEntries(searchParams));
      if (session instanceof Refusal) return new Response(session.message, { status: session.status });
      return { context: { session, isEcho: endpoint === "echo" } };
    },
    open(peer) {
      (peer as Socket).context.session.opened(peerOf(peer as Socket));
    },
    message(peer, { rawData }) {
      const { session, isEcho } = (peer as Socket).context;
      if (isEcho) peer.send(rawData);
      else session.received(rawData as Data, typeof rawData === "string");
    },
    drain: (peer) => (peer as Socket).context.session.drained(),
    close: (peer) => (peer as Socket).context.session.closed(),
  },
});

const server = createHttpServer(app.secure, (request, response) => {
  if (request.url === "/health") {
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(app.health()));
  } else {
    response.writeHead(endpointOf(request.url ?? "") ? 426 : 404).end();
  }
});
server.on("upgrade", (request, socket, head) => {
  // crossws does not listen until the handshake: a reset by the client would end the process.
  socket.on("error", () => socket.destroy());
  void ws.handleUpgrade(request, socket, head);
});
server.listen(app.settings.PORT, hostname, backlog, () => {
  const { port } = server.address() as AddressInfo;
  app.ready(port, () => new Promise((resolve) => server.close(resolve)));
});
