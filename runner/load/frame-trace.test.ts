import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { SeenFrame } from "../../schemas/seen-frame.ts";
import { clientFrame, opcodes } from "./frame.ts";
import { FrameTrace } from "./frame-trace.ts";

function traced(most: number) {
  const frames: SeenFrame[] = [];
  let nowMs = 100;
  const trace = new FrameTrace(
    most,
    (some) => frames.push(...some),
    () => nowMs,
  );
  const tap = trace.tap();
  return { trace, tap, frames, at: (ms: number) => (nowMs = ms) };
}

const server = (first: number, payload: Uint8Array): Uint8Array => {
  const { length } = payload;
  const header = length < 126 ? [first, length] : [first, 126, length >> 8, length & 0xff];
  return new Uint8Array([...header, ...payload]);
};

describe("the frames of a trial", () => {
  test("are reported with direction, time, phase, opcode, length and the beginning of the payload", () => {
    const { trace, tap, frames, at } = traced(5);
    const sent = clientFrame(opcodes.text, Buffer.from("hello\n"), 0x01020304);
    at(101.5);
    tap.sent(new Uint8Array([9, ...sent, 9]), 1, 1 + sent.length);
    trace.phase = "verify";
    at(103);
    tap.received(server(0x02, new Uint8Array([1, 255])));
    tap.received(server(0x88, new Uint8Array([0x03, 0xe8, 0x62, 0x79, 0x65])));
    tap.received(server(0x89, new Uint8Array()));
    trace.flush();
    const base = { connection: 0, final: true };
    expect(frames).toEqual([
      { ...base, direction: "sent", atMs: 1.5, phase: "connect", opcode: 1, bytes: 6, payload: "hello?" },
      {
        ...base,
        ...{
          direction: "received",
          atMs: 3,
          phase: "verify",
          opcode: 2,
          final: false,
          bytes: 2,
          payload: "01ff",
        },
      },
      { ...base, direction: "received", atMs: 3, phase: "verify", opcode: 8, bytes: 5, payload: "1000 bye" },
      { ...base, direction: "received", atMs: 3, phase: "verify", opcode: 9, bytes: 0, payload: "" },
    ]);
  });

  test("are the same however the bytes are cut", () => {
    const stream = Buffer.concat(
      [0, 3, 125, 126, 300, 70].map((length) => server(0x82, new Uint8Array(length).fill(length & 0xff))),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const { trace, tap, frames } = traced(100);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        for (const [i, edge] of edges.slice(1).entries()) tap.received(stream.subarray(edges[i], edge));
        trace.flush();
        expect(frames.map(({ bytes }) => bytes)).toEqual([0, 3, 125, 126, 300, 70]);
        expect(frames[1]?.payload).toBe("030303");
      }),
    );
  });

  test("are so many of each phase and direction, and each connection has its number", () => {
    const { trace, tap, frames } = traced(2);
    const other = trace.tap();
    const frame = server(0x81, Buffer.from("x"));
    for (let i = 0; i < 4; i += 1) tap.received(frame);
    const sent = clientFrame(opcodes.binary, Buffer.from("y"), 7);
    other.sent(sent, 0, sent.length);
    trace.phase = "measure";
    other.received(frame);
    trace.flush();
    expect(frames.map((f) => [f.phase, f.direction, f.connection])).toEqual([
      ["connect", "received", 0],
      ["connect", "received", 0],
      ["connect", "sent", 1],
      ["measure", "received", 1],
    ]);
  });
});
