import { expect, test } from "bun:test";
import fc from "fast-check";
import { slowConsumerPolicies } from "../../schemas/names.ts";
import type { SlowConsumerPolicy } from "../../schemas/ready.ts";
import { FakePeer } from "./fixtures/fake-peer.ts";
import { Subscriber } from "./subscriber.ts";
import { TurnEnd } from "./turn-end.ts";

const limitBytes = 1000;
const quotes = "btcusdt@bookTicker";
const trades = "btcusdt@trade";

function stuckSubscriber(policy: SlowConsumerPolicy): { peer: FakePeer; subscriber: Subscriber } {
  const peer = new FakePeer();
  peer.stuck = true;
  const subscriber = new Subscriber(peer, "json", policy, limitBytes);
  subscriber.deliver(trades, Buffer.alloc(999), false);
  subscriber.deliver(trades, Buffer.alloc(500), false);
  peer.sent.length = 0;
  return { peer, subscriber };
}

test("below the limit everything is sent, the message that passes it included", () => {
  const peer = new FakePeer();
  peer.stuck = true;
  const subscriber = new Subscriber(peer, "json", "disconnect", limitBytes);
  for (const size of [600, 399, 5000]) subscriber.deliver(trades, Buffer.alloc(size), false);
  expect(peer.sent.map((data) => data.length)).toEqual([600, 399, 5000]);
  expect(peer.terminated).toBe(false);
});

test("disconnect ends the connection at the limit", () => {
  const { peer, subscriber } = stuckSubscriber("disconnect");
  subscriber.deliver(trades, "late", true);
  expect(peer.terminated).toBe(true);
  expect(peer.sent).toEqual([]);
});

test("drop skips what comes at the limit and goes on when there is room", () => {
  const { peer, subscriber } = stuckSubscriber("drop");
  subscriber.deliver(trades, "lost", true);
  peer.flush();
  subscriber.deliver(trades, "seen", true);
  expect(peer.sent).toEqual(["seen"]);
  expect(peer.terminated).toBe(false);
});

test("conflate sends the newest quote of each symbol when the buffer drains, and no other kind", () => {
  const { peer, subscriber } = stuckSubscriber("conflate");
  subscriber.deliver(quotes, "btc 1", true);
  subscriber.deliver("ethusdt@bookTicker", "eth 1", true);
  subscriber.deliver(trades, "trade", true);
  subscriber.deliver(quotes, "btc 2", true);
  expect(peer.sent).toEqual([]);
  peer.flush();
  expect(peer.sent).toEqual(["btc 2", "eth 1"]);
  peer.flush();
  expect(peer.sent).toHaveLength(2);
});

test("a held quote leaves before a newer message, even when no drain was told", () => {
  const { peer, subscriber } = stuckSubscriber("conflate");
  subscriber.deliver(quotes, "held", true);
  peer.buffered = 0;
  subscriber.deliver(trades, "next", true);
  expect(peer.sent).toEqual(["held", "next"]);
});

test("a reply waits at the limit whatever the policy, and is never lost", () => {
  for (const policy of slowConsumerPolicies) {
    const { peer, subscriber } = stuckSubscriber(policy);
    subscriber.reply("first");
    subscriber.reply("second");
    expect(peer.sent).toEqual([]);
    peer.flush();
    expect(peer.sent).toEqual(["first", "second"]);
  }
});

test("a client that asks on and on without reading is cut off", () => {
  const { peer, subscriber } = stuckSubscriber("drop");
  for (let n = 0; n < 64; n++) subscriber.reply("reply");
  expect(peer.terminated).toBe(false);
  subscriber.reply("one too many");
  expect(peer.terminated).toBe(true);
});

test("conflate: whatever the order of sends and drains, the last quote arrives once and the order holds", () => {
  const step = fc.oneof(
    fc.constant("quote" as const),
    fc.constant("trade" as const),
    fc.constant("flush" as const),
    fc.constant("stick" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const peer = new FakePeer();
      const subscriber = new Subscriber(peer, "json", "conflate", 40);
      let n = 0;
      let lastQuote = "";
      for (const what of steps) {
        if (what === "flush") peer.flush();
        else if (what === "stick") peer.stuck = true;
        else {
          const data = `${what} ${String(n++).padStart(4, "0")}`;
          if (what === "quote") lastQuote = data;
          subscriber.deliver(what === "quote" ? quotes : trades, data, true);
        }
      }
      while (peer.buffered > 0) peer.flush();
      const sent = peer.sent.map(String);
      expect(new Set(sent).size).toBe(sent.length);
      if (lastQuote !== "") expect(sent).toContain(lastQuote);
      const order = sent.map((data) => data.slice(-4));
      expect(order).toEqual([...order].sort());
    }),
    { seed: 20_260 },
  );
});

test("what is deferred leaves at the turn's end, in order, behind nothing that came later, and joined by the peer", async () => {
  const peer = new FakePeer();
  const joined: number[] = [];
  Object.assign(peer, {
    coalesce(fill: () => void) {
      const before = peer.sent.length;
      fill();
      joined.push(peer.sent.length - before);
    },
  });
  const subscriber = new Subscriber(peer, "json", "disconnect", limitBytes);
  const turnEnd = new TurnEnd();
  for (const data of ["1", "2", "3"]) turnEnd.deliver(subscriber, trades, data, true);
  expect(peer.sent).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(peer.sent).toEqual(["1", "2", "3"]);
  turnEnd.deliver(subscriber, trades, "4", true);
  subscriber.reply("reply");
  turnEnd.deliver(subscriber, trades, "5", true);
  subscriber.deliver(trades, "6", true);
  expect(peer.sent.slice(3)).toEqual(["4", "reply", "5", "6"]);
  expect(joined).toEqual([3, 1, 1]);
});

test("what is deferred is held to the limit, and dropped with a socket that has closed", () => {
  const { peer, subscriber } = stuckSubscriber("disconnect");
  subscriber.defer(trades, "late", true);
  subscriber.defer(trades, "later", true);
  subscriber.flush();
  expect(peer.terminated).toBe(true);
  expect(peer.sent).toEqual([]);
  const open = new FakePeer();
  const leaving = new Subscriber(open, "json", "disconnect", limitBytes);
  leaving.defer(trades, "owed", true);
  leaving.end();
  leaving.flush();
  expect(open.sent).toEqual([]);
});
