import type { ServerWebSocket } from "bun";
import type { Peer as CrossPeer } from "crossws";
import crossws from "crossws/adapters/bun";
import { endpointOf, Refusal } from "../gateway/admission.ts";
import { boot, hostname } from "../gateway/boot.ts";
import type { Data, Peer, Session } from "../gateway/peer.ts";
import { packageVersions } from "../gateway/version.ts";

const app = boot("bun/crossws", {
  framework: { name: "crossws", version: packageVersions("crossws") },
  utf8Validation: true,
  backlog: null,
});

interface Socket extends CrossPeer {
  readonly context: { readonly session: Session; readonly isEcho: boolean };
}

/** crossws gives its socket out behind a proxy, through which every method of the runtime's throws: this is what it keeps. */
const rawOf = (peer: Socket): ServerWebSocket =>
  (peer as unknown as { readonly _internal: { readonly ws: ServerWebSocket } })._internal.ws;

const peerOf = (peer: Socket): Peer => ({
  copiesOnSend: true,
  send: (data) => void peer.send(data, app.sending),
  bufferedBytes: () => peer.bufferedAmount,
  // crossws has no word for the runtime's cork.
  batch: (fill) => fill(),
  coalesce: (fill) => void rawOf(peer).cork(fill),
  close: (code, reason) => peer.close(code, reason),
  terminate: () => peer.terminate(),
  topics: {
    join: (topic) => peer.subscribe(topic),
    leave: (topic) => peer.unsubscribe(topic),
    publish: (topic, data) => peer.publish(topic, data, app.sending),
  },
});

const ws = crossws({
  idleTimeout: 0,
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
      if (isEcho) peer.send(rawData, app.sending);
      else session.received(rawData as Data, typeof rawData === "string");
    },
    drain: (peer) => (peer as Socket).context.session.drained(),
    close: (peer) => (peer as Socket).context.session.closed(),
  },
});

const server = Bun.serve({
  hostname,
  port: app.settings.PORT,
  reusePort: app.reusePort,
  ...app.secure,
  routes: { "/health": () => Response.json(app.health()) },
  fetch(request, bun) {
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return ws.handleUpgrade(request, bun);
    return new Response(null, { status: endpointOf(new URL(request.url).pathname) ? 426 : 404 });
  },
  websocket: {
    ...ws.websocket,
    perMessageDeflate: app.settings.DEFLATE,
    maxPayloadLength: app.settings.MAX_PAYLOAD_BYTES,
    backpressureLimit: app.settings.BACKPRESSURE_LIMIT_BYTES,
    closeOnBackpressureLimit: app.settings.SLOW_CONSUMER === "disconnect",
  },
});
app.ready(server.port!, () => server.stop(), server);
