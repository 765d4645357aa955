import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type ControlReply, controlError, controlReply, parseControl, pushRequest } from "./control.ts";

describe("requests", () => {
  test.each([
    '{"method":"SUBSCRIBE","params":["btcusdt@trade","btcusdt@depth@100ms"],"id":1}',
    '{"method":"UNSUBSCRIBE","params":["btcusdt@bookTicker"],"id":"a-1"}',
    '{"method":"LIST_SUBSCRIPTIONS","id":null}',
  ])("%s", (text) => {
    expect(parseControl(text)).toEqual(JSON.parse(text));
  });
});

describe("a bad request gets the exchange's error with its own id", () => {
  test.each([
    ["{", 3, null, "Invalid JSON"],
    ["[]", 2, null, "Invalid request"],
    ['{"method":"SUBSCRIBE","params":["a@trade"]}', 2, null, "id"],
    ['{"method":"SUBSCRIBE","params":["a@trade"],"id":-1}', 2, null, "id"],
    ['{"method":"PING","id":4}', 2, 4, "method"],
    ['{"method":"SUBSCRIBE","id":4}', 2, 4, "params"],
    ['{"method":"SUBSCRIBE","params":"a@trade","id":4}', 2, 4, "params"],
    ['{"method":"SUBSCRIBE","params":[],"id":4}', 2, 4, "params"],
    ['{"method":"SUBSCRIBE","params":["trade"],"id":4}', 2, 4, "params.0"],
    ['{"method":"SUBSCRIBE","params":["a\\"b@trade"],"id":4}', 2, 4, "params.0"],
    ['{"method":"LIST_SUBSCRIPTIONS","id":4,"extra":1}', 2, 4, "extra"],
  ])("%s", (text, code, id, part) => {
    const reply = controlError.parse(parseControl(text));
    expect(reply.error.code).toBe(code);
    expect(reply.error.msg).toContain(part);
    expect(reply.id).toBe(id);
  });

  test("any JSON value is a request or an error that can be sent", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const outcome = parseControl(text);
        expect("error" in outcome && controlReply.safeParse(outcome).success).toBe(true);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

const replies: ControlReply[] = [
  { result: null, id: 1 },
  { result: ["btcusdt@trade"], id: "x" },
  { error: { code: 2, msg: "no" }, id: null },
];
test.each(replies)("reply %j", (reply) => {
  expect(controlReply.parse(reply)).toEqual(reply);
});

test("push", () => {
  const request = { count: 1000, bytes: 64, codec: "raw", seed: 7 };
  expect(pushRequest.safeParse(request).success).toBe(true);
  for (const bad of [
    { count: 0 },
    { bytes: 7 },
    { codec: "xml" },
    { seed: -1 },
    { seed: 2 ** 32 },
    { more: 1 },
  ])
    expect(pushRequest.safeParse({ ...request, ...bad }).success).toBe(false);
});
