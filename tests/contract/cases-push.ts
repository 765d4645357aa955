import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { rawSequenceOf } from "../../schemas/fixtures/raw.ts";
import { rawTemplate } from "../../schemas/raw.ts";
import type { Client, Message } from "./client.ts";
import type { Case, Context } from "./context.ts";
import { read } from "./market.ts";

type PushCodec = "json" | "sbe" | "raw";

function sequenceOf(codec: PushCodec, message: Message): number {
  return codec === "raw" ? rawSequenceOf(message.bytes) : read(message).n;
}

/** Reads a whole push: the sequence from 0, nothing missing, then `done`. Returns the last message. */
async function readPush(client: Client, codec: PushCodec, count: number): Promise<Message> {
  let last: Message | undefined;
  for (let n = 0; n < count; n++) {
    last = await client.message();
    expect(last.isText).toBe(codec === "json");
    expect(sequenceOf(codec, last)).toBe(n);
  }
  expect(JSON.parse((await client.message()).text)).toEqual({ done: true, count });
  return last!;
}

async function pushes(context: Context, codec: PushCodec, bytes: number, count: number): Promise<Message> {
  const client = await context.open("/push");
  client.text(JSON.stringify({ count, bytes, codec, seed: 42 }));
  return readPush(client, codec, count);
}

/** CPU time of a process in clock ticks, user and system: fields 14 and 15 of /proc/<pid>/stat. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

export const pushCases: readonly Case[] = [
  {
    id: "push/json",
    async run(context) {
      const last = await pushes(context, "json", 300, 1000);
      expect(last.bytes.length).toBeGreaterThanOrEqual(300);
    },
  },
  {
    id: "push/sbe",
    async run(context) {
      await pushes(context, "sbe", 64, 1000);
    },
  },
  {
    id: "push/raw",
    async run(context) {
      for (const bytes of [8, 64, 1000]) {
        const last = await pushes(context, "raw", bytes, 1000);
        expect(last.bytes.subarray(8).equals(rawTemplate(bytes, 42).subarray(8))).toBe(true);
      }
    },
  },
  {
    id: "push/more-than-the-buffers-hold",
    async run(context) {
      const client = await context.open("/push");
      client.socket.pause();
      client.text(JSON.stringify({ count: 200, bytes: 65_536, codec: "raw", seed: 7 }));
      // The server answers others while this one does not read.
      await pushes(context, "raw", 64, 10);
      client.socket.resume();
      await readPush(client, "raw", 200);
    },
  },
  {
    id: "push/messages-above-the-high-water-mark",
    async run(context) {
      const last = await pushes(context, "raw", 1_500_000, 4);
      expect(last.bytes.subarray(8).equals(rawTemplate(1_500_000, 42).subarray(8))).toBe(true);
    },
  },
  {
    id: "push/requests-one-after-another",
    async run(context) {
      const client = await context.open("/push");
      client.text('{"count":500,"bytes":64,"codec":"raw","seed":1}');
      client.text('{"count":300,"bytes":64,"codec":"json","seed":2}');
      client.text('{"count":2,"bytes":64,"codec":"sbe","seed":3}');
      await readPush(client, "raw", 500);
      await readPush(client, "json", 300);
      await readPush(client, "sbe", 2);
    },
  },
  {
    id: "push/bad-request",
    async run(context) {
      const client = await context.open("/push");
      const broken = [
        "not json",
        "{}",
        "7",
        '{"count":0,"bytes":64,"codec":"raw","seed":1}',
        '{"count":1,"bytes":7,"codec":"raw","seed":1}',
        '{"count":1,"bytes":64,"codec":"xml","seed":1}',
      ];
      for (const text of broken) {
        expect(await client.ask(text)).toEqual({
          error: { code: expect.any(Number), msg: expect.stringMatching(/./) },
          id: null,
        });
      }
      client.text('{"count":1,"bytes":64,"codec":"raw","seed":1}');
      await readPush(client, "raw", 1);
    },
  },
  {
    id: "push/stops-when-the-socket-closes",
    when: () => process.platform === "linux",
    async run(context) {
      const client = await context.open("/push");
      client.text('{"count":1000000000,"bytes":64,"codec":"raw","seed":1}');
      await client.message();
      client.socket.resetAndDestroy();
      // Without end a loop burns about 20 ticks in 200 ms; what a process does after its last socket is near 0.
      for (let attempt = 0; ; attempt++) {
        const before = cpuTicks(context.server.pid);
        await Bun.sleep(200);
        const ticks = cpuTicks(context.server.pid) - before;
        if (ticks <= 3) return;
        if (attempt === 5) throw new Error(`still ${ticks} CPU ticks in 200 ms after its socket has closed`);
      }
    },
  },
];
