import { expect, test } from "bun:test";
import { rawSequenceOf } from "../../schemas/fixtures/raw.ts";
import type { ServerOptions } from "../../schemas/ready.ts";
import { Connections } from "./connections.ts";
import { FakePeer } from "./fixtures/fake-peer.ts";
import { PushSession } from "./push.ts";

const options = { backpressureLimitBytes: 16 * 1024 * 1024 } as ServerOptions;
const highWaterBytes = 1024 * 1024;

/** A clock that moves by half a ms whenever it is read: the 2 ms of a slice are over after four runs of 64. */
function ticking(): () => number {
  let nowMs = 0;
  return () => {
    nowMs += 0.5;
    return nowMs;
  };
}

/** Has `effect` happen within each send. */
function onSend(peer: FakePeer, effect: () => void): void {
  const send = peer.send.bind(peer);
  peer.send = (...message) => {
    send(...message);
    effect();
  };
}

function open(clockMs = ticking()): { session: PushSession; peer: FakePeer } {
  const session = new PushSession(new Connections(), options, clockMs);
  const peer = new FakePeer();
  session.opened(peer);
  return { session, peer };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function ask(count: number, bytes: number): string {
  return JSON.stringify({ count, bytes, codec: "raw", seed: 1 });
}

test("gives way to other sockets after two milliseconds, and says done at last", async () => {
  const { session, peer } = open();
  session.received(ask(600, 64));
  expect(peer.sent).toHaveLength(0);
  await turn();
  expect(peer.sent).toHaveLength(256);
  await turn();
  expect(peer.sent).toHaveLength(512);
  await turn();
  expect(peer.sent).toHaveLength(601);
  expect(peer.sent.slice(0, 600).map((data) => rawSequenceOf(data as Buffer))).toEqual(
    Array.from({ length: 600 }, (_, n) => n),
  );
  expect(peer.sent[600]).toBe('{"done":true,"count":600}');
  await turn();
  expect(peer.sent).toHaveLength(601);
});

test("a slice is as long on a slow runtime, and holds fewer messages", async () => {
  let nowMs = 0;
  const { session, peer } = open(() => nowMs);
  onSend(peer, () => {
    nowMs += 0.05;
  });
  session.received(ask(1000, 64));
  await turn();
  expect(peer.sent).toHaveLength(64);
  await turn();
  expect(peer.sent).toHaveLength(128);
});

test("another session gets its turn between two slices", async () => {
  const [one, two] = [open(), open()];
  one.session.received(ask(600, 64));
  two.session.received(ask(600, 64));
  await turn();
  expect([one.peer.sent.length, two.peer.sent.length]).toEqual([256, 256]);
});

test("waits at the high-water mark and goes on when the socket has drained", async () => {
  const { session, peer } = open();
  peer.stuck = true;
  session.received(ask(100, 65_536));
  await turn();
  await turn();
  // 16 messages make the mark; the next is the one that asks for notice.
  expect(peer.sent).toHaveLength(17);
  peer.buffered = highWaterBytes * 0.75;
  session.drained();
  await turn();
  expect(peer.sent).toHaveLength(17);
  peer.flush();
  await turn();
  await turn();
  expect(peer.sent).toHaveLength(101);
});

test("stays below what the runtime would drop", async () => {
  const small = { backpressureLimitBytes: 100_000 } as ServerOptions;
  const session = new PushSession(new Connections(), small);
  const peer = new FakePeer();
  peer.stuck = true;
  session.opened(peer);
  session.received(ask(1000, 1000));
  await turn();
  expect(peer.buffered).toBeLessThanOrEqual(51_000);
});

test("stops at once when the socket closes", async () => {
  const { session, peer } = open();
  session.received(ask(1000, 64));
  await turn();
  session.closed();
  await turn();
  session.drained();
  await turn();
  expect(peer.sent).toHaveLength(256);
});

test("sends nothing more to a socket that a send found closed", async () => {
  const { session, peer } = open();
  onSend(peer, () => {
    if (peer.sent.length === 3) session.closed();
  });
  session.received(ask(3, 64));
  session.received(ask(1000, 64));
  await turn();
  await turn();
  expect(peer.sent).toHaveLength(3);
});

test("a request while another runs waits for its turn", async () => {
  const { session, peer } = open();
  session.received(ask(2, 8));
  session.parsed(JSON.parse(ask(1, 8)));
  await turn();
  const texts = peer.sent.map((data) => (typeof data === "string" ? data : rawSequenceOf(data)));
  expect(texts).toEqual([0, 1, '{"done":true,"count":2}', 0, '{"done":true,"count":1}']);
});
