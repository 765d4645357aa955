import { expect, test } from "bun:test";
import { BufferView } from "../load/buffer-view.ts";
import type { Connection, ConnectionSink } from "../load/connection.ts";
import { opcodes } from "../load/frame.ts";
import { UnsolicitedMessages } from "../load/unsolicited.ts";
import type { TrialContext } from "./context.ts";
import { Subscriptions } from "./subscribe.ts";

const context = { connectTimeoutMs: 1_000 } as TrialContext;

/** What a server sees of a subscriber, and how it answers. */
function subscriber(answerTo: (text: string) => readonly string[]) {
  const asked: string[] = [];
  const connection = {
    sink: {} as ConnectionSink,
    isClosed: false,
    sendText(text: string) {
      const { method, params } = JSON.parse(text) as { method: string; params: string[] };
      asked.push(`${method} ${params.join()}`);
      for (const answer of answerTo(text)) {
        const buffer = new BufferView(Buffer.from(answer));
        this.sink.message(opcodes.text, buffer, 0, buffer.bytes.length);
      }
    },
  };
  return { asked, connection: connection as unknown as Connection };
}

const agreement = JSON.stringify({ result: null, id: 1 });
const agrees = () => subscriber(() => [agreement]);
const follow = (subscribers: readonly { connection: Connection }[], unasked = new UnsolicitedMessages()) =>
  new Subscriptions(
    context,
    subscribers.map(({ connection }) => connection),
    unasked,
  );

test("a subscriber asks for what it does not hold, and gives up what it no longer takes", async () => {
  const all = [agrees(), agrees()];
  const subscriptions = follow(all);
  await subscriptions.follow({ streams: ["a", "b"] });
  await subscriptions.follow({ streams: ["a", "b"] });
  await subscriptions.follow({ streams: ["b", "c"] });
  expect(all.map(({ asked }) => asked)).toEqual([
    ["SUBSCRIBE a,b", "SUBSCRIBE c"],
    ["SUBSCRIBE a,b", "SUBSCRIBE c"],
  ]);
  const takes = (client: number, stream: string) => (client === 0 ? stream === "a" : stream !== "a");
  await subscriptions.follow({ streams: ["a", "d"], chosen: { streamOf: [], takes } });
  expect(all[0]?.asked.slice(2)).toEqual(["UNSUBSCRIBE b,c"]);
  expect(all[1]?.asked.slice(2)).toEqual(["SUBSCRIBE d", "UNSUBSCRIBE a"]);
  // What they hold differs by now.
  await subscriptions.follow({ streams: ["a", "d"] });
  expect(all[0]?.asked.slice(3)).toEqual(["SUBSCRIBE d"]);
  expect(all[1]?.asked.slice(4)).toEqual(["SUBSCRIBE a"]);
});

test("all must agree: one that does not, or is lost, ends it, and what was not asked for is no answer", async () => {
  const refuses = subscriber(() => [JSON.stringify({ error: { code: 2, msg: "no" }, id: 1 })]);
  await expect(follow([agrees(), refuses]).follow({ streams: ["a"] })).rejects.toThrow(
    /was answered with .*no/,
  );
  const closed = agrees();
  Object.assign(closed.connection, { isClosed: true });
  await expect(follow([agrees(), closed]).follow({ streams: ["a"] })).rejects.toThrow(/closed a subscriber/);
  const unasked = new UnsolicitedMessages();
  const greets = subscriber(() => ["hello", agreement]);
  await follow([greets], unasked).follow({ streams: ["a"] });
  expect(unasked.report?.first).toBe("hello");
});

test("one that agrees twice does not agree for another", async () => {
  const twice = subscriber(() => [agreement, agreement]);
  const silent = subscriber(() => []);
  const followed = new Subscriptions(
    { ...context, connectTimeoutMs: 50 },
    [twice.connection, silent.connection],
    new UnsolicitedMessages(),
  ).follow({ streams: ["a"] });
  await expect(followed).rejects.toThrow(/not answered within 50 ms/);
});
