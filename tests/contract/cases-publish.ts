import { expect } from "bun:test";
import { type Broadcast, broadcasts } from "../../schemas/ready.ts";
import type { Case, Context } from "./context.ts";
import { encodeFrame, opcodes } from "./frame.ts";
import { publish, quote, read, settled, subscriber, trade, type WireCodec } from "./market.ts";

const streams = ["btcusdt@trade", "btcusdt@bookTicker"];
const messageOf = (n: number) => (n % 3 === 0 ? trade(n) : quote(n));
const count = 300;

/** Messages of two streams reach every subscriber once and in order, whatever the codec it asked for. */
async function ordered(
  context: Context,
  mode: string,
  broadcast: Broadcast,
  upstream: WireCodec,
): Promise<void> {
  const wanted: readonly WireCodec[] = ["json", "sbe", "json", "sbe"];
  const subscribers = await Promise.all(wanted.map((codec) => subscriber(context, streams, codec)));
  const publisher = await context.open(`/publish?mode=${mode}&broadcast=${broadcast}`);
  for (let n = 0; n < count; n++) publish(publisher, upstream, messageOf(n), n);
  for (const [index, client] of subscribers.entries()) {
    for (let n = 0; n < count; n++) {
      const message = await client.message();
      const codec = mode === "passthrough" ? upstream : wanted[index];
      expect(message.isText).toBe(codec === "json");
      expect(read(message)).toEqual({ n, message: messageOf(n) });
    }
  }
}

function orderCases(): Case[] {
  const cases: Case[] = [];
  for (const mode of ["passthrough", "transcode"]) {
    for (const broadcast of broadcasts) {
      for (const codec of ["json", "sbe"] as const) {
        cases.push({
          id: `publish/order-${mode}-${broadcast}-${codec}`,
          when: ({ broadcast: served, codecs }) => served.includes(broadcast) && codecs.includes(codec),
          run: (context) => ordered(context, mode, broadcast, codec),
        });
      }
    }
  }
  return cases;
}

async function sameBytes(context: Context, codec: WireCodec): Promise<void> {
  const client = await subscriber(context, streams);
  const publisher = await context.open("/publish");
  for (let n = 0; n < 20; n++) {
    const sent = publish(publisher, codec, messageOf(n), n);
    expect((await client.message()).bytes.toString("latin1")).toBe(sent.toString("latin1"));
  }
}

/** The publisher is told, subscribers see nothing of it, and the next message goes through. */
async function refuses(context: Context, mode: string, broken: readonly [number, Buffer][]): Promise<void> {
  const client = await subscriber(context, streams);
  const publisher = await context.open(`/publish?mode=${mode}`);
  for (const [opcode, bytes] of broken) {
    publisher.send(opcode, bytes);
    const reply: unknown = JSON.parse((await publisher.message()).text);
    expect(reply).toEqual({ error: { code: expect.any(Number), msg: expect.stringMatching(/./) }, id: null });
  }
  publish(publisher, "json", quote(7), 7);
  expect(read(await client.message()).n).toBe(7);
}

const text = (value: string): [number, Buffer] => [opcodes.text, Buffer.from(value)];
const binary = (...bytes: number[]): [number, Buffer] => [opcodes.binary, Buffer.from(bytes)];

export const publishCases: readonly Case[] = [
  ...orderCases(),
  { id: "publish/passthrough-json-bytes", run: (context) => sameBytes(context, "json") },
  { id: "publish/passthrough-sbe-bytes", run: (context) => sameBytes(context, "sbe") },
  {
    id: "publish/invalid-in-transcode",
    run: (context) =>
      refuses(context, "transcode", [
        text("not json"),
        text("{}"),
        text('{"stream":"btcusdt@trade","data":{"e":"trade"}}'),
        text('{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":1.5,"B":"1","a":"1","A":"1"}}'),
        binary(),
        binary(1, 2, 3),
        binary(50, 0, 0x11, 0x27, 1, 0, 0, 0, 1, 2, 3),
      ]),
  },
  {
    id: "publish/nameless-in-passthrough",
    run: (context) =>
      refuses(context, "passthrough", [text("not json"), text("{}"), binary(), binary(1, 2, 3)]),
  },
  {
    id: "publish/only-to-the-subscribers-of-the-stream",
    async run(context) {
      for (const broadcast of context.candidate.broadcast) {
        const both = await subscriber(context, streams);
        const trades = await subscriber(context, ["btcusdt@trade"]);
        const publisher = await context.open(`/publish?broadcast=${broadcast}`);
        publish(publisher, "json", quote(0), 0);
        publish(publisher, "json", trade(1), 1);
        expect(read(await both.message()).n).toBe(0);
        expect(read(await both.message()).n).toBe(1);
        expect(read(await trades.message()).n).toBe(1);
      }
    },
  },
  {
    id: "publish/nothing-after-unsubscribe",
    async run(context) {
      for (const broadcast of context.candidate.broadcast) {
        const client = await subscriber(context, streams);
        const publisher = await context.open(`/publish?broadcast=${broadcast}`);
        publish(publisher, "json", quote(0), 0);
        expect(read(await client.message()).n).toBe(0);
        await client.ask({ method: "UNSUBSCRIBE", params: ["btcusdt@bookTicker"], id: 2 });
        publish(publisher, "json", quote(1), 1);
        publish(publisher, "json", trade(2), 2);
        expect(read(await client.message()).n).toBe(2);
      }
    },
  },
  {
    id: "publish/without-subscribers",
    async run(context) {
      const publisher = await context.open("/publish?mode=transcode");
      for (let n = 0; n < 10; n++) publish(publisher, "json", quote(n), n);
      await settled(publisher);
    },
  },
  {
    id: "publish/publisher-gone-in-the-middle-of-a-frame",
    async run(context) {
      const client = await subscriber(context, streams);
      const first = await context.open("/publish");
      publish(first, "json", quote(0), 0);
      expect(read(await client.message()).n).toBe(0);
      first.socket.write(encodeFrame(opcodes.text, Buffer.alloc(2000, 0x20)).subarray(0, 1000));
      first.socket.resetAndDestroy();
      const second = await context.open("/publish");
      publish(second, "json", quote(1), 1);
      expect(read(await client.message()).n).toBe(1);
    },
  },
  {
    id: "publish/subscriber-gone-without-goodbye",
    async run(context) {
      for (const broadcast of context.candidate.broadcast) {
        const [gone, stays] = [await subscriber(context, streams), await subscriber(context, streams)];
        const publisher = await context.open(`/publish?broadcast=${broadcast}`);
        for (let n = 0; n < count; n++) {
          publish(publisher, "json", quote(n), n);
          if (n === 100) gone.socket.resetAndDestroy();
        }
        for (let n = 0; n < count; n++) expect(read(await stays.message()).n).toBe(n);
      }
    },
  },
];
