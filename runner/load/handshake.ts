import { createHash } from "node:crypto";
import { visible } from "../../schemas/visible.ts";

/** The server's answer to an upgrade request that does not open a WebSocket. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";
  /** The HTTP status; null when the answer was no HTTP response. */
  readonly status: number | null;
  /** What was asked for, where the answer was another status than 101. */
  readonly refusedPath: string | null;

  constructor(status: number | null, message: string, refusedPath: string | null = null) {
    super(visible(message));
    this.status = status;
    this.refusedPath = refusedPath;
  }
}

/**
 * What is offered for permessage-deflate (RFC 7692). Neither side keeps a window from message to message, so that every server
 * compresses each message on its own, whatever it does by default.
 */
const deflateOffer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

export interface UpgradeRequest {
  readonly host: string;
  readonly port: number;
  /** Path and query, from the slash. */
  readonly path: string;
  readonly protocols?: readonly string[];
  /** Further header lines. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Value of Sec-WebSocket-Extensions; no extension is offered, nor accepted, without it. */
  readonly extensions?: string;
  /** Offers permessage-deflate, and takes no answer that does not agree to it. */
  readonly deflate?: boolean | undefined;
}

export interface UpgradeResponse {
  readonly status: number;
  /** Names in lower case; a repeated header is joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
  /** Protocol agreed on, "" for none. */
  readonly protocol: string;
  readonly extensions: string;
}

/** RFC 6455 section 1.3. */
const acceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const maxResponseBytes = 16_384;

/** 16 random bytes in base64, for Sec-WebSocket-Key. */
export function randomKey(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toBase64();
}

/** What Sec-WebSocket-Accept must be for `key`. */
export function acceptOf(key: string): string {
  return createHash("sha1")
    .update(key + acceptGuid)
    .digest("base64");
}

/** The text of an upgrade request with `key` as its Sec-WebSocket-Key (RFC 6455 section 4.1). */
export function upgradeRequest(request: UpgradeRequest, key: string): string {
  const lines = [
    `GET ${request.path} HTTP/1.1`,
    `Host: ${request.host.includes(":") ? `[${request.host}]` : request.host}:${request.port}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
  ];
  if (request.protocols?.length) lines.push(`Sec-WebSocket-Protocol: ${request.protocols.join(", ")}`);
  for (const [name, value] of Object.entries(request.headers ?? {})) lines.push(`${name}: ${value}`);
  const extensions = request.deflate === true ? deflateOffer : request.extensions;
  if (extensions) lines.push(`Sec-WebSocket-Extensions: ${extensions}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Reads the response to one upgrade request from a stream split anywhere. */
export class UpgradeReader {
  readonly #request: UpgradeRequest;
  readonly #key: string;
  /** Made where a header comes in pieces: 16 KiB for each of thousands of connections would be the client's largest cost. */
  #held: Uint8Array | undefined;
  #heldBytes = 0;

  constructor(request: UpgradeRequest, key: string) {
    this.#request = request;
    this.#key = key;
  }

  /**
   * Takes the next bytes. Gives undefined until the header has ended; then the response and the offset in
   * `chunk` at which frames begin. Throws HandshakeError when it opens no WebSocket or passes 16 KiB.
   */
  push(chunk: Uint8Array): { response: UpgradeResponse; rest: number } | undefined {
    const before = this.#heldBytes;
    const taken = chunk.subarray(0, maxResponseBytes - before);
    this.#heldBytes += taken.length;
    const seen = before === 0 ? taken : this.#hold(taken, before);
    const text = Buffer.from(seen.buffer, seen.byteOffset, this.#heldBytes).toString("latin1");
    const end = text.indexOf("\r\n\r\n", Math.max(0, before - 3));
    if (end < 0) {
      if (this.#heldBytes === maxResponseBytes) {
        throw new HandshakeError(null, `the upgrade response has no end within ${maxResponseBytes} bytes`);
      }
      if (before === 0) this.#hold(taken, 0);
      return undefined;
    }
    return {
      response: checkedResponse(text.slice(0, end), this.#request, this.#key),
      rest: end + 4 - before,
    };
  }

  /** Puts bytes behind those that are held, and gives all of them. */
  #hold(bytes: Uint8Array, at: number): Uint8Array {
    this.#held ??= new Uint8Array(maxResponseBytes);
    this.#held.set(bytes, at);
    return this.#held;
  }
}

/** RFC 6455 section 4.1, the client's checks 1 to 6. */
function checkedResponse(text: string, request: UpgradeRequest, key: string): UpgradeResponse {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const match = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(statusLine);
  if (match === null) {
    throw new HandshakeError(null, `not an HTTP/1.1 response: ${JSON.stringify(statusLine.slice(0, 80))}`);
  }
  const status = Number(match[1]);
  if (status !== 101) {
    const reason = `the upgrade on ${request.path} was answered ${statusLine.slice(9, 89)}`;
    throw new HandshakeError(status, reason, request.path);
  }
  const headers = parseHeaders(lines);
  const refuse = (rule: string): HandshakeError => new HandshakeError(status, rule);
  const header = (name: string): string => headers.get(name) ?? "";
  if (header("upgrade").toLowerCase() !== "websocket") throw refuse("the Upgrade header is not websocket");
  if (!/(^|,)\s*upgrade\s*(,|$)/i.test(header("connection"))) {
    throw refuse("the Connection header is without upgrade");
  }
  if (header("sec-websocket-accept") !== acceptOf(key)) {
    throw refuse("Sec-WebSocket-Accept does not match the key that was sent");
  }
  const extensions = header("sec-websocket-extensions");
  if (request.deflate === true) {
    if (!/^permessage-deflate\b.*\bserver_no_context_takeover\b/.test(extensions)) {
      const got = extensions === "" ? "nothing" : extensions;
      throw refuse(`permessage-deflate was offered with server_no_context_takeover, and ${got} was agreed`);
    }
  } else if (extensions !== "" && !request.extensions) {
    throw refuse(`extensions were not asked for, yet agreed: ${extensions}`);
  }
  const protocol = header("sec-websocket-protocol");
  if (protocol !== "" && !request.protocols?.includes(protocol)) {
    const selected = JSON.stringify(protocol.slice(0, 80));
    const expected = request.protocols?.length ? JSON.stringify(request.protocols.join(", ")) : "none";
    throw refuse(`the server selected the subprotocol ${selected}, ${expected} was expected`);
  }
  return { status, headers, protocol, extensions };
}

function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0)
      throw new HandshakeError(101, `a header line without a name: ${JSON.stringify(line.slice(0, 80))}`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return headers;
}
