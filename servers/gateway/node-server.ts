import { createServer as createPlainServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Settings } from "./settings.ts";
import type { Secure } from "./tls.ts";

/** An HTTP server of Node's, over TLS where there is a certificate. */
export function createHttpServer({ tls }: Secure, listener: RequestListener): Server {
  return tls === undefined ? createPlainServer(listener) : createTlsServer(tls, listener);
}

/** The same as options of @hono/node-server, which makes its server itself. */
export const adaptorOptions = ({ tls }: Secure) =>
  tls === undefined ? {} : { createServer: createTlsServer, serverOptions: { ...tls } };

/**
 * Options of a ws server for messages. With permessage-deflate it compresses short ones too, which by default it does only
 * where the client lets it keep its window; the other frameworks compress every message.
 */
export const messageOptions = ({ DEFLATE, MAX_PAYLOAD_BYTES }: Settings) => ({
  perMessageDeflate: DEFLATE ? { threshold: 0 } : false,
  maxPayload: MAX_PAYLOAD_BYTES,
});
