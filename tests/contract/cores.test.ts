import { afterAll, expect, test } from "bun:test";
import { attribute } from "../../runner/process/attribution.ts";
import { treePids } from "../../runner/process/listeners.ts";
import { statOf } from "../../runner/process/procfs.ts";
import { candidates } from "../../servers/manifest.ts";
import { Context } from "./context.ts";
import { within } from "./deadline.ts";
import { closeCode, opcodes } from "./frame.ts";
import { publish, quote, read, settled, subscriber } from "./market.ts";
import { killAll, start } from "./process.ts";
import { whyUnavailable } from "./runtime.ts";

afterAll(killAll);

/** So many that they are not all with the publisher's process, whichever way connections are shared out. */
const subscribers = 16;
const messages = 20;
const stream = quote(0).stream ?? "";
const several = candidates.filter(({ lacks }) => lacks?.cores === undefined);

for (const candidate of several) {
  test.skipIf(whyUnavailable(candidate) !== null)(
    `${candidate.id} in two processes brings every message to the subscribers of both, and ends with both`,
    async () => {
      const server = await start(candidate, { SERVER_CORES: "2" });
      const context = new Context(candidate, server);
      try {
        expect(server.ready.options.processes).toBe(2);
        const tree = treePids(server.pid);
        expect(tree).toHaveLength(3);
        const { port, pid: told } = server;
        const found = attribute({ host: "127.0.0.1", port, startedPid: told, isOurs: true });
        expect(found).toEqual({ known: true, pid: told, followed: false });
        const all = await Promise.all(
          Array.from({ length: subscribers }, () => subscriber(context, [stream])),
        );
        for (const broadcast of candidate.broadcast) {
          for (const mode of ["passthrough", "transcode"]) {
            const publisher = await context.open(`/publish?broadcast=${broadcast}&mode=${mode}`);
            for (let n = 0; n < messages; n++) publish(publisher, "json", quote(n), n);
            await settled(publisher);
            for (const client of all) {
              for (let n = 0; n < messages; n++) expect(read(await client.message()).n).toBe(n);
            }
          }
        }
        server.signal("SIGTERM");
        for (const client of all) {
          const frame = await client.frame("close");
          expect([frame.opcode, closeCode(frame)]).toEqual([opcodes.close, 1001]);
        }
        expect(await within("the server's end", server.exited)).toBe(0);
        expect(tree.filter((pid) => statOf(pid) !== null)).toEqual([]);
      } finally {
        await context.end();
        await server.stop();
      }
    },
    60_000,
  );
}

test("a subscriber resumes at either process what a publisher left at one", async () => {
  const candidate = several.find(({ id }) => id === "bun/serve")!;
  const server = await start(candidate, { SERVER_CORES: "2" });
  const context = new Context(candidate, server);
  const publisher = await context.open("/publish?keep=on");
  const all = await Promise.all(Array.from({ length: subscribers }, () => subscriber(context, [stream])));
  for (let n = 0; n < messages; n++) publish(publisher, "json", quote(n), n);
  // What has reached all is kept at both.
  for (const client of all) for (let n = 0; n < messages; n++) await client.message();
  for (let again = 0; again < subscribers; again++) {
    const client = await context.open(`/feed?from=${messages - 1}`);
    await client.ask({ method: "SUBSCRIBE", params: [stream], id: 1 });
    expect(read(await client.message()).n).toBe(messages - 1);
  }
  await context.end();
  await server.stop();
}, 60_000);

test("a process that is lost ends the server, and one that was started alone says what starts several", async () => {
  const candidate = several.find(({ id }) => id === "bun/serve")!;
  const server = await start(candidate, { SERVER_CORES: "2" });
  const [, first = 0] = treePids(server.pid);
  process.kill(first, "SIGKILL");
  expect(await within("the server's end", server.exited)).toBe(1);
  const env = { PATH: process.env.PATH ?? "", SERVER_CORES: "2" };
  const alone = Bun.spawnSync([process.execPath, candidate.entry], { env });
  expect(alone.exitCode).toBe(2);
  expect(alone.stderr.toString()).toStartWith("SERVER_CORES: is for servers/gateway/cores.ts");
}, 60_000);
