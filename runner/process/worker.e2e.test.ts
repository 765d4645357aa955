import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { z } from "zod";
import { Children } from "./children.ts";
import { childEnv } from "./env.ts";
import { startWorker } from "./worker.ts";

setDefaultTimeout(30_000);

const reply = z.strictObject({ echo: z.unknown() });
let children: Children;

beforeEach(() => {
  children = new Children();
});

afterEach(async () => {
  const left = children.pids;
  await children.close();
  expect(left).toEqual([]);
});

function start(mode: string, onReply: (message: z.infer<typeof reply>) => void) {
  const result = startWorker<Readonly<Record<string, unknown>>, z.infer<typeof reply>>(
    {
      command: [process.execPath, `${import.meta.dir}/fixtures/child.ts`, mode],
      env: childEnv({}),
      cores: null,
    },
    children,
    (message) => reply.parse(message),
    onReply,
  );
  if (!result.ok) throw new Error(result.failure.reason);
  return result.worker;
}

test("messages go both ways, binary ones too", async () => {
  const hello = Promise.withResolvers<unknown>();
  const echoed = Promise.withResolvers<unknown>();
  const worker = start("worker", ({ echo }) => (echo === "hello" ? hello : echoed).resolve(echo));
  expect(await hello.promise).toBe("hello");
  expect(worker.send({ bytes: new Uint8Array([1, 2, 3]), big: 1n })).toBe(true);
  expect(await echoed.promise).toEqual({ bytes: new Uint8Array([1, 2, 3]), big: 1n });
  const stopped = await worker.stop(20_000);
  expect(stopped).toMatchObject({ exit: { signal: "SIGTERM" }, forced: false });
  expect(worker.send({})).toBe(false);
});

test("a message that breaks the schema ends the worker", async () => {
  const worker = start("bad-worker", () => {});
  const failure = await worker.lost;
  expect(failure).toMatchObject({ phase: "running", kind: "bad-message" });
  expect(failure.reason).toContain("nonsense");
  await worker.stop(1000);
});

test("a worker that dies is lost", async () => {
  const hello = Promise.withResolvers<unknown>();
  const worker = start("worker", hello.resolve);
  await hello.promise;
  process.kill(worker.pid, "SIGKILL");
  expect(await worker.lost).toMatchObject({ kind: "exited", exit: { code: null, signal: "SIGKILL" } });
});
