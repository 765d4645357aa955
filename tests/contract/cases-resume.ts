import { expect } from "bun:test";
import type { MarketMessage } from "../../schemas/market.ts";
import type { Client } from "./client.ts";
import type { Case, Context } from "./context.ts";
import { publish, read, settled, type WireCodec } from "./market.ts";

const snapshots = "btcusdt@depth20";
const updates = "btcusdt@depth@100ms";
const streams = [snapshots, updates];
const tooOld = 4;

/** A snapshot for every fifth message, an update for the others. */
function message(n: number): MarketMessage {
  if (n % 5 === 0) {
    const data = { lastUpdateId: n, bids: [], asks: [["61837.64000000", "3.07316000"] as [string, string]] };
    return { kind: "depthSnapshot", stream: snapshots, data };
  }
  const data = {
    e: "depthUpdate" as const,
    E: 1_700_000_000_000 + n,
    s: "BTCUSDT",
    U: n,
    u: n,
    b: [],
    a: [],
  };
  return { kind: "depthUpdate", stream: updates, data };
}

/** A publisher whose messages are kept, with those before `count` sent and taken. */
async function keeper(context: Context, codec: WireCodec, count: number, port?: number, query = "") {
  const publisher = await context.open(`/publish?keep=on${query}`, port);
  for (let n = 0; n < count; n++) publish(publisher, codec, message(n), n);
  await settled(publisher);
  return publisher;
}

const subscribe = (client: Client, id: number, params: readonly string[] = streams) =>
  client.ask({ method: "SUBSCRIBE", params, id });

const refused = (id: number) => ({ error: { code: tooOld, msg: expect.stringMatching(/./) }, id });

async function receives(client: Client, numbers: readonly number[]): Promise<void> {
  for (const n of numbers) expect(read(await client.message())).toEqual({ n, message: message(n) });
}

async function fromSequence(context: Context, codec: WireCodec): Promise<void> {
  for (const broadcast of context.candidate.broadcast) {
    const publisher = await keeper(context, codec, 12, undefined, `&broadcast=${broadcast}`);
    const client = await context.open(`/feed?codec=${codec}&from=7`);
    const some = await context.open(`/feed?codec=${codec}&from=4`);
    expect(await subscribe(client, 1)).toEqual({ result: null, id: 1 });
    expect(await subscribe(some, 1, [snapshots])).toEqual({ result: null, id: 1 });
    for (let n = 12; n < 16; n++) publish(publisher, codec, message(n), n);
    await receives(client, [7, 8, 9, 10, 11, 12, 13, 14, 15]);
    await receives(some, [5, 10, 15]);
  }
}

export const resumeCases: readonly Case[] = [
  { id: "resume/from-sequence-json", run: (context) => fromSequence(context, "json") },
  {
    id: "resume/from-sequence-sbe",
    when: ({ codecs }) => codecs.includes("sbe"),
    run: (context) => fromSequence(context, "sbe"),
  },
  {
    id: "resume/from-snapshot",
    async run(context) {
      const publisher = await keeper(context, "json", 13);
      const client = await context.open("/feed?from=snapshot");
      expect(await subscribe(client, 1)).toEqual({ result: null, id: 1 });
      publish(publisher, "json", message(13), 13);
      await receives(client, [10, 11, 12, 13]);
    },
  },
  {
    id: "resume/too-old-then-snapshot",
    async run(context) {
      const { port } = await context.start({ REPLAY_MESSAGES: "4" });
      const before = await context.open("/feed?from=0", port);
      expect(await subscribe(before, 1)).toEqual(refused(1));
      const publisher = await keeper(context, "json", 12, port);
      const next = await context.open("/feed?from=12", port);
      expect(await subscribe(next, 1)).toEqual({ result: null, id: 1 });
      const ahead = await context.open("/feed?from=13", port);
      expect(await subscribe(ahead, 1)).toEqual(refused(1));
      const client = await context.open("/feed?from=7", port);
      expect(await subscribe(client, 1)).toEqual(refused(1));
      publish(publisher, "json", message(12), 12);
      await settled(publisher);
      expect(await subscribe(client, 2)).toEqual({ result: null, id: 2 });
      publish(publisher, "json", message(13), 13);
      await receives(client, [10, 11, 12, 13]);
      await receives(next, [12, 13]);
    },
  },
  {
    id: "resume/nothing-is-kept-unasked",
    async run(context) {
      // The sequences that another publisher kept end with its last: one that begins anew takes their place.
      await keeper(context, "json", 1);
      const publisher = await context.open("/publish");
      publish(publisher, "json", message(1), 1);
      await settled(publisher);
      const client = await context.open("/feed?from=1");
      expect(await subscribe(client, 1)).toEqual({ result: null, id: 1 });
      publish(publisher, "json", message(2), 2);
      await receives(client, [2]);
    },
  },
  {
    id: "resume/bad-query",
    async run(context) {
      for (const path of [
        "/feed?from=soon",
        "/feed?from=-1",
        "/publish?keep=maybe",
        "/publish?keep=on&mode=transcode",
      ]) {
        expect((await context.dial().request(path)).status).toBe(400);
      }
    },
  },
];
