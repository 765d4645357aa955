import { expect, test } from "bun:test";
import { encodeJson } from "../../schemas/codec/json.ts";
import { decodeSbe } from "../../schemas/codec/sbe.ts";
import type { MarketMessage } from "../../schemas/market.ts";
import type { ServerOptions } from "../../schemas/ready.ts";
import type { Endpoint } from "./admission.ts";
import { Refusal } from "./admission.ts";
import { FakePeer } from "./fixtures/fake-peer.ts";
import { Gateway } from "./gateway.ts";
import type { Session } from "./peer.ts";

const options: ServerOptions = {
  compression: false,
  maxPayloadBytes: 1024,
  backpressureLimitBytes: 1_000_000,
  slowConsumer: "disconnect",
  idleTimeoutSeconds: 0,
  noDelay: true,
  utf8Validation: true,
  backlog: null,
  broadcast: ["send", "native"],
  replayMessages: 3,
  replayBytes: 1024,
};

const quote: MarketMessage = {
  kind: "bookTicker",
  stream: "btcusdt@bookTicker",
  data: { u: 1, s: "BTCUSDT", b: "1.50", B: "2.00", a: "1.60", A: "3.00" },
};
const subscribe = '{"method":"SUBSCRIBE","params":["btcusdt@bookTicker"],"id":1}';
const ok = '{"result":null,"id":1}';

function open(
  gateway: Gateway,
  endpoint: Endpoint,
  query: object = {},
): { session: Session; peer: FakePeer } {
  const session = gateway.admit(endpoint, query);
  if (session instanceof Refusal) throw new Error(session.message);
  const peer = new FakePeer();
  session.opened(peer);
  return { session, peer };
}

test.each([
  ["feed", { codec: "xml" }, 400, "codec: must be json or sbe"],
  ["publish", { mode: "teleport" }, 400, "mode: must be passthrough or transcode"],
  ["publish", { broadcast: "shout" }, 400, "broadcast: must be one of send, coalesced, native"],
  [undefined, {}, 404, "no such path"],
] as const)("%p with %p is refused", (endpoint, query, status, message) => {
  expect(new Gateway(options).admit(endpoint, query)).toEqual(new Refusal(status, message));
});

test("native is refused where the runtime has no publish, and where quotes must conflate", () => {
  const query = { broadcast: "native" };
  const loopOnly = new Gateway({ ...options, broadcast: ["send"] });
  expect(loopOnly.admit("publish", query)).toBeInstanceOf(Refusal);
  const conflating = new Gateway({ ...options, slowConsumer: "conflate" });
  expect(conflating.admit("publish", query)).toBeInstanceOf(Refusal);
  expect(conflating.admit("publish", {})).not.toBeInstanceOf(Refusal);
});

test("a passthrough hands the very bytes to subscribers of either codec", () => {
  const gateway = new Gateway(options);
  const feeds = (["json", "sbe"] as const).map((codec) => open(gateway, "feed", { codec }));
  for (const { session } of feeds) session.received(subscribe, true);
  const bytes = Buffer.from(encodeJson(quote, 5));
  open(gateway, "publish").session.received(bytes, true);
  for (const { peer } of feeds) {
    expect(peer.sent[0]).toBe(ok);
    expect(peer.sent[1]).toBe(bytes);
  }
});

test("a transcode encodes once a codec and keeps the sequence", () => {
  const gateway = new Gateway(options);
  const feeds = (["json", "sbe", "sbe"] as const).map((codec) => open(gateway, "feed", { codec }));
  for (const { session } of feeds) session.received(subscribe, true);
  const { session } = open(gateway, "publish", { mode: "transcode" });
  session.received(encodeJson(quote, 5), true);
  const [json, sbe, sameSbe] = feeds.map(({ peer }) => peer.sent[1]);
  expect(json).toBe(encodeJson(quote, 5));
  expect(decodeSbe(sbe as Buffer)).toEqual({ n: 5, message: quote });
  expect(sameSbe).toBe(sbe!);
});

test("a parsed text is routed like the text", () => {
  for (const mode of ["passthrough", "transcode"]) {
    const gateway = new Gateway(options);
    const feed = open(gateway, "feed");
    feed.session.parsed(JSON.parse(subscribe));
    open(gateway, "publish", { mode }).session.parsed(JSON.parse(encodeJson(quote, 5)));
    expect(feed.peer.sent[0]).toBe(ok);
    expect(JSON.parse(String(feed.peer.sent[1]))).toEqual({ n: 5, stream: quote.stream, data: quote.data });
  }
});

test("a native publish goes to the topic of the stream, or of stream and codec", () => {
  const gateway = new Gateway(options);
  const feed = open(gateway, "feed", { codec: "sbe" });
  feed.session.received(subscribe, true);
  expect([...feed.peer.joined]).toEqual(["btcusdt@bookTicker", "btcusdt@bookTicker|sbe"]);
  const text = encodeJson(quote, 5);
  const passing = open(gateway, "publish", { broadcast: "native" });
  passing.session.received(text, true);
  expect(passing.peer.published).toEqual([["btcusdt@bookTicker", text]]);
  const transcoding = open(gateway, "publish", { broadcast: "native", mode: "transcode" });
  transcoding.session.received(text, true);
  expect(transcoding.peer.published.map(([topic]) => topic)).toEqual(["btcusdt@bookTicker|sbe"]);
  expect(feed.peer.sent).toEqual([ok]);
  feed.session.received(subscribe.replace("SUBSCRIBE", "UNSUBSCRIBE"), true);
  expect([...feed.peer.joined]).toEqual([]);
});

const rejected = (peer: FakePeer, at: number): unknown => JSON.parse(String(peer.sent[at])).error?.code;

test("a subscriber that resumes gets the answer, what it missed, and then what comes", () => {
  const gateway = new Gateway(options);
  const publisher = open(gateway, "publish", { keep: "on" });
  const texts = [0, 1, 2, 3].map((n) => encodeJson(quote, n));
  for (const text of texts.slice(0, 3)) publisher.session.received(text, true);
  const feed = open(gateway, "feed", { from: "1" });
  feed.session.received(subscribe, true);
  publisher.session.received(texts[3]!, true);
  expect(feed.peer.sent).toEqual([ok, texts[1]!, texts[2]!, texts[3]!]);
});

test("one that asks for what is gone is told so, and may begin at the latest snapshot", () => {
  const gateway = new Gateway(options);
  const publisher = open(gateway, "publish", { keep: "on" });
  for (let n = 0; n < 4; n += 1) publisher.session.received(encodeJson(quote, n), true);
  const feed = open(gateway, "feed", { from: "0" });
  feed.session.received(subscribe, true);
  expect(rejected(feed.peer, 0)).toBe(4);
  publisher.session.received(encodeJson(quote, 4), true);
  feed.session.received(subscribe, true);
  publisher.session.received(encodeJson(quote, 5), true);
  expect(feed.peer.sent.slice(1)).toEqual([ok, encodeJson(quote, 5)]);
});

test("what is not published with keep=on is not kept, and transcoded messages cannot be", () => {
  const gateway = new Gateway(options);
  open(gateway, "publish").session.received(encodeJson(quote, 0), true);
  const feed = open(gateway, "feed", { from: "0" });
  feed.session.received(subscribe, true);
  expect(rejected(feed.peer, 0)).toBe(4);
  expect(gateway.admit("publish", { keep: "on", mode: "transcode" })).toBeInstanceOf(Refusal);
  expect(gateway.admit("feed", { from: "soon" })).toEqual(
    new Refusal(400, "from: must be a sequence, or snapshot"),
  );
});

test("a subscriber that closed gets nothing more and is no longer counted", () => {
  const gateway = new Gateway(options);
  const feed = open(gateway, "feed");
  const publisher = open(gateway, "publish");
  feed.session.received(subscribe, true);
  expect(gateway.connections.size).toBe(2);
  feed.session.closed();
  publisher.session.received(encodeJson(quote, 5), true);
  expect(feed.peer.sent).toEqual([ok]);
  expect(gateway.connections.size).toBe(1);
});

test("closing all tells every socket and resolves with the last", async () => {
  const { connections } = new Gateway(options);
  await connections.closeAll(1001, "nobody there");
  const peers = [new FakePeer(), new FakePeer()];
  for (const peer of peers) connections.add(peer);
  const closed = connections.closeAll(1001, "bye");
  expect(peers.map(({ closedWith }) => closedWith)).toEqual([
    [1001, "bye"],
    [1001, "bye"],
  ]);
  let over = false;
  void closed.then(() => {
    over = true;
  });
  connections.delete(peers[0]!);
  await Promise.resolve();
  expect(over).toBe(false);
  connections.delete(peers[1]!);
  await closed;
});
