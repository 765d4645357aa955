import { describe, expect, test } from "bun:test";
import type { Connection } from "./connection.ts";
import { EchoPeer, TimeRoom } from "./echo-peer.ts";
import { Histogram } from "./histogram.ts";
import { emptyCounts } from "./ledger.ts";
import { ExactCheck, type PayloadCheck } from "./payload.ts";
import { ServerFrames } from "./server-frames.ts";
import { rawShape } from "./shape.ts";

const shape = rawShape(64, 1);
const alone = { onIdle: () => undefined, isOthers: () => false };
const noConnection = { write: () => undefined } as unknown as Connection;

/** A check that takes its time, which is the generator's own and not the server's. */
class SlowCheck implements PayloadCheck {
  readonly #exact = new ExactCheck(shape);
  readonly #pass: () => void;

  constructor(pass: () => void) {
    this.#pass = pass;
  }

  sequenceOf(...message: Parameters<PayloadCheck["sequenceOf"]>): number {
    this.#pass();
    return this.#exact.sequenceOf(...message);
  }

  faultOf(...message: Parameters<PayloadCheck["faultOf"]>) {
    return this.#exact.faultOf(...message);
  }
}

describe("one connection of a closed loop, on a clock that the test moves", () => {
  for (const window of [1, 4, 32]) {
    test(`window ${window}: rate × (latency + turnaround) is the messages in flight`, () => {
      const serverNs = 9_000;
      const checkNs = 25;
      let nowNs = 1_000_000;
      const check = new SlowCheck(() => {
        nowNs += checkNs;
      });
      const peer = new EchoPeer(noConnection, { shape, window, check, clock: () => nowNs }, alone);
      const latency = new Histogram();
      const frames = new ServerFrames(shape, window * 80);
      peer.start(new Histogram());
      peer.mark(latency);
      const beganNs = nowNs;
      for (let turn = 0; turn < 100; turn++) {
        nowNs += serverNs;
        frames.number(0, window, turn * window);
        const { buffer, frameBytes } = frames;
        peer.begin();
        for (let i = 0; i < window; i++) peer.message(2, buffer, i * frameBytes + 2, (i + 1) * frameBytes);
        peer.end();
      }
      const rate = peer.arrived / (nowNs - beganNs);
      const turnaroundNs = peer.turnaroundNs / peer.turnarounds;
      expect(turnaroundNs).toBe(window * checkNs);
      expect(latency.meanNs).toBe(serverNs);
      expect(rate * (latency.meanNs + turnaroundNs)).toBeCloseTo(window, 6);
    });
  }

  test("frames taken many at a time have each the latency of its own send", () => {
    let nowNs = 0;
    const window = 24;
    const peer = new EchoPeer(noConnection, { shape, window, clock: () => nowNs }, alone);
    const latency = new Histogram();
    const frames = new ServerFrames(shape, window * 80);
    const { buffer, frameBytes } = frames;
    const answer = (atNs: number, first: number, count: number): number => {
      nowNs = atNs;
      frames.number(0, count, first);
      peer.begin();
      const end = peer.takeKnown(buffer.bytes, 0, count * frameBytes);
      peer.end();
      return end / frameBytes;
    };
    peer.start(latency);
    expect(answer(100, 0, 8)).toBe(8);
    expect(answer(300, 8, 8)).toBe(8);
    // Eight of the first send and eight that the first answer made room for.
    expect(answer(700, 16, 16)).toBe(16);
    expect(latency.total).toBe(32);
    expect(latency.meanNs).toBe((8 * 100 + 8 * 300 + 8 * 700 + 8 * 600) / 32);
    // What was never sent is not taken.
    expect(answer(800, 32, 28)).toBe(24);
    const books = emptyCounts();
    peer.settle(books);
    expect(books).toMatchObject({ delivered: 56, duplicates: 0, corrupt: 0 });
  });

  test("peers whose send times lie in one room have each its own, also when their rings begin anew", () => {
    let nowNs = 0;
    const window = 3;
    const times = new TimeRoom();
    const clock = () => nowNs;
    const frames = new ServerFrames(shape, window * 80);
    const { buffer, frameBytes } = frames;
    const pair = [1_000, 7_000].map((latencyNs) => {
      const peer = new EchoPeer(noConnection, { shape, window, clock }, { ...alone, times });
      return { peer, latencyNs, latency: new Histogram(), leftNs: 0 };
    });
    for (const one of pair) {
      one.leftNs = nowNs;
      one.peer.start(one.latency);
      nowNs += 100;
    }
    // Rings of 32 times, of which each send fills three: the tenth one begins anew.
    for (let turn = 0; turn < 25; turn++) {
      for (const one of pair) {
        nowNs = one.leftNs + one.latencyNs;
        frames.number(0, window, turn * window);
        one.peer.begin();
        for (let i = 0; i < window; i++)
          one.peer.message(2, buffer, i * frameBytes + 2, (i + 1) * frameBytes);
        one.leftNs = nowNs;
        one.peer.end();
      }
    }
    for (const { latency, latencyNs } of pair)
      expect([latency.total, latency.meanNs]).toEqual([75, latencyNs]);
  });
});
