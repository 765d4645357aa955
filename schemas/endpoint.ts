import { z } from "zod";

const path = z.string().regex(/^\/\S*$/, "must begin with a slash and hold no space");

/** Where each workload connects, as a path on the server. */
export const paths = z.strictObject({
  echo: path.default("/echo"),
  push: path.default("/push"),
  feed: path.default("/feed"),
  publish: path.default("/publish"),
});
export type Paths = z.infer<typeof paths>;

/** What the handshake itself says (RFC 6455 section 4.1) or what would announce a body: a second one makes it a bad request. */
const handshakeHeader = /^(host|upgrade|connection|content-length|transfer-encoding|sec-websocket-.*)$/i;

/** Why a header cannot go along with the upgrade request; null where it can. */
function headerFault(name: string, value: string): string | null {
  if (!/^[\w-]+$/.test(name)) {
    return `must be the name of a header: letters, digits and dashes, got ${JSON.stringify(name)}`;
  }
  if (handshakeHeader.test(name)) {
    const instead = /^sec-websocket-protocol$/i.test(name) ? "give it as subprotocol" : "leave it out";
    return `must be no part of the handshake, which the tool writes itself, got ${name}; ${instead}`;
  }
  return /^[^\p{Cc}]*$/u.test(value) ? null : "must be one line, without control characters";
}

/** Headers beside the handshake's own. */
const headers = z.record(z.string(), z.string()).superRefine((given, context) => {
  for (const [name, value] of Object.entries(given)) {
    const message = headerFault(name, value);
    if (message !== null) context.addIssue({ code: "custom", path: [name], message });
  }
});

/** How a server is spoken to: its address but for the port, its paths, and what goes into the upgrade. */
export const endpoint = z.strictObject({
  /** Loopback alone: load is sent to this machine and no other. `localhost` is whichever of the two answers. */
  host: z.enum(["127.0.0.1", "::1", "localhost"]).default("127.0.0.1"),
  paths: paths.prefault({}),
  /** Offered, and to be agreed on. */
  subprotocol: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, "must be one token (RFC 6455 section 4.1), without spaces or commas")
    .nullable()
    .default(null),
  headers: headers.default({}),
});
export type Endpoint = z.infer<typeof endpoint>;

/** How every candidate of the manifest is spoken to. */
export const builtInEndpoint: Endpoint = endpoint.parse({});
