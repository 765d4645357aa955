import { expect } from "bun:test";
import { broadcasts, health } from "../../schemas/ready.ts";
import type { Case, Context } from "./context.ts";
import { encodeFrame, opcodes } from "./frame.ts";

async function refuses(
  context: Context,
  path: string,
  changes: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { status } = await context.dial().request(path, changes);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
}

/** Whatever else it answers to a request that is none for an upgrade, it does not upgrade. */
async function upgradesNot(
  context: Context,
  changes: Readonly<Record<string, string | undefined>>,
  method = "GET",
): Promise<void> {
  const { status } = await context.dial().request("/echo", changes, undefined, method);
  expect(status).not.toBe(101);
}

export const httpCases: readonly Case[] = [
  {
    id: "http/plain-request-to-websocket-path",
    async run(context) {
      for (const path of ["/echo", "/push", "/feed", "/publish"]) {
        await refuses(context, path, {
          Upgrade: undefined,
          Connection: "close",
          "Sec-WebSocket-Key": undefined,
          "Sec-WebSocket-Version": undefined,
        });
      }
    },
  },
  { id: "http/unknown-path", run: (context) => refuses(context, "/nothing-here", {}) },
  {
    id: "http/wrong-websocket-version",
    run: (context) => refuses(context, "/echo", { "Sec-WebSocket-Version": "12" }),
  },
  {
    id: "http/missing-websocket-version",
    run: (context) => refuses(context, "/echo", { "Sec-WebSocket-Version": undefined }),
  },
  { id: "http/missing-key", run: (context) => refuses(context, "/echo", { "Sec-WebSocket-Key": undefined }) },
  { id: "http/malformed-key", run: (context) => refuses(context, "/echo", { "Sec-WebSocket-Key": "short" }) },
  {
    id: "http/missing-upgrade-header",
    run: (context) => upgradesNot(context, { Upgrade: undefined }),
  },
  {
    id: "http/missing-connection-header",
    run: (context) => upgradesNot(context, { Connection: undefined }),
  },
  { id: "http/upgrade-by-post", run: (context) => upgradesNot(context, {}, "POST") },
  {
    id: "http/bad-query",
    async run(context) {
      for (const path of ["/feed?codec=xml", "/publish?mode=teleport", "/publish?broadcast=shout"]) {
        const { status } = await context.dial().request(path);
        expect(status).toBe(400);
      }
    },
  },
  {
    id: "http/unserved-broadcast-refused",
    when: (candidate) => broadcasts.some((broadcast) => !candidate.broadcast.includes(broadcast)),
    async run(context) {
      for (const broadcast of broadcasts.filter((one) => !context.candidate.broadcast.includes(one))) {
        expect((await context.dial().request(`/publish?broadcast=${broadcast}`)).status).toBe(400);
      }
    },
  },
  {
    id: "http/no-deflate-unless-asked",
    async run(context) {
      const { status, headers } = await context.dial().request("/echo");
      expect(status).toBe(101);
      expect(headers.has("sec-websocket-extensions")).toBe(false);
    },
  },
  {
    id: "http/deflate-offer-declined",
    async run(context) {
      const client = context.dial();
      const { status, headers } = await client.request("/echo", {
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
      });
      expect(status).toBe(101);
      expect(headers.has("sec-websocket-extensions")).toBe(false);
      client.text("a".repeat(1000));
      const frame = await client.frame();
      expect(frame.rsv).toBe(0);
      expect(frame.payload.length).toBe(1000);
    },
  },
  {
    id: "http/frame-right-behind-the-upgrade",
    async run(context) {
      const client = context.dial();
      const text = encodeFrame(opcodes.text, Buffer.from("in the same breath"));
      expect((await client.request("/echo", {}, text)).status).toBe(101);
      // The pong is what a server answers that has lost the text, so that nobody waits for it.
      client.send(opcodes.ping, "and then");
      expect((await client.frame()).payload.toString()).toBe("in the same breath");
    },
  },
  {
    id: "http/reset-during-upgrade",
    async run(context) {
      // A server of its own: the others must not pay for one that dies of this.
      const { port, exited } = await context.start({});
      let alive = true;
      void exited.then(() => {
        alive = false;
      });
      for (let n = 0; n < 60; n++) {
        const client = context.dial(port);
        const path = n % 2 === 0 ? "/echo" : "/feed?codec=xml";
        const answer = client.request(path).catch(() => undefined);
        if (n % 3 === 0) await answer;
        else await client.written();
        client.socket.resetAndDestroy();
        await client.ended;
      }
      const open = await context.open("/echo", port);
      open.text("still here");
      expect((await open.message()).text).toBe("still here");
      expect(alive).toBe(true);
    },
  },
  {
    id: "http/health",
    async run(context) {
      await context.open("/feed");
      await context.open("/echo");
      const response = await fetch(`http://127.0.0.1:${context.server.port}/health`);
      expect(response.status).toBe(200);
      const { uptimeMs, rssBytes, openConnections, ...line } = health.parse(await response.json());
      expect(line).toEqual(context.ready);
      expect(uptimeMs).toBeGreaterThan(0);
      expect(rssBytes).toBeGreaterThan(1_000_000);
      expect(openConnections).toBeGreaterThanOrEqual(2);
    },
  },
];
