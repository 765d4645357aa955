import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  acceptOf,
  HandshakeError,
  randomKey,
  UpgradeReader,
  type UpgradeRequest,
  upgradeRequest,
} from "./handshake.ts";

// The key and its answer are the example of RFC 6455 section 1.3.
const key = "dGhlIHNhbXBsZSBub25jZQ==";
const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const request: UpgradeRequest = { host: "127.0.0.1", port: 80, path: "/echo?a=1" };

function response(
  headers: Record<string, string | undefined> = {},
  status = "101 Switching Protocols",
): Buffer {
  const all = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": accept, ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join("\r\n")}\r\n\r\n`);
}

const read = (bytes: Buffer, asked = request) => new UpgradeReader(asked, key).push(bytes);

test("Sec-WebSocket-Accept of the RFC's example", () => {
  expect(acceptOf(key)).toBe(accept);
});

test("further headers are sent, and an IPv6 address goes in brackets", () => {
  const text = upgradeRequest({ ...request, host: "::1", headers: { "X-Token": "t" } }, key);
  expect(text).toContain("\r\nHost: [::1]:80\r\n");
  expect(text).toEndWith("\r\nX-Token: t\r\n\r\n");
});

test("the request is what section 4.1 asks for", () => {
  const text = upgradeRequest({ ...request, protocols: ["a", "b"], extensions: "permessage-deflate" }, key);
  expect(text).toBe(
    "GET /echo?a=1 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n` +
      "Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
  );
  expect(Buffer.from(randomKey(), "base64")).toHaveLength(16);
  expect(randomKey()).not.toBe(randomKey());
});

test("the response is read from any split, and tells where frames begin", () => {
  const bytes = Buffer.concat([response(), Buffer.from("frames")]);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
      const reader = new UpgradeReader(request, key);
      let from = 0;
      for (const to of [...cuts.sort((a, b) => a - b), bytes.length]) {
        const chunk = bytes.subarray(from, to);
        from = to;
        const done = reader.push(chunk);
        if (done === undefined) continue;
        expect(done.response.status).toBe(101);
        expect(Buffer.concat([chunk.subarray(done.rest), bytes.subarray(from)]).toString()).toBe("frames");
        return;
      }
      throw new Error("never read");
    }),
    { seed: 1 },
  );
});

test("header names and tokens in any case, among others", () => {
  const done = read(response({ Upgrade: "WebSocket", Connection: "keep-alive, upgrade", Server: "x" }));
  expect(done?.response.headers.get("server")).toBe("x");
});

test("a subprotocol and an extension that were asked for", () => {
  const asked = { ...request, protocols: ["feed"], extensions: "permessage-deflate" };
  const headers = { "Sec-WebSocket-Protocol": "feed", "Sec-WebSocket-Extensions": "permessage-deflate" };
  expect(read(response(headers), asked)?.response).toMatchObject({
    protocol: "feed",
    extensions: "permessage-deflate",
  });
});

const refusals: [name: string, bytes: Buffer, message: string, status: number | null][] = [
  ["not HTTP", Buffer.from("SSH-2.0\r\n\r\n"), 'not an HTTP/1.1 response: "SSH-2.0"', null],
  [
    "another status",
    response({}, "426 Upgrade Required"),
    "the upgrade on /echo?a=1 was answered 426 Upgrade Required",
    426,
  ],
  ["wrong accept", response({ "Sec-WebSocket-Accept": acceptOf("x") }), "does not match the key", 101],
  ["no accept", response({ "Sec-WebSocket-Accept": undefined }), "does not match the key", 101],
  ["no upgrade", response({ Upgrade: undefined }), "the Upgrade header is not websocket", 101],
  ["no connection", response({ Connection: "keep-alive" }), "the Connection header is without upgrade", 101],
  [
    "extension",
    response({ "Sec-WebSocket-Extensions": "x" }),
    "extensions were not asked for, yet agreed: x",
    101,
  ],
  [
    "subprotocol",
    response({ "Sec-WebSocket-Protocol": "x" }),
    'the server selected the subprotocol "x", none was expected',
    101,
  ],
  ["nameless header", response({ "": "x" }), "a header line without a name", 101],
  ["no end", Buffer.alloc(20_000, "x"), "no end within 16384 bytes", null],
];

for (const [name, bytes, message, status] of refusals) {
  test(`refused: ${name}`, () => {
    const failure = (() => {
      try {
        return read(bytes);
      } catch (error) {
        return error;
      }
    })();
    if (!(failure instanceof HandshakeError)) throw new Error("not refused");
    expect(failure.message).toContain(message);
    expect(failure.status).toBe(status);
  });
}
