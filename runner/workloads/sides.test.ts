import { expect, test } from "bun:test";
import { encodeJson } from "../../schemas/codec/json.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { BufferView } from "../load/buffer-view.ts";
import type { Connection, ConnectionSink } from "../load/connection.ts";
import { opcodes } from "../load/frame.ts";
import { SentMessages, warmUpFrom } from "./sent-messages.ts";
import { attach, polled } from "./sides.ts";
import { accountOf, type Delivery } from "./subscriber.ts";

const payloads = [0, 1].map((n) => Buffer.from(encodeJson(typicalQuote, n)));
const deliveryOf = (firstCounted: number): Delivery => ({
  ...{ messages: new SentMessages("json", payloads), clock: () => 0, firstCounted },
  ...{ onArrival: () => undefined, sent: payloads.length, verifying: null },
  ...{ warmUpBegin: warmUpFrom, warmUpSent: warmUpFrom },
});

test("a window's books take the place of the last one's: of thousands of connections no second set is kept", () => {
  const connection = { sink: {} as ConnectionSink } as unknown as Connection;
  const receive = (n: number) => {
    const buffer = new BufferView(payloads[n]!);
    connection.sink.message(opcodes.text, buffer, 0, buffer.bytes.length);
  };
  const [first] = attach([connection], deliveryOf(0));
  receive(1);
  receive(1);
  expect(accountOf([first!])).toMatchObject({ due: 2, delivered: 1, gaps: 1, duplicates: 1 });

  const arrived: number[] = [];
  const [second] = attach([connection], { ...deliveryOf(1), onArrival: (n) => arrived.push(n) });
  expect(second).toBe(first!);
  expect(accountOf([second!])).toMatchObject({ due: 2, delivered: 0, gaps: 2, duplicates: 0 });
  receive(0);
  receive(1);
  expect(arrived).toEqual([1]);
  expect(accountOf([second!])).toMatchObject({ due: 2, delivered: 2, gaps: 0 });
  expect(accountOf([second!], (one, into) => one.settleCounted(into, 2))).toMatchObject({
    due: 1,
    delivered: 1,
  });
});

test("what is waited for where nothing is timed is asked a thousand times a second at most, and not after its limit", async () => {
  let asked = 0;
  const beganNs = Bun.nanoseconds();
  const never = (): boolean => {
    asked += 1;
    return false;
  };
  expect(await polled(never, 20)).toBe(false);
  expect(asked).toBeGreaterThan(1);
  expect(asked).toBeLessThanOrEqual((Bun.nanoseconds() - beganNs) / 0.5e6 + 2);
  expect(await polled(() => true, 60_000)).toBe(true);
});
