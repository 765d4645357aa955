import { expect } from "bun:test";
import type { Candidate } from "../../servers/manifest.ts";
import type { Client } from "./client.ts";
import type { Case, Context } from "./context.ts";
import { within } from "./deadline.ts";
import { closeCode, closePayload, encodeFrame, type Frame, opcodes } from "./frame.ts";

const endpoints = ["/echo", "/push", "/feed", "/publish"];

type Sender = (client: Client) => void | Promise<void>;

/** Whether the limit of a message is the program's to choose; one that is not may be so large that it tries the machine. */
const setsMaxPayload = ({ differences }: Candidate): boolean =>
  differences.every(({ option }) => option !== "maxPayloadBytes");

async function closeFrame(client: Client): Promise<Frame> {
  const frame = await client.frame("close frame");
  expect(frame.opcode).toBe(opcodes.close);
  expect(frame.masked).toBe(false);
  return frame;
}

/** Sends bytes that break the protocol; the server must fail the connection with `code` (RFC 6455 section 7.1.7). */
async function fails(context: Context, code: number, send: Sender, port?: number): Promise<void> {
  const client = await context.open("/echo", port);
  await send(client);
  expect(closeCode(await closeFrame(client))).toBe(code);
  await within("end of the connection", client.ended);
}

/** As `fails`, where the connection must end without an echo and a close frame is not insisted on. */
async function ends(context: Context, send: (client: Client) => void): Promise<void> {
  const client = await context.open("/echo");
  send(client);
  const outcome = await client.frame("end of the connection").catch((error: Error) => error.message);
  if (typeof outcome !== "string") expect(outcome.opcode).toBe(opcodes.close);
  await within("end of the connection", client.ended);
}

export const protocolCases: readonly Case[] = [
  {
    id: "control/ping-pong",
    async run(context) {
      for (const path of endpoints) {
        const client = await context.open(path);
        for (const payload of ["", "still there?", "x".repeat(125)]) {
          client.send(opcodes.ping, payload);
          const pong = await client.frame("pong");
          expect(pong.opcode).toBe(opcodes.pong);
          expect(pong.payload.toString()).toBe(payload);
        }
      }
    },
  },
  {
    id: "control/unsolicited-pong",
    async run(context) {
      const client = await context.open("/echo");
      client.send(opcodes.pong, "nobody asked");
      client.text("next");
      expect((await client.frame()).payload.toString()).toBe("next");
    },
  },
  { id: "control/fragmented-ping", run: (c) => ends(c, (s) => s.send(opcodes.ping, "a", { fin: false })) },
  { id: "control/ping-of-126-bytes", run: (c) => ends(c, (s) => s.send(opcodes.ping, "x".repeat(126))) },
  {
    id: "close/by-client",
    async run(context) {
      for (const path of endpoints) {
        const client = await context.open(path);
        client.send(opcodes.close, closePayload(1000));
        expect(closeCode(await closeFrame(client))).toBe(1000);
        await within("end of the connection", client.ended);
      }
    },
  },
  {
    id: "close/by-client-with-code-and-reason",
    async run(context) {
      const client = await context.open("/echo");
      client.send(opcodes.close, closePayload(4001, "market closed"));
      expect(closeCode(await closeFrame(client))).toBe(4001);
    },
  },
  {
    id: "close/by-client-without-code",
    async run(context) {
      const client = await context.open("/echo");
      client.send(opcodes.close, "");
      await closeFrame(client);
      await within("end of the connection", client.ended);
    },
  },
  {
    id: "close/echo-before-close-is-delivered",
    async run(context) {
      const client = await context.open("/echo");
      // In one write, so that the server has read the close before it has answered the text.
      const text = encodeFrame(opcodes.text, Buffer.from("last words"));
      client.socket.write(Buffer.concat([text, encodeFrame(opcodes.close, closePayload(1000))]));
      expect((await client.message()).text).toBe("last words");
      await closeFrame(client);
    },
  },
  {
    id: "close/invalid-code",
    run: (c) => ends(c, (s) => s.send(opcodes.close, closePayload(1005))),
  },
  { id: "close/payload-of-one-byte", run: (c) => ends(c, (s) => s.send(opcodes.close, Buffer.from([3]))) },
  {
    id: "frame/unmasked",
    run: (c) => ends(c, (s) => s.send(opcodes.text, "not masked", { masked: false })),
  },
  {
    id: "frame/unmasked-1002",
    run: (c) => fails(c, 1002, (s) => s.send(opcodes.text, "x", { masked: false })),
  },
  { id: "frame/reserved-opcode", run: (c) => ends(c, (s) => s.send(0x3, "reserved")) },
  { id: "frame/reserved-opcode-1002", run: (c) => fails(c, 1002, (s) => s.send(0x3, "reserved")) },
  { id: "frame/reserved-control-opcode", run: (c) => ends(c, (s) => s.send(0xb, "reserved")) },
  ...[1, 2, 4].map(
    (rsv): Case => ({
      id: `frame/reserved-bit-${rsv}`,
      run: (c) => ends(c, (s) => s.send(opcodes.text, "bits", { rsv })),
    }),
  ),
  {
    id: "frame/reserved-bit-1002",
    run: (c) => fails(c, 1002, (s) => s.send(opcodes.text, "bits", { rsv: 2 })),
  },
  { id: "frame/continuation-of-nothing", run: (c) => ends(c, (s) => s.send(opcodes.continuation, "what")) },
  {
    id: "frame/new-message-inside-another",
    run: (c) =>
      ends(c, (s) => {
        s.send(opcodes.text, "first", { fin: false });
        s.send(opcodes.text, "second");
      }),
  },
  {
    id: "frame/length-above-63-bits",
    run: (c) => ends(c, (s) => void s.socket.write(Buffer.from("82ff80000000000000010000000007", "hex"))),
  },
  {
    id: "frame/invalid-utf8",
    run: (c) => ends(c, (s) => s.send(opcodes.text, Buffer.from([0x68, 0xc3, 0x28]))),
  },
  {
    id: "frame/invalid-utf8-1007",
    run: (c) => fails(c, 1007, (s) => s.send(opcodes.text, Buffer.from([0x68, 0xc3, 0x28]))),
  },
  {
    id: "frame/invalid-utf8-surrogate",
    run: (c) => ends(c, (s) => s.send(opcodes.text, Buffer.from([0xed, 0xa0, 0x80]))),
  },
  {
    id: "frame/invalid-utf8-across-fragments",
    run: (c) =>
      ends(c, (s) => {
        s.send(opcodes.text, Buffer.from([0xe5, 0xb8]), { fin: false });
        s.send(opcodes.continuation, Buffer.from([0x41]));
      }),
  },
  {
    id: "frame/oversized-1009",
    run: (c) =>
      fails(c, 1009, (s) => {
        const claimedLength = c.ready.options.maxPayloadBytes + 1;
        s.send(opcodes.binary, Buffer.alloc(1024), { claimedLength });
      }),
  },
  {
    id: "frame/oversized-in-fragments-1009",
    when: setsMaxPayload,
    run: (c) =>
      fails(c, 1009, async (s) => {
        s.send(opcodes.binary, Buffer.alloc(c.ready.options.maxPayloadBytes - 10), { fin: false });
        s.send(opcodes.ping, "read it?");
        // The rest comes alone and whole: were bytes left unread at the close, the close could turn into a reset.
        expect((await s.frame("pong")).opcode).toBe(opcodes.pong);
        s.send(opcodes.continuation, Buffer.alloc(11));
      }),
  },
  {
    id: "frame/oversized-in-fragments-of-one-read-1009",
    when: setsMaxPayload,
    async run(context) {
      const maxPayloadBytes = 1024;
      const { port } = await context.start({ MAX_PAYLOAD_BYTES: String(maxPayloadBytes) });
      const first = encodeFrame(opcodes.binary, Buffer.alloc(maxPayloadBytes / 2), { fin: false });
      const second = encodeFrame(opcodes.continuation, Buffer.alloc(maxPayloadBytes / 2 + 1));
      // One write of less than a segment, so that the server cannot but read both at once.
      await fails(context, 1009, (s) => void s.socket.write(Buffer.concat([first, second])), port);
    },
  },
  {
    id: "frame/largest-allowed",
    when: setsMaxPayload,
    async run(context) {
      const client = await context.open("/echo");
      const bytes = Buffer.alloc(context.ready.options.maxPayloadBytes, 0xa5);
      client.binary(bytes);
      expect((await client.message()).bytes.equals(bytes)).toBe(true);
    },
  },
];
