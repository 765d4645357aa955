import { BufferView } from "../../runner/load/buffer-view.ts";
import { Connection } from "../../runner/load/connection.ts";
import { acceptOf, HandshakeError, UpgradeReader } from "../../runner/load/handshake.ts";
import { FrameParser } from "../../runner/load/parser.ts";
import { ProtocolError } from "../../runner/load/protocol-error.ts";
import { TrialError } from "../../runner/load/trial-error.ts";
import { UnsolicitedMessages } from "../../runner/load/unsolicited.ts";
import type { TrialContext } from "../../runner/workloads/context.ts";
import { subscribeAll } from "../../runner/workloads/subscribe.ts";
import { CodecError } from "../../schemas/codec/error.ts";
import { decodeJson, encodeJson, jsonSequenceOf, jsonStreamOf } from "../../schemas/codec/json.ts";
import { decodeSbe, encodeSbe, sbeSequenceOf, sbeStreamOf } from "../../schemas/codec/sbe.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import type { Random } from "../../stats/random.ts";
import { answered, type Door, mustBe } from "./fuzz.ts";
import { chunks, joined, mutateBytes, mutateJson, noise, pick } from "./mutate.ts";

const quote = typicalQuote;
const text = new TextEncoder();

/** A frame as a server sends it: any opcode and bits, with an honest length unless it is changed later. */
function frame(random: Random): Uint8Array {
  const opcode = pick(random, [0, 1, 1, 2, 2, 8, 9, 10, 3]);
  const payload = pick<() => Uint8Array>(random, [
    () => text.encode(encodeJson(quote, random.below(100))),
    () => encodeSbe(quote, random.below(100)),
    () => noise(random, random.below(140)),
    () => noise(random, pick(random, [125, 126, 127, 65_535, 65_536])),
    () => joined(Uint8Array.of(3, 232), text.encode("bye")),
  ])();
  const first = (random.below(4) === 0 ? 0 : 0x80) | opcode | (random.below(20) === 0 ? 0x40 : 0);
  const mask = random.below(20) === 0 ? 0x80 : 0;
  const { length } = payload;
  const head =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((by) => (length >>> by) & 255)];
  return joined(Uint8Array.of(first, (head[0] ?? 0) | mask, ...head.slice(1)), payload);
}

function frames(random: Random): Uint8Array {
  const all = joined(...Array.from({ length: 1 + random.below(4) }, () => frame(random)));
  return random.below(3) === 0 ? all : mutateBytes(random, all);
}

const messageBytesMax = 1 << 20;

/** Frames into the parser, cut anywhere. */
const parserDoor: Door = {
  name: "frames",
  try(random) {
    let bytes = 0;
    const sink = {
      message: (_: number, __: BufferView, start: number, end: number) => {
        if (end < start || end - start > messageBytesMax)
          throw new Error(`a message of ${end - start} bytes`);
        bytes += end - start;
      },
    };
    const control = { ping: () => undefined, pong: () => undefined, closeFrame: () => undefined };
    const parser = new FrameParser(sink, control, {
      maxMessageBytes: messageBytesMax,
      utf8: random.below(2) === 0,
    });
    const sent = frames(random);
    answered([ProtocolError], () => {
      for (const chunk of chunks(random, sent)) parser.push(chunk);
    });
    if (bytes > sent.length) throw new Error(`${bytes} bytes of messages in ${sent.length} bytes of frames`);
  },
};

/** Payloads into what reads them without a parse, and into the decoders. */
const payloadDoor: Door = {
  name: "payloads",
  try(random) {
    const whole = random.below(2) === 0 ? text.encode(encodeJson(quote, 7)) : encodeSbe(quote, 7);
    const bytes =
      random.below(2) === 0
        ? mutateBytes(random, whole)
        : text.encode(
            JSON.stringify(mutateJson(random, { stream: "btcusdt@trade", data: { ...quote.data } })),
          );
    for (const n of [jsonSequenceOf(bytes, 0, bytes.length), sbeSequenceOf(bytes, 0, bytes.length)]) {
      if (!Number.isSafeInteger(n) || n < -1) throw new Error(`a sequence of ${n}`);
    }
    jsonStreamOf(bytes);
    sbeStreamOf(bytes);
    answered([CodecError], () => decodeJson(bytes));
    answered([CodecError], () => decodeSbe(bytes));
  },
};

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const request = { host: "127.0.0.1", port: 1, path: "/feed" };

function upgradeResponse(accept: string): Uint8Array {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    "",
    "",
  ];
  return text.encode(lines.join("\r\n"));
}

const handshakeDoor: Door = {
  name: "handshakes",
  try(random) {
    const reader = new UpgradeReader(request, key);
    const sent = joined(
      mutateBytes(random, upgradeResponse(acceptOf(key))),
      random.below(9) === 0 ? noise(random, 20_000) : frame(random),
    );
    answered([HandshakeError], () => {
      for (const chunk of chunks(random, sent)) {
        const done = reader.push(chunk);
        if (done === undefined) continue;
        if (done.rest < 0 || done.rest > chunk.length)
          throw new Error(`frames from ${done.rest} on of ${chunk.length} bytes`);
        return;
      }
    });
  },
};

/** Answers to SUBSCRIBE. */
const subscribeDoor: Door = {
  name: "control answers",
  async try(random) {
    const answers = [
      { result: null, id: 1 },
      { error: { code: 2, msg: "no" }, id: null },
      { result: ["btcusdt@trade"], id: 1 },
    ];
    const connection = {
      sink: {},
      closed: new Promise(() => undefined),
      sendText: () => undefined,
    } as unknown as Connection;
    const context = { connectTimeoutMs: 1 } as TrialContext;
    const asked = subscribeAll(context, [connection], ["btcusdt@trade"], new UnsolicitedMessages());
    for (let left = 1 + random.below(3); left > 0; left--) {
      const answer = text.encode(
        JSON.stringify(
          random.below(2) === 0 ? mutateJson(random, pick(random, answers)) : pick(random, answers),
        ),
      );
      const bytes = random.below(3) === 0 ? mutateBytes(random, answer) : answer;
      if (bytes.length > 0)
        connection.sink.message(1, new BufferView(Uint8Array.from(bytes)), 0, bytes.length);
    }
    try {
      await asked;
    } catch (error) {
      if (!(error instanceof TrialError)) throw error;
    }
  },
};

/** One in this many of the socket door's turns opens a socket: the others are free. */
const socketEvery = 25;

/** A real server that answers with what the others push, and a real connection to it. */
function socketDoor(): Door {
  let random: Random | null = null;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, chunk) {
        const drawn = random;
        if (drawn === null) return;
        const asked = /Sec-WebSocket-Key: (\S+)/.exec(chunk.toString())?.[1];
        if (asked !== undefined) {
          const honest = upgradeResponse(acceptOf(asked));
          socket.write(drawn.below(4) === 0 ? mutateBytes(drawn, honest) : honest);
        }
        socket.write(frames(drawn));
        if (drawn.below(3) === 0) socket.end();
      },
    },
  });
  let turn = 0;
  return {
    name: "sockets",
    async try(drawn) {
      if (turn++ % socketEvery !== 0) return;
      random = drawn;
      let connection: Connection | null = null;
      try {
        const options = {
          host: "127.0.0.1",
          port: server.port,
          path: "/feed",
          openTimeoutMs: 200,
          closeTimeoutMs: 100,
        };
        connection = await Connection.open(
          { ...options, maxMessageBytes: messageBytesMax },
          { message: () => undefined },
        );
        connection.sendText("hello");
        await connection.close();
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (!(error instanceof HandshakeError || error instanceof ProtocolError)) mustBe([Error], error);
      } finally {
        connection?.terminate();
      }
    },
    close: () => server.stop(true),
  };
}

/** What a server sends. */
export function serverDoors(): Door[] {
  return [parserDoor, payloadDoor, handshakeDoor, subscribeDoor, socketDoor()];
}
