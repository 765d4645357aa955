import { expect } from "bun:test";
import { type Broadcast, broadcasts, type SlowConsumerPolicy } from "../../schemas/ready.ts";
import { type Books, booksFor } from "./books.ts";
import type { Client, Message } from "./client.ts";
import type { Case, Context } from "./context.ts";
import { publish, quote, read, settled, subscriber } from "./market.ts";

const streams = ["btcusdt@depth20", "btcusdt@bookTicker", "ethusdt@bookTicker"];
const limitBytes = 65_536;
/** About 7 MB in all, more than the kernel holds for a connection that nobody reads. */
const count = 220;

/** More than the limit and what the kernel may have found room for meanwhile: about 150 kB of the shortest kind. */
const quoteCount = 2000;

interface Scene {
  readonly books: Books;
  readonly slow: Client;
  readonly publisher: Client;
  readonly port: number;
}

/**
 * A subscriber that stops reading, beside one that reads on, while more is published than buffers hold. Returns
 * when the server has handled all of it and the healthy one has all of it.
 */
async function overload(context: Context, policy: SlowConsumerPolicy, broadcast: Broadcast): Promise<Scene> {
  const { port } = await context.start({
    SLOW_CONSUMER: policy,
    BACKPRESSURE_LIMIT_BYTES: String(limitBytes),
  });
  const books = booksFor(context.candidate);
  const slow = await subscriber(context, streams, books.codec, port);
  const healthy = await subscriber(context, streams, books.codec, port);
  const publisher = await context.open(`/publish?broadcast=${broadcast}`, port);
  slow.socket.pause();
  for (let n = 0; n < count; n++) {
    books.publish(publisher, n);
    // One at a time, so that the healthy one is never behind.
    expect(books.sequenceOf(await healthy.message())).toBe(n);
  }
  await settled(publisher);
  return { books, slow, publisher, port };
}

/**
 * Reads books until something else or an error comes. They come in order, the first at once and not all of them. Behind the
 * first that was skipped others may follow: a runtime that offers the kernel its backlog again finds room now and then.
 */
async function readBooks(books: Books, client: Client): Promise<Message | Error> {
  for (let read = 0, last = -1; ; read++) {
    const message = await client.message().catch((error: Error) => error);
    if (message instanceof Error || message.bytes.length !== books.bytes) {
      expect(read).toBeGreaterThan(0);
      expect(read).toBeLessThan(count);
      return message;
    }
    const n = books.sequenceOf(message);
    if (read === 0) expect(n).toBe(0);
    expect(n).toBeGreaterThan(last);
    last = n;
  }
}

async function openConnections(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  return ((await response.json()) as { openConnections: number }).openConnections;
}

function disconnects(broadcast: Broadcast): Case {
  return {
    id: `slow/disconnect-${broadcast}`,
    when: (candidate) => candidate.broadcast.includes(broadcast),
    async run(context) {
      const { books, slow, port } = await overload(context, "disconnect", broadcast);
      expect(await openConnections(port)).toBe(2);
      slow.socket.resume();
      expect(await readBooks(books, slow)).toEqual(new Error("connection ended"));
    },
  };
}

function drops(broadcast: Broadcast): Case {
  return {
    id: `slow/drop-${broadcast}`,
    when: (candidate) => candidate.broadcast.includes(broadcast),
    async run(context) {
      const { books, slow, publisher } = await overload(context, "drop", broadcast);
      slow.socket.resume();
      // An answer to the slow one itself comes behind all that was waiting for it.
      slow.text('{"method":"LIST_SUBSCRIPTIONS","id":1}');
      expect(await readBooks(books, slow)).toMatchObject({ isText: true });
      books.publish(publisher, count);
      expect(books.sequenceOf(await slow.message())).toBe(count);
    },
  };
}

function conflates(broadcast: Broadcast): Case {
  return {
    id: broadcast === "send" ? "slow/conflate" : `slow/conflate-${broadcast}`,
    when: (candidate) => candidate.broadcast.includes(broadcast),
    async run(context) {
      const { books, slow, publisher } = await overload(context, "conflate", broadcast);
      for (let n = 0; n < quoteCount; n++)
        publish(publisher, books.codec, quote(n, n % 2 === 0 ? "BTCUSDT" : "ETHUSDT"), n);
      await settled(publisher);
      slow.socket.resume();
      let message = await readBooks(books, slow);
      // Of all quotes the newest of each symbol is left at the end; older ones had room now and then, if any.
      const newest = new Map<string, number>();
      let quotes = 0;
      const whole = () =>
        newest.get("BTCUSDT") === quoteCount - 2 && newest.get("ETHUSDT") === quoteCount - 1;
      while (!whole()) {
        if (message instanceof Error) throw message;
        const { n } = read(message);
        const symbol = n % 2 === 0 ? "BTCUSDT" : "ETHUSDT";
        expect(read(message).message).toEqual(quote(n, symbol));
        expect(n).toBeGreaterThan(newest.get(symbol) ?? -1);
        newest.set(symbol, n);
        quotes += 1;
        if (!whole()) message = await slow.message();
      }
      expect(quotes).toBeLessThan(quoteCount);
      publish(publisher, books.codec, quote(quoteCount), quoteCount);
      expect(read(await slow.message()).n).toBe(quoteCount);
    },
  };
}

export const slowCases: readonly Case[] = [
  ...broadcasts.flatMap((broadcast) => [disconnects(broadcast), drops(broadcast)]),
  ...(["send", "coalesced"] as const).map((broadcast) => conflates(broadcast)),
  {
    id: "slow/native-cannot-conflate",
    when: (candidate) => candidate.broadcast.includes("native"),
    async run(context) {
      const { port } = await context.start({ SLOW_CONSUMER: "conflate" });
      expect((await context.dial(port).request("/publish?broadcast=native")).status).toBe(400);
    },
  },
];
