import { expect, test } from "bun:test";
import { type Look, type Stopped, stoppedSubscriber } from "./stopped.ts";

// Quotes of two symbols in turn, of 100 bytes each, due a millisecond apart; the others have all that was sent.
const streams = ["a@bookTicker", "b@bookTicker"];
const count = 100;
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const look = (others: number, kernelBytes: number | null, isEstablished = true): Look => ({
  othersMin: others,
  othersMax: others,
  kernelBytes,
  isEstablished,
});

function stopped(arrivals: readonly number[], more: Partial<Stopped> = {}): Stopped {
  return {
    wireBytes: new Float64Array(count).fill(100),
    streamOf: (n) => streams[n % 2]!,
    isQuote: () => true,
    dueNs: (n) => n * 1e6,
    arrivals,
    // It reads nothing between the 10th and the 80th millisecond.
    arrivedNs: arrivals.map((n) => (n < 10 || n >= 80 ? n : 80) * 1e6),
    corrupt: 0,
    readBefore: 10,
    looks: [look(10, 0), look(40, 500), look(80, 500)],
    silentFrom: 80,
    closeCode: null,
    leavesOut: true,
    conflates: false,
    ...more,
  };
}

test("bytes held are those sent, less those read and those in the kernel", () => {
  // Ten were read, five are in the kernel: the 36th is the first that the server leaves out, with 20 waiting.
  const told = stoppedSubscriber(stopped([...numbers(0, 35), ...numbers(80, count)]));
  expect(told).toMatchObject({ struck: true, missing: 45, missingIdle: 0, reorders: 0 });
  expect(told.queuedBytes).toEqual({ low: 2000, high: 2000 });
  expect(told.owedBytesMax).toBe(80 * 100 - 1000 - 500);
});

test("a cut is dated by the looks on both of its sides, and its end is no hole", () => {
  const looks = [look(10, 0), look(40, 500), look(44, null, false)];
  const told = stoppedSubscriber(stopped(numbers(0, 15), { looks, closeCode: 1006, leavesOut: false }));
  expect(told).toMatchObject({ struck: true, missing: 0, closeCode: 1006, conflated: 0 });
  expect(told.queuedBytes).toEqual({ low: 4000 - 1000 - 500, high: 4400 - 1000 - 500 });
});

test("where the kernel reports nothing no bytes are reported", () => {
  const told = stoppedSubscriber(
    stopped([...numbers(0, 35), ...numbers(80, count)], { looks: [look(40, null)] }),
  );
  expect([told.queuedBytes, told.owedBytesMax, told.kernelBytes]).toEqual([null, null, null]);
});

test("what is left out when nothing waits is told as such", () => {
  const told = stoppedSubscriber(stopped([...numbers(0, 35), ...numbers(80, 90), ...numbers(95, count)]));
  expect(told).toMatchObject({ missing: 50, missingIdle: 5 });
});

test("conflation is newest-wins where the newest of each stream before the silence has come", () => {
  const conflates = { conflates: true };
  const newest = [...numbers(0, 35), 79, 78, ...numbers(80, count)];
  expect(stoppedSubscriber(stopped(newest, conflates))).toMatchObject({
    conflated: 2,
    stale: 0,
    reorders: 0,
  });
  // Quotes 35 and 36 are kept until there is room, and never replaced.
  const oldest = [...numbers(0, 37), ...numbers(80, count)];
  expect(stoppedSubscriber(stopped(oldest, conflates))).toMatchObject({ conflated: 2, stale: 2 });
  // Without conflation the same is out of order.
  expect(stoppedSubscriber(stopped(newest)).reorders).toBe(1);
});

test("a stream that goes back is out of order, whatever overtakes it", () => {
  const back = [...numbers(0, 35), 79, 77, 78, ...numbers(80, count)];
  expect(stoppedSubscriber(stopped(back, { conflates: true })).reorders).toBe(1);
  expect(stoppedSubscriber(stopped([0, 1, 1, 2])).duplicates).toBe(1);
});
