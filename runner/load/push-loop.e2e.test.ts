import { expect, test } from "bun:test";
import fc from "fast-check";
import { rawTemplate, writeRawSequence } from "../../schemas/raw.ts";
import { connectAll } from "./connect-all.ts";
import { ExactCheck } from "./payload.ts";
import { runPush } from "./push-loop.ts";
import { rawShape } from "./shape.ts";

const noSink = { message(): void {} };
const count = 2_000;
/** The server here plays one batch and no other: batches keep their size. */
const batchNs = [0, Number.POSITIVE_INFINITY] as const;
const request = { count, bytes: 24, codec: "raw", seed: 1 } as const;

/** Plays one batch of `sequences` for each request; a negative one is that message with a wrong byte. */
function serverOf(sequences: readonly number[]) {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (incoming, server) => (server.upgrade(incoming) ? undefined : new Response()),
    websocket: {
      message(ws) {
        ws.cork(() => {
          const message = rawTemplate(24, 1);
          for (const sequence of sequences) {
            writeRawSequence(message, Math.abs(sequence));
            if (sequence < 0) message[20]! ^= 4;
            ws.send(message);
            if (sequence < 0) message[20]! ^= 4;
          }
          ws.send(JSON.stringify({ done: true, count }));
        });
      },
    },
  });
}

/** A batch with faults at chosen places, and what the ledger must say of it. */
function faulty(faults: readonly { at: number; kind: "drop" | "double" | "swap" | "spoil" }[]) {
  const batch = Array.from({ length: count }, (_, n) => n);
  const expected = { due: count, delivered: count, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
  // From the end, so that the places before stay what they are; two apart, so that no fault meets another.
  for (const { at, kind } of faults.toSorted((a, b) => b.at - a.at)) {
    if (kind === "drop") batch.splice(at, 1);
    if (kind === "double") batch.splice(at, 0, batch[at]!);
    if (kind === "swap") batch.splice(at, 2, batch[at + 1]!, batch[at]!);
    if (kind === "spoil") batch[at] = -batch[at]!;
    if (kind === "drop" || kind === "spoil") {
      expected.gaps += 1;
      expected.delivered -= 1;
    }
    if (kind === "double") expected.duplicates += 1;
    if (kind === "swap") expected.reorders += 1;
    if (kind === "spoil") expected.corrupt += 1;
  }
  return { batch, expected };
}

test("drops, doubles, swaps and spoilt bytes anywhere in a batch count as exactly that", async () => {
  const kind = fc.constantFrom("drop" as const, "double" as const, "swap" as const, "spoil" as const);
  const fault = fc.record({ at: fc.integer({ min: 1, max: count / 4 - 2 }).map((n) => 4 * n), kind });
  const faults = fc.uniqueArray(fault, { maxLength: 12, selector: ({ at }) => at });
  await fc.assert(
    fc.asyncProperty(faults, async (chosen) => {
      const { batch, expected } = faulty(chosen);
      const server = serverOf(batch);
      const target = { host: "127.0.0.1", port: server.port!, path: "/push" };
      const connections = await connectAll(1, target, () => noSink, { timeoutMs: 5_000 });
      const checkOf = () => new ExactCheck(rawShape(24, 1));
      const { ledger, latency, drained } = await runPush(
        connections,
        { request, checkOf, batchNs },
        1,
        5_000,
      );
      const batches = ledger.due / count;
      expect(drained).toBe(true);
      expect(batches).toBeGreaterThanOrEqual(2);
      for (const [name, each] of Object.entries(expected)) {
        const value = ledger[name as keyof typeof expected];
        expect(`${name} ${value}`).toBe(`${name} ${batches * each}`);
      }
      expect(latency.total).toBe(ledger.delivered);
      connections[0]!.terminate();
      await server.stop(true);
    }),
    { seed: 1, numRuns: 25 },
  );
});

test("what comes after the account of a window is closed is in its later part", async () => {
  const answered: Bun.ServerWebSocket<undefined>[] = [];
  const batch = Array.from({ length: count }, (_, n) => n);
  const last = rawTemplate(24, 1);
  writeRawSequence(last, count - 1);
  const again = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (incoming, own) => (own.upgrade(incoming) ? undefined : new Response()),
    websocket: {
      message(ws) {
        answered.push(ws);
        ws.cork(() => {
          const message = rawTemplate(24, 1);
          for (const sequence of batch) {
            writeRawSequence(message, sequence);
            ws.send(message);
          }
          ws.send(JSON.stringify({ done: true, count }));
        });
      },
    },
  });
  const arrived = Promise.withResolvers<void>();
  const checkOf = () => new ExactCheck(rawShape(24, 1));
  const target = { host: "127.0.0.1", port: again.port!, path: "/push" };
  const [connection] = await connectAll(1, target, () => noSink, { timeoutMs: 5_000 });
  const { ledger, later } = await runPush([connection!], { request, checkOf, batchNs }, 1, 5_000);
  expect(ledger).toMatchObject({ gaps: 0, duplicates: 0, corrupt: 0 });
  expect(later()).toMatchObject({ due: 0, corrupt: 0 });
  const { sink } = connection!;
  connection!.sink = {
    begin: () => sink.begin?.(),
    message: (...of) => {
      sink.message(...of);
      if (later().corrupt === 2) arrived.resolve();
    },
  };
  answered[0]!.send(last);
  answered[0]!.send(JSON.stringify({ done: true, count }));
  await arrived.promise;
  expect(later()).toMatchObject({ due: 0, delivered: 0, corrupt: 2 });
  expect(ledger.corrupt).toBe(0);
  connection!.terminate();
  await again.stop(true);
});
