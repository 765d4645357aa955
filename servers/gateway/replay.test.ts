import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodeJson } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import type { MarketMessage } from "../../schemas/market.ts";
import { nodeBuffer } from "./market.ts";
import { ReplayBuffer } from "./replay.ts";

const books = "btcusdt@depth20";
const quotes = "btcusdt@bookTicker";

const message = (stream: string): MarketMessage =>
  stream === books
    ? { kind: "depthSnapshot", stream, data: { lastUpdateId: 1, bids: [["1.00", "2.00"]], asks: [] } }
    : {
        kind: "bookTicker",
        stream,
        data: { u: 1, s: "BTCUSDT", b: "1.50", B: "2.00", a: "1.60", A: "3.00" },
      };

const text = (n: number, stream: string) => encodeJson(message(stream), n);
const numbers = (kept: readonly { readonly n: number }[] | null) => kept?.map(({ n }) => n) ?? null;

test("a bounded buffer gives what a list of everything gives, or says that some of it is gone", () => {
  const published = fc.array(
    fc.record({ snapshot: fc.boolean(), jump: fc.constantFrom(0, 0, 0, 0, 0, 3, -2) }),
    {
      maxLength: 30,
    },
  );
  const bounds = fc.record({
    messages: fc.integer({ min: 1, max: 8 }),
    bytes: fc.integer({ min: 50, max: 900 }),
  });
  fc.assert(
    fc.property(published, bounds, fc.integer({ min: 0, max: 40 }), (steps, bound, from) => {
      const buffer = new ReplayBuffer(bound);
      let run: { n: number; stream: string; bytes: number }[] = [];
      let n = 4;
      for (const { snapshot, jump } of steps) {
        n = Math.max(0, n + 1 + jump);
        const stream = snapshot ? books : quotes;
        const data = text(n, stream);
        if (run.length === 0 || n !== run.at(-1)!.n + 1) run = [];
        run.push({ n, stream, bytes: data.length });
        buffer.keep(stream, data, true);
      }
      let room = bound.bytes;
      const isKept = (one: (typeof run)[number], age: number) => {
        room -= one.bytes;
        return age < bound.messages && room >= 0;
      };
      const whole = [...run].reverse();
      const lost = whole.findIndex((one, age) => !isKept(one, age));
      const kept = (lost < 0 ? whole : whole.slice(0, lost)).reverse();
      const newest = run.at(-1)?.n ?? -1;
      const completeFrom = newest + 1 - kept.length;
      const asked = from >= completeFrom && from <= newest + 1 && run.length > 0;
      expect(numbers(buffer.since(from, [books, quotes]))).toEqual(
        asked ? numbers(kept.filter((one) => one.n >= from)) : null,
      );
      const snapshot = kept.findLast(({ stream }) => stream === books)?.n ?? newest + 1;
      expect(numbers(buffer.sinceSnapshot([books, quotes]))).toEqual(
        numbers(kept.filter((one) => one.n >= snapshot)),
      );
      expect(buffer.bytes).toBe(kept.reduce((sum, { bytes }) => sum + bytes, 0));
    }),
    { seed: 15, numRuns: 400 },
  );
});

test("other streams are left out, and count all the same", () => {
  const buffer = new ReplayBuffer({ messages: 3, bytes: 10_000 });
  for (const [n, stream] of [books, quotes, quotes, books].entries())
    buffer.keep(stream, text(n, stream), true);
  expect(numbers(buffer.since(1, [quotes]))).toEqual([1, 2]);
  expect(buffer.since(0, [quotes])).toBeNull();
});

test("binary is kept by its own sequence, in memory of its own", () => {
  const buffer = new ReplayBuffer({ messages: 3, bytes: 10_000 });
  const bytes = nodeBuffer(encodeSbe(message(quotes), 9));
  buffer.keep(quotes, bytes, false);
  const [kept] = buffer.since(9, [quotes])!;
  expect(kept!.data).toEqual(Buffer.from(bytes));
  bytes.fill(0);
  expect((kept!.data as Buffer)[0]).not.toBe(0);
});
